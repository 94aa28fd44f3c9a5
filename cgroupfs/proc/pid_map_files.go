package proc

import (
	"os"

	"golang.org/x/sys/unix"
)

// OpenMapped opens a file that a process maps, also one that has been deleted or never had a name. It returns its path as the kernel
// writes it, with " (deleted)" after that of a deleted file. Source: proc_pid_map_files(5), since Linux 3.3. It takes CAP_SYS_ADMIN, or
// since Linux 5.9 CAP_CHECKPOINT_RESTORE.
func OpenMapped(pid int, m *Mapping) (f *RegularFile, path string, err error) {
	link := m.link(pid)
	if path, err = os.Readlink(link); err != nil {
		return nil, "", err
	}
	f, err = openLink(link)
	return f, path, err
}

// openLink opens the file that a link of the kernel in /proc leads to.
func openLink(link string) (*RegularFile, error) {
	fd, err := unix.Open(link, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return newRegularFile(fd)
}
