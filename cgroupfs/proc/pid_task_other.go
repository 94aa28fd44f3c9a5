//go:build !amd64

package proc

import "golang.org/x/sys/unix"

func waitsForeverArch(Syscall) bool { return false }

// pauses reports whether a system call waits for a signal alone. Here pause(2) is ppoll(2) without descriptors.
func pauses(c Syscall) bool { return c.Number == unix.SYS_PPOLL && c.Args[1] == 0 }
