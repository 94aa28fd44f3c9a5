package output

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// target is what a path names, its symlinks followed. All calls go through the open directory: a directory that is moved
// meanwhile changes nothing.
type target struct {
	dir        *os.File     // opened with O_PATH
	where      string       // the path of dir, as the kernel tells it; "" where /proc is not mounted
	base       string       // the name in it
	stat       *unix.Stat_t // nil where there is nothing yet
	descriptor bool         // base is a descriptor's number in some /proc/PID/fd; stat is what it leads to
}

// maxLinks is how many symlinks are followed, as by the kernel (path_resolution(7)).
const maxLinks = 40

var (
	errDirectory = errors.New("it is a directory: name a file in it")
	errKernel    = errors.New("the kernel answers there, it is no place for a report")
	errDevice    = errors.New("there is no such device, and no file is made in /dev")
)

// find follows the symlinks at the end of a path one by one: the last one need not lead to anything yet. Links of
// directories are left to the kernel, which alone can follow those of /proc.
func find(path string) (*target, error) {
	for range maxLinks {
		t, err := look(path)
		if err != nil {
			return nil, err
		}
		next, err := t.next(path)
		if err == nil && next == "" {
			err = t.fits()
		}
		if err != nil {
			t.close()
			return nil, err
		}
		if next == "" {
			return t, nil
		}
		t.close()
		path = next
	}
	return nil, unix.ELOOP
}

// look opens the directory of a path and finds what is there, following no link.
func look(path string) (*target, error) {
	dir, base := ".", path
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		dir, base = path[:at+1], path[at+1:]
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("directory %s: %w", dir, err)
	}
	t := &target{dir: os.NewFile(uintptr(fd), dir), base: base}
	if base == "" || base == "." || base == ".." {
		t.close()
		return nil, errDirectory
	}
	t.where, _ = os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)) // no /proc: see where
	var stat unix.Stat_t
	switch err := unix.Fstatat(fd, base, &stat, unix.AT_SYMLINK_NOFOLLOW); {
	case err == nil:
		t.stat = &stat
	case !errors.Is(err, unix.ENOENT):
		t.close()
		return nil, err
	}
	return t, nil
}

// next is the path that a symlink leads to; "" where t is none, or a link of /proc, which need not lead to a path.
func (t *target) next(path string) (string, error) {
	if !t.is(unix.S_IFLNK) {
		return "", nil
	}
	if t.onProc() {
		t.descriptor = strings.HasSuffix(t.where, "/fd")
		return "", unix.Fstatat(t.fd(), t.base, t.stat, 0)
	}
	// The kernel refuses some links in directories that everybody can write to (fs.protected_symlinks), and it is asked
	// first.
	fd, err := unix.Openat(t.fd(), t.base, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	} else if !errors.Is(err, unix.ENOENT) {
		return "", err
	}
	to := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(t.fd(), t.base, to)
	if err != nil {
		return "", err
	}
	if link := string(to[:n]); strings.HasPrefix(link, "/") {
		return link, nil
	}
	return strings.TrimSuffix(path, t.base) + string(to[:n]), nil
}

// kernelFiles are the filesystems whose files are questions and commands to the kernel.
var kernelFiles = []int64{unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.DEBUGFS_MAGIC,
	unix.TRACEFS_MAGIC, unix.SECURITYFS_MAGIC, unix.SELINUX_MAGIC, unix.BPF_FS_MAGIC, unix.EFIVARFS_MAGIC, unix.PSTOREFS_MAGIC}

// fits refuses what a report must not be written to.
func (t *target) fits() error {
	switch {
	case t.is(unix.S_IFDIR):
		return errDirectory
	case t.is(unix.S_IFBLK):
		return errors.New("it is a block device, whose data the report would overwrite")
	case t.is(unix.S_IFSOCK) && t.own() < 0:
		return errors.New("it is a socket: pipe the report to a program that connects to it")
	case t.descriptor:
		return nil
	}
	fs, err := t.filesystem()
	switch {
	case err != nil:
		return err
	case t.stat == nil && fs == unix.PROC_SUPER_MAGIC && strings.HasSuffix(t.where, "/fd"):
		return fmt.Errorf("descriptor %s is not open", t.base)
	case slices.Contains(kernelFiles, fs):
		return errKernel
	case t.stat == nil && t.inDev():
		return errDevice
	}
	return nil
}

// regular reports whether t is a regular file, or is to become one. A file behind a descriptor is written to as it is.
func (t *target) regular() bool { return !t.descriptor && (t.stat == nil || t.is(unix.S_IFREG)) }

func (t *target) is(kind uint32) bool { return t.stat != nil && t.stat.Mode&unix.S_IFMT == kind }

func (t *target) close() { t.dir.Close() }

func (t *target) fd() int { return int(t.dir.Fd()) }

func (t *target) filesystem() (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(t.fd(), &fs); err != nil {
		return 0, err
	}
	return int64(fs.Type), nil
}

func (t *target) onProc() bool {
	fs, err := t.filesystem()
	return err == nil && fs == unix.PROC_SUPER_MAGIC
}

// inDev reports whether the directory belongs to /dev itself. Filesystems mounted there, such as /dev/shm, do not.
func (t *target) inDev() bool {
	if !strings.HasPrefix(t.where+"/", "/dev/") {
		return false
	}
	var dev, dir unix.Stat_t
	return unix.Stat("/dev", &dev) == nil && unix.Fstat(t.fd(), &dir) == nil && dev.Dev == dir.Dev
}
