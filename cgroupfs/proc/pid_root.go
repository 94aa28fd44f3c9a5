package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"

	"golang.org/x/sys/unix"
)

// Executable reports whether a name, below the working directory of a process, is a regular file that can be executed, and returns its
// path as the process sees it. Links in it are followed as the process would follow them: no path leads out of its root. Source:
// proc_pid_root(5), proc_pid_cwd(5); openat2(2), RESOLVE_IN_ROOT, since Linux 5.6.
func Executable(pid int, name string) (string, bool, error) {
	cwdPath := Folder(pid) + "/cwd"
	cwd, err := os.Readlink(cwdPath)
	if err != nil {
		return "", false, processError(pid, cwdPath, err)
	}
	file := path.Join(cwd, name)
	fd, stat, err := openBelowRoot(pid, file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return file, false, nil
	case err != nil:
		return file, false, err
	}
	defer unix.Close(fd)
	return file, stat.Mode&unix.S_IFMT == unix.S_IFREG && stat.Mode&0o111 != 0, nil
}

// ReadBelowRoot returns the text of a regular file as a process sees it, up to a number of bytes; ErrNotExist if there is none.
func ReadBelowRoot(pid int, file string, most int64) ([]byte, error) {
	fd, stat, err := openBelowRoot(pid, file)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var system unix.Statfs_t
	if err := unix.Fstatfs(fd, &system); err != nil {
		return nil, fmt.Errorf("process %d: fstatfs of %s below its root: %w", pid, file, err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG || slices.Contains(kernelFiles, int64(system.Type)) {
		return nil, fmt.Errorf("process %d: %s below its root is not a regular file, or is one of the kernel's", pid, file)
	}
	// Only what is known to be a regular file is opened for reading: opening a device or a FIFO has effects.
	f, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return nil, fmt.Errorf("process %d: opening %s below its root: %w", pid, file, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, fmt.Errorf("process %d: reading %s below its root: %w", pid, file, err)
	}
	return text, nil
}

// kernelFiles are the file systems whose regular files may block a reader, or lose what was read, as /proc/kmsg does.
var kernelFiles = []int64{unix.PROC_SUPER_MAGIC, unix.TRACEFS_MAGIC, unix.DEBUGFS_MAGIC}

// openBelowRoot opens a path as a process sees it, without access to what is there. A path that leads nowhere is ErrNotExist.
func openBelowRoot(pid int, file string) (fd int, stat unix.Stat_t, err error) {
	rootPath := Folder(pid) + "/root"
	root, err := unix.Open(rootPath, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, stat, processError(pid, rootPath, err)
	}
	defer unix.Close(root)
	fd, err = unix.Openat2(root, file, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS})
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return -1, stat, fmt.Errorf("process %d: %s below its root: %w", pid, file, os.ErrNotExist)
	case err != nil:
		return -1, stat, fmt.Errorf("process %d: opening %s below its root: %w", pid, file, err)
	}
	if err := unix.Fstat(fd, &stat); err != nil {
		unix.Close(fd)
		return -1, stat, fmt.Errorf("process %d: fstat of %s below its root: %w", pid, file, err)
	}
	return fd, stat, nil
}
