package proc

import (
	"os"
	"path"
	"strings"
)

// Exe returns the base name of the program that a process runs, with links resolved: busybox for a shell started as sh. It
// is "" if it cannot be read, as for a kernel thread and a zombie. Source: proc_pid_exe(5).
func Exe(pid int) string {
	program, err := os.Readlink(Folder(pid) + "/exe")
	if err != nil {
		return ""
	}
	return path.Base(strings.TrimSuffix(program, " (deleted)"))
}
