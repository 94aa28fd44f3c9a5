package cgroupfs

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// maxDepth is how many levels of cgroups are searched. A container may nest cgroups without limit (cgroup.max.depth), and
// each open level takes a descriptor.
const maxDepth = 100

var errTooDeep = fmt.Errorf("more than %d cgroups deep", maxDepth)

// Skipped is a cgroup that could not be searched.
type Skipped struct {
	Path string
	Err  error
}

// String is for log lines. It cuts the path, which a container may make as long as it likes.
func (s Skipped) String() string {
	path := s.Path
	if len(path) > 200 {
		path = path[:200] + "…"
	}
	return fmt.Sprintf("%s: %v", path, s.Err)
}

// openFolderAt opens a folder in an open one, by its name alone: the whole path of a deeply nested cgroup may be longer
// than PATH_MAX.
func openFolderAt(dir *os.File, name string) (*os.File, error) {
	return openAt(dir, name, unix.O_DIRECTORY|unix.O_NOFOLLOW)
}

func openAt(dir *os.File, name string, flags int) (*os.File, error) {
	for {
		fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_CLOEXEC|flags, 0)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), name), nil
		case !errors.Is(err, unix.EINTR):
			return nil, &os.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// readAt reads a file in an open folder.
func readAt(dir *os.File, name string) ([]byte, error) {
	f, err := openAt(dir, name, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// gone reports whether an error means that a cgroup was removed while it was read.
func gone(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENODEV)
}
