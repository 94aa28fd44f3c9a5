package proc

import (
	"errors"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// RegularFile is a regular file whose cached pages can be counted. At first it is open with O_PATH, which has no effect on the file and
// accesses no data.
type RegularFile struct {
	Dev, Inode uint64 // st_dev and st_ino
	Size       int64
	Deleted    bool // it has no name in any folder
	path       int
}

// ErrNotRegular means that what was opened is not a regular file.
var ErrNotRegular = errors.New("not a regular file")

// OpenRegular opens a regular file by its path.
func OpenRegular(path string) (*RegularFile, error) { return openLink(path) }

// newRegularFile takes over a descriptor that was opened with O_PATH, and closes it unless it belongs to a regular file.
func newRegularFile(fd int) (*RegularFile, error) {
	var s unix.Stat_t
	err := unix.Fstat(fd, &s)
	if err == nil && s.Mode&unix.S_IFMT != unix.S_IFREG {
		err = ErrNotRegular
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &RegularFile{Dev: s.Dev, Inode: s.Ino, Size: s.Size, Deleted: s.Nlink == 0, path: fd}, nil
}

// MountID returns the id of the mount that the file was opened on, see [Mount].ID.
func (f *RegularFile) MountID() figure.Figure {
	info, state := figure.ReadFile(selfInfo(f.path))
	if state != figure.Present {
		return figure.Without(state)
	}
	return parseMountID(info)
}

// Close closes the file.
func (f *RegularFile) Close() { unix.Close(f.path) }

// selfFD opens the folder of this process's descriptors, once.
var selfFD = sync.OnceValues(func() (fd int, err error) {
	const path = "/proc/self/fd"
	if fd, err = unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		err = &os.PathError{Op: "open", Path: path, Err: err}
	}
	return fd, err
})

// Open opens the file for reading. It neither waits nor changes the time of the last access. The caller closes the descriptor.
func (f *RegularFile) Open() (fd int, err error) {
	links, err := selfFD()
	if err != nil {
		return -1, err
	}
	for _, flags := range []int{unix.O_NOATIME, 0} { // the kernel refuses O_NOATIME on files of owners that it cannot represent
		fd, err = unix.Openat(links, strconv.Itoa(f.path), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY|flags, 0)
		if !errors.Is(err, unix.EPERM) {
			break
		}
	}
	return fd, err
}
