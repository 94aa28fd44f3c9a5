package proc

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// OpenMapped opens a file that a process maps, even if it has been deleted or never had a name. It returns its path as the kernel
// writes it, with " (deleted)" after that of a deleted file. The error is [ErrReplaced] if another file is mapped there by now. Source:
// proc_pid_map_files(5), since Linux 3.3. It takes CAP_SYS_ADMIN, or since Linux 5.9 CAP_CHECKPOINT_RESTORE.
func OpenMapped(pid int, m *Mapping) (f *RegularFile, path string, err error) {
	fd, path, err := openNamed(m.link(pid))
	if err != nil {
		return nil, "", err
	}
	const deleted = " (deleted)" // it may have been deleted since it was listed
	if strings.TrimSuffix(strings.ReplaceAll(path, "\n", `\012`), deleted) != strings.TrimSuffix(m.Path, deleted) {
		unix.Close(fd)
		return nil, "", ErrReplaced
	}
	if f, err = newRegularFile(fd); err != nil {
		return nil, "", err
	}
	if f.Dev == m.Dev && f.Inode != m.Inode { // the devices of btrfs and overlay differ, and the inode numbers may
		f.Close()
		return nil, "", ErrReplaced
	}
	return f, path, nil
}

// ErrReplaced means that another file has taken the place of one that was listed.
var ErrReplaced = errors.New("another file has taken its place")

// openNamed opens what a link of the kernel in /proc leads to with O_PATH, and returns its path.
func openNamed(link string) (fd int, path string, err error) {
	if fd, err = unix.Open(link, unix.O_PATH|unix.O_CLOEXEC, 0); err != nil {
		return -1, "", err
	}
	if path, err = os.Readlink("/proc/self/fd/" + strconv.Itoa(fd)); err != nil {
		unix.Close(fd)
		return -1, "", err
	}
	return fd, path, nil
}

// openLink opens the file that a link of the kernel in /proc leads to.
func openLink(link string) (*RegularFile, error) {
	fd, err := unix.Open(link, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return newRegularFile(fd)
}
