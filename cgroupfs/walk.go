package cgroupfs

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// maxDepth is how deep a walk goes. A container may nest cgroups without limit (cgroup.max.depth), and each level that is
// open takes a descriptor.
const maxDepth = 100

// errTooDeep means that a walk ended at maxDepth.
var errTooDeep = fmt.Errorf("more than %d cgroups deep", maxDepth)

// Skipped is a cgroup that a walk could not look into.
type Skipped struct {
	Path string
	Err  error
}

// String is for a log line: the path of a cgroup is a container's to choose, and may be long.
func (s Skipped) String() string {
	path := s.Path
	if len(path) > 200 {
		path = path[:200] + "…"
	}
	return fmt.Sprintf("%s: %v", path, s.Err)
}

// openBelow opens a folder inside an open one, by its name alone: a whole path may be longer than the kernel takes
// (PATH_MAX), for a cgroup's depth is not limited by it.
func openBelow(dir *os.File, name string) (*os.File, error) {
	if dir == nil {
		return nil, os.ErrNotExist
	}
	return openat(dir, name, unix.O_DIRECTORY|unix.O_NOFOLLOW)
}

func openat(dir *os.File, name string, flags int) (*os.File, error) {
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_CLOEXEC|flags, 0)
	for errors.Is(err, unix.EINTR) {
		fd, err = unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_CLOEXEC|flags, 0)
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

// readBelow reads a file inside an open folder.
func readBelow(dir *os.File, name string) ([]byte, error) {
	f, err := openat(dir, name, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// gone reports whether an error says that a cgroup was removed while it was looked at.
func gone(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENODEV)
}
