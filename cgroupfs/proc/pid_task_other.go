//go:build !amd64

package proc

func waitsForeverArch(Syscall) bool { return false }
