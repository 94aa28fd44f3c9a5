package proc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// selfInfo returns the path of the kernel's information about a descriptor of this process.
func selfInfo(fd int) string { return fmt.Sprintf("/proc/self/fdinfo/%d", fd) }

// Root is the root folder of a process, in its mount namespace.
type Root struct {
	fd     int
	self   *MountTable
	Mounts []Mount
}

// OpenRoot opens the root folder of a process, and lists the mounts that it can reach. The error wraps [ErrNoProcess] if there is no such
// process.
func OpenRoot(pid int) (*Root, error) {
	before, err := ReadStat(pid)
	if err != nil {
		return nil, err
	}
	path := Folder(pid) + "/root"
	fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, processError(pid, path, err)
	}
	r := &Root{fd: fd}
	self, err := ReadMounts(os.Getpid())
	if err != nil {
		r.Close()
		return nil, err
	}
	r.self = NewMountTable(self)
	if r.Mounts, err = ReadMounts(pid); err == nil {
		err = before.ID().Check()
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close closes the folder.
func (r *Root) Close() { unix.Close(r.fd) }

// Walk calls visit for each regular file of a mount, with its path as the process sees it. visit closes the file. The walk never leaves
// the mount, follows no link, and opens nothing but folders; it reads them without changing the time of their last access. It ends early
// if visit returns an error, and when ctx is done. It returns how many files and folders could not be opened.
//
// The error is [ErrNotLocal] for a mount that is not [MountTable.Local], and [ErrCovered] for one that others cover.
func (r *Root) Walk(ctx context.Context, m *Mount, visit func(path string, f *RegularFile) error) (skipped int, err error) {
	if !r.self.Local(m) {
		return 0, ErrNotLocal
	}
	fd, err := openCached(r.fd, m.Point)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		return 0, ErrCovered
	}
	if err != nil {
		return 0, err
	}
	info, state := figure.ReadFile(selfInfo(fd))
	if state != figure.Present || !parseMountID(info).Is(m.ID) {
		unix.Close(fd)
		return 0, ErrCovered
	}
	f, err := newRegularFile(fd) // it closes the descriptor of anything else
	if err == nil {
		return 0, visit(m.Point, f)
	}
	if fd, err = openCached(r.fd, m.Point); err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	w := walker{ctx: ctx, visit: visit}
	dir, err := w.open(fd, ".")
	if err != nil {
		return 0, err
	}
	err = w.walk(dir, strings.TrimSuffix(m.Point, "/"), 0)
	return w.skipped, err
}

var (
	// ErrNotLocal means that the files of a mount may keep a reader waiting.
	ErrNotLocal = errors.New("its file system may keep haltscope waiting")
	// ErrCovered means that a mount cannot be reached because others are mounted over it.
	ErrCovered = errors.New("another mount covers it")
)

// maxFolders bounds the depth of a walk: each level takes a descriptor.
const maxFolders = 200

type walker struct {
	ctx     context.Context
	visit   func(path string, f *RegularFile) error
	skipped int
}

// skip counts what could not be opened, unless it has vanished or is another mount.
func (w *walker) skip(err error) {
	if !errors.Is(err, os.ErrNotExist) && !errors.Is(err, unix.EXDEV) && !errors.Is(err, unix.ELOOP) && !errors.Is(err, unix.ENOTDIR) {
		w.skipped++
	}
}

// below resolves names in a folder: within the same mount, and not through links.
const below = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS

// open opens a folder in an open one.
func (w *walker) open(at int, name string) (*os.File, error) {
	flags := uint64(unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NONBLOCK)
	fd, err := unix.Openat2(at, name, &unix.OpenHow{Flags: flags | unix.O_NOATIME, Resolve: below})
	if errors.Is(err, unix.EPERM) {
		fd, err = unix.Openat2(at, name, &unix.OpenHow{Flags: flags, Resolve: below})
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), fmt.Sprintf("/proc/self/fd/%d", fd)), nil
}

// walk walks an open folder, and closes it. It leaves out other mounts and whatever vanishes meanwhile.
func (w *walker) walk(dir *os.File, path string, depth int) error {
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(512)
		for _, e := range entries {
			if err := w.ctx.Err(); err != nil {
				return err
			}
			if err := w.entry(int(dir.Fd()), e, path, depth); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, os.ErrNotExist):
			return nil
		case err != nil:
			w.skipped++
			return nil
		}
	}
}

func (w *walker) entry(dir int, e os.DirEntry, path string, depth int) error {
	switch {
	case e.IsDir() && depth >= maxFolders:
		w.skipped++
	case e.IsDir():
		sub, err := w.open(dir, e.Name())
		if err != nil {
			w.skip(err)
			return nil
		}
		return w.walk(sub, path+"/"+e.Name(), depth+1)
	case e.Type().IsRegular():
		fd, err := unix.Openat2(dir, e.Name(), &unix.OpenHow{Flags: unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC, Resolve: below})
		if err != nil {
			w.skip(err)
			return nil
		}
		if f, err := newRegularFile(fd); err == nil { // else it has been replaced by something else
			return w.visit(path+"/"+e.Name(), f)
		}
	}
	return nil
}
