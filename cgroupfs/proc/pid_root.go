package proc

import (
	"errors"
	"fmt"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// Executable reports whether a process can run a file: one below its working directory, found as the process would find it, below
// its own root. The path is that of the file as the process sees it. The error wraps [ErrNoProcess] if the process is gone. Source:
// proc_pid_root(5), proc_pid_cwd(5); openat2(2), RESOLVE_IN_ROOT, since Linux 5.6.
func Executable(pid int, name string) (string, bool, error) {
	folder := Folder(pid)
	cwd, err := os.Readlink(folder + "/cwd")
	if err != nil {
		return "", false, processError(pid, folder+"/cwd", err)
	}
	file := path.Join(cwd, name)
	rootPath := folder + "/root"
	root, err := unix.Open(rootPath, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return file, false, processError(pid, rootPath, err)
	}
	defer unix.Close(root)
	fd, err := unix.Openat2(root, file, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS})
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return file, false, nil
	case err != nil:
		return file, false, fmt.Errorf("process %d: opening %s below its root: %w", pid, file, err)
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return file, false, fmt.Errorf("process %d: fstat of %s below its root: %w", pid, file, err)
	}
	return file, stat.Mode&unix.S_IFMT == unix.S_IFREG && stat.Mode&0o111 != 0, nil
}
