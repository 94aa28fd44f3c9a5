package proc

import "os"

// Cwd returns the working directory of a process, as the process sees it; "" if it cannot be read, as for a zombie. Source:
// proc_pid_cwd(5).
func Cwd(pid int) string {
	dir, err := os.Readlink(Folder(pid) + "/cwd")
	if err != nil {
		return ""
	}
	return dir
}
