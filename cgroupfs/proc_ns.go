package cgroupfs

import "golang.org/x/sys/unix"

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
	return isNamespace("/proc/self/ns/user", firstUserNamespace), isNamespace("/proc/self/ns/pid", firstPIDNamespace),
		isNamespace("/proc/self/ns/cgroup", firstCgroupNamespace)
}

// isNamespace follows the link, as namespaces(7) has it: its inode number is the namespace's.
func isNamespace(path string, number uint64) Figure {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return Without(stateOf(path, err))
	}
	if s.Ino == number {
		return Number(1)
	}
	return Number(0)
}
