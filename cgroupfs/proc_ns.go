package cgroupfs

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// The inode numbers of the namespaces that a machine boots with, which are the same on every machine.
// Source: include/linux/proc_ns.h (from 7.0 on include/uapi/linux/nsfs.h).
const (
	firstUserNamespace   = 0xEFFFFFFD
	firstPIDNamespace    = 0xEFFFFFFC
	firstCgroupNamespace = 0xEFFFFFFB
)

// FirstNamespaces are 1 where this process is in the user, PID and cgroup namespace that the machine has booted with, and
// 0 where it is in another, as in a container.
func FirstNamespaces() (user, pid, cgroup Figure) {
	return isNamespace("user", firstUserNamespace), isNamespace("pid", firstPIDNamespace), isNamespace("cgroup", firstCgroupNamespace)
}

// isNamespace reports whether this process is in the namespace of that number.
func isNamespace(kind string, number uint64) Figure {
	own := OwnNamespace(kind)
	n, known := own.Value()
	switch {
	case !known:
		return own
	case n == number:
		return Number(1)
	}
	return Number(0)
}

// OwnNamespace is the number of this process's namespace of a kind (pid, time, cgroup, user). Unsupported where the kernel
// has none of the kind: time namespaces came with Linux 5.6.
//
// namespaces(7): the inode number behind the link is the namespace's. It is unique as long as the namespace exists.
func OwnNamespace(kind string) Figure {
	path := "/proc/self/ns/" + kind
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return Without(stateOf(path, err))
	}
	return Number(s.Ino)
}

// OwnProc reports whether /proc shows the processes of this process's own PID namespace. After `unshare --pid --fork` alone
// it still shows those of the namespace that it was mounted in, under other numbers.
func OwnProc() (bool, error) {
	self, err := os.Readlink("/proc/self")
	if err != nil {
		return false, err
	}
	return self == strconv.Itoa(os.Getpid()), nil
}
