package proc

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// UpperDir is the folder in which an overlay keeps what was written.
type UpperDir struct{ path string }

// NewUpperDir returns the folder at a path, which is that of [Mount].UpperDir, in the mount namespace of this process.
func NewUpperDir(path string) *UpperDir { return &UpperDir{path} }

// Has reports whether the file at a path below the overlay's mount point was written, and so is in the folder. It follows no link.
func (u *UpperDir) Has(path string) (bool, error) {
	folder, err := unix.Open(u.path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, os.NewSyscallError("open", err)
	}
	defer unix.Close(folder)
	fd, err := unix.Openat2(folder, strings.TrimPrefix(path, "/"), &unix.OpenHow{Flags: unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: below})
	switch {
	case err == nil:
		unix.Close(fd)
		return true, nil
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENAMETOOLONG):
		return false, nil
	}
	return false, os.NewSyscallError("openat2", err)
}
