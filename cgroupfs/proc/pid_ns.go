package proc

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// The inode numbers of the initial namespaces, in which a machine boots. They are the same on every machine. Source:
// include/linux/proc_ns.h; since Linux 7.0, include/uapi/linux/nsfs.h.
const (
	initialUserNamespace   = 0xEFFFFFFD
	initialPIDNamespace    = 0xEFFFFFFC
	initialCgroupNamespace = 0xEFFFFFFB
)

// InitialNamespaces returns, for the user, PID and cgroup namespace, 1 if this process is in the one in which the machine
// has booted, and 0 if it is in another one, as in a container.
func InitialNamespaces() (user, pid, cgroup figure.Figure) {
	return isNamespace("user", initialUserNamespace), isNamespace("pid", initialPIDNamespace), isNamespace("cgroup", initialCgroupNamespace)
}

// isNamespace returns 1 if this process is in the namespace with that inode number, and 0 if not.
func isNamespace(kind string, number uint64) figure.Figure {
	own := OwnNamespace(kind)
	switch n, ok := own.Value(); {
	case !ok:
		return own
	case n == number:
		return figure.Number(1)
	}
	return figure.Number(0)
}

// OwnNamespace returns the inode number of the namespace of a kind (pid, time, cgroup, user, …) that this process is in.
// The number is unique as long as the namespace exists. It is [figure.Unsupported] if the kernel has no such kind: time
// namespaces came with Linux 5.6. Source: namespaces(7).
func OwnNamespace(kind string) figure.Figure {
	path := "/proc/self/ns/" + kind
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return figure.Without(figure.StateOf(path, err))
	}
	return figure.Number(s.Ino)
}

// ShowsOwnNamespace reports whether /proc shows the PID namespace that this process is in. After `unshare --pid --fork`
// alone it does not: it shows the processes of the namespace in which it was mounted, under other PIDs.
func ShowsOwnNamespace() (bool, error) {
	self, err := os.Readlink("/proc/self")
	if err != nil {
		return false, err
	}
	return self == strconv.Itoa(os.Getpid()), nil
}

// PIDNamespaces returns the processes of this machine by the inode number of their PID namespace. Those that could not be read, or
// that have ended, are left out.
func PIDNamespaces() (map[uint64][]int, error) {
	all := map[uint64][]int{}
	err := eachPID(func(pid int) error {
		if n, ok := PIDNamespace(pid).Value(); ok {
			all[n] = append(all[n], pid)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the PID namespaces: %w", err)
	}
	return all, nil
}

// PIDNamespace returns the inode number of the PID namespace of a process. Source: namespaces(7).
func PIDNamespace(pid int) figure.Figure {
	path := fmt.Sprintf("/proc/%d/ns/pid", pid)
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return figure.Without(figure.StateOf(path, err))
	}
	return figure.Number(s.Ino)
}
