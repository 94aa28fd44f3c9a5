package proc

import "golang.org/x/sys/unix"

// waitsForeverArch handles the system calls that newer architectures no longer have.
func waitsForeverArch(c Syscall) bool {
	switch c.Number {
	case unix.SYS_PAUSE:
		return true
	case unix.SYS_EPOLL_WAIT:
		return int32(c.Args[3]) < 0
	case unix.SYS_POLL:
		return int32(c.Args[2]) < 0
	case unix.SYS_SELECT:
		return c.Args[4] == 0
	}
	return false
}

// pauses reports whether a system call waits for a signal alone.
func pauses(c Syscall) bool { return c.Number == unix.SYS_PAUSE }
