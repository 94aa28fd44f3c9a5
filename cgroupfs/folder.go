package cgroupfs

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// location is where a cgroup is.
type location struct {
	path   string   // "" if its hierarchy is not mounted
	inode  uint64   // 0 until it is known
	parent *os.File // the open folder above, or nil; opening from there is faster than by the whole path
}

// folder is the folder of a cgroup. A cgroup that is made later at the same path has another inode number. Source:
// fs/kernfs/dir.c, __kernfs_new_node.
type folder struct {
	location
	fd  int   // −1 while it is not open
	err error // why it cannot be opened
}

func newFolder(at location) *folder { return &folder{location: at, fd: -1} }

// open opens the folder, unless it is open or cannot be opened at all.
func (f *folder) open() {
	if f.fd >= 0 || f.err != nil && !Exhausted(f.err) {
		return
	}
	if f.path == "" {
		f.err = os.ErrNotExist
		return
	}
	from, path := unix.AT_FDCWD, f.path
	if f.parent != nil {
		from, path = int(f.parent.Fd()), filepath.Base(f.path)
	}
	if f.fd, f.err = unix.Openat(from, path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); f.err != nil {
		f.fd = -1
		return
	}
	var s unix.Stat_t
	if f.err = unix.Fstat(f.fd, &s); f.err == nil && f.inode != 0 && f.inode != s.Ino {
		f.err = os.ErrNotExist // another cgroup at the same path
	}
	if f.err != nil {
		f.release()
		return
	}
	f.inode = s.Ino
}

// openFile opens a file in the folder.
func (f *folder) openFile(name string) (fd int, err error) {
	if f.parent != nil && f.inode == 0 && f.err == nil {
		// A v1 hierarchy other than the one in which the cgroup was found. No other cgroup can take this path while the
		// container's cgroups exist, so the folder need not be open.
		return unix.Openat(int(f.parent.Fd()), filepath.Base(f.path)+"/"+name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	if f.open(); f.err != nil {
		return -1, f.err
	}
	return unix.Openat(f.fd, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
}

// exists reports whether the cgroup still exists, and not another one at its path.
func (f *folder) exists() bool {
	if f.inode == 0 {
		f.open()
	}
	var s unix.Stat_t
	return f.err == nil && unix.Stat(f.path, &s) == nil && s.Ino == f.inode
}

// release closes the folder until it is needed again.
func (f *folder) release() {
	if f.fd >= 0 {
		unix.Close(f.fd)
		f.fd = -1
	}
}

// close closes the folder for good.
func (f *folder) close() {
	f.release()
	f.err = unix.EBADF
}

// Exhausted reports whether an error means that this process, or this machine, cannot open more files for now.
func Exhausted(err error) bool { return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) }
