package cgroupfs

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// bufferSize holds any file this package reads whole: memory.stat, the longest, is under 4 KiB on Linux 6.18.
const bufferSize = 8 << 10

// folder is a cgroup's folder. A cgroup that is made later at the same path is another, of another inode number
// (fs/kernfs/dir.c, __kernfs_new_node).
type folder struct {
	place
	fd  int   // −1 when it is not open
	err error // why it cannot be
}

// place is where a cgroup is.
type place struct {
	path string   // "" where its hierarchy is not mounted
	ino  uint64   // its inode number, once that was seen; 0 before
	in   *os.File // the folder above, where that is open: a path is walked faster from there
}

func newFolder(at place) *folder { return &folder{place: at, fd: -1} }

func openFolder(path string) *folder {
	f := newFolder(place{path: path})
	f.open()
	return f
}

// open opens the folder, unless it is open or has failed to be for good.
func (f *folder) open() {
	if f.fd >= 0 || f.err != nil && !Exhausted(f.err) {
		return
	}
	if f.path == "" {
		f.err = os.ErrNotExist // no such hierarchy is mounted
		return
	}
	from, path := unix.AT_FDCWD, f.path
	if f.in != nil {
		from, path = int(f.in.Fd()), filepath.Base(f.path)
	}
	if f.fd, f.err = unix.Openat(from, path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); f.err != nil {
		f.fd = -1
		return
	}
	var is unix.Stat_t
	if f.err = unix.Fstat(f.fd, &is); f.err == nil && f.ino != 0 && f.ino != is.Ino {
		f.err = os.ErrNotExist
	}
	if f.err != nil {
		f.rest()
		return
	}
	f.ino = is.Ino
}

// beside reports whether the folder need not be open itself: it is in a hierarchy beside the one in which the cgroup that
// is meant is held, and while it is there no other can be at this path.
func (f *folder) beside() bool { return f.in != nil && f.ino == 0 && f.err == nil }

// exists reports whether the cgroup is still there, and not another one at its path.
func (f *folder) exists() bool {
	if f.ino == 0 {
		f.open()
	}
	var there unix.Stat_t
	return f.err == nil && unix.Stat(f.path, &there) == nil && there.Ino == f.ino
}

// rest closes the folder until it is opened again.
func (f *folder) rest() {
	if f.fd >= 0 {
		unix.Close(f.fd)
		f.fd = -1
	}
}

func (f *folder) close() {
	f.rest()
	f.err = unix.EBADF
}

// file is a kernel file that is opened when it is first read, stays open, and is read from its start again and again
// without allocating.
type file struct {
	in     *folder
	name   string
	fd     int
	opened bool
	err    error // why it is not open
}

// path is the file's, for messages.
func (f *file) path() string { return f.in.path + "/" + f.name }

func (f *file) open() {
	f.opened = true
	if f.in.beside() {
		f.fd, f.err = unix.Openat(int(f.in.in.Fd()), filepath.Base(f.in.path)+"/"+f.name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		return
	}
	f.in.open()
	if f.err = f.in.err; f.err == nil {
		f.fd, f.err = unix.Openat(f.in.fd, f.name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
}

// read returns the file's content in buf. One pread gives all of it: a cgroup file shows its content as a single record,
// for which the kernel's own buffer grows until it fits (fs/seq_file.c, seq_read_iter; kernel/cgroup/cgroup.c,
// cgroup_seqfile_show). Files of several records, as cgroup.procs is, must be read on.
func (f *file) read(buf []byte) ([]byte, State) {
	if !f.opened || Exhausted(f.err) {
		f.open()
	}
	if f.err != nil {
		return nil, f.state(f.err)
	}
	n, err := unix.Pread(f.fd, buf, 0)
	for err == unix.EINTR {
		n, err = unix.Pread(f.fd, buf, 0)
	}
	if err != nil {
		return nil, f.state(err)
	}
	if n == len(buf) {
		return nil, Failed // longer than anything the kernel documents
	}
	return buf[:n], Present
}

// state sorts an error. Without its folder the cgroup is gone; within it, the kernel has no such file.
func (f *file) state(err error) State {
	s := stateOf(f.path(), err)
	if s == Unsupported && f.in.path != "" && !f.in.exists() {
		return Vanished
	}
	return s
}

// figure reads a file that holds one number.
func (f *file) figure(buf []byte) Figure {
	data, state := f.read(buf)
	if state != Present {
		return Without(state)
	}
	return parseFigure(data)
}

// parsed reads the file and has parse take one figure out of it.
func (f *file) parsed(buf []byte, parse func([]byte) Figure) Figure {
	data, state := f.read(buf)
	if state != Present {
		return Without(state)
	}
	return parse(data)
}

// filled is 1 when the file holds anything, however long it is.
func (f *file) filled(buf []byte) Figure {
	if !f.opened || Exhausted(f.err) {
		f.open()
	}
	if f.err != nil {
		return Without(f.state(f.err))
	}
	n, err := unix.Pread(f.fd, buf, 0)
	if err != nil {
		return Without(f.state(err))
	}
	return Number(uint64(min(n, 1)))
}

// Exhausted reports whether an error means that no more files can be open, in this process or on this machine: it may be
// gone the next time.
func Exhausted(err error) bool { return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) }

// rest closes the file until it is read again.
func (f *file) rest() {
	if f.opened && f.err == nil {
		unix.Close(f.fd)
	}
	f.opened, f.err = false, nil
}

func (f *file) close() {
	f.rest()
	f.opened, f.err = true, unix.EBADF
}
