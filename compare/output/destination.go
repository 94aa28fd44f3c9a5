package output

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// destination is what a path names, after following symlinks. All calls go through the open directory, so it does not matter
// if the directory is moved.
type destination struct {
	dir        *os.File     // opened with O_PATH
	dirPath    string       // the path of dir according to the kernel; "" if /proc is not mounted
	base       string       // the name in dir
	stat       *unix.Stat_t // nil if nothing exists yet
	descriptor bool         // base is a number in some /proc/PID/fd; stat is that of the open file
}

// maxLinks is the limit of symlinks to follow, as in the kernel: see path_resolution(7).
const maxLinks = 40

var (
	errDirectory  = errors.New("it is a directory: name a file in it")
	errKernelFile = errors.New("it belongs to the kernel: choose another place")
	errDevice     = errors.New("there is no such device, and no file is made in /dev")
)

// resolve follows the symlinks at the end of a path one by one, because the last one may lead to a file that does not exist
// yet. Directories are left to the kernel, which alone can follow the links in /proc.
func resolve(path string) (*destination, error) {
	for range maxLinks {
		t, err := lookUp(path)
		if err != nil {
			return nil, err
		}
		next, err := t.linkTarget(path)
		if err == nil && next == "" {
			err = t.checkKind()
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

// lookUp opens the directory of a path and finds out what the path names, without following a link.
func lookUp(path string) (*destination, error) {
	dir, base := ".", path
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		dir, base = path[:at+1], path[at+1:]
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("directory %s: %w", dir, err)
	}
	t := &destination{dir: os.NewFile(uintptr(fd), dir), base: base}
	if base == "" || base == "." || base == ".." {
		t.close()
		return nil, errDirectory
	}
	if path, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); err == nil {
		t.dirPath = path
	}
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

// linkTarget returns the path that a symlink leads to. It is "" if t is not a symlink, or one in /proc, which may lead to no
// path.
func (t *destination) linkTarget(path string) (string, error) {
	if !t.is(unix.S_IFLNK) {
		return "", nil
	}
	if t.onProc() {
		t.descriptor = strings.HasSuffix(t.dirPath, "/fd")
		return "", unix.Fstatat(t.fd(), t.base, t.stat, 0)
	}
	// Ask the kernel first: it refuses some links in world-writable directories (fs.protected_symlinks).
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

// kernelFilesystems are the filesystems whose files belong to the kernel.
var kernelFilesystems = []int64{unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC,
	unix.DEBUGFS_MAGIC,
	unix.TRACEFS_MAGIC, unix.SECURITYFS_MAGIC, unix.SELINUX_MAGIC, unix.BPF_FS_MAGIC, unix.EFIVARFS_MAGIC, unix.PSTOREFS_MAGIC}

// checkKind returns an error for what a report must not be written to.
func (t *destination) checkKind() error {
	_, own := t.ownDescriptor()
	switch {
	case t.is(unix.S_IFDIR):
		return errDirectory
	case t.is(unix.S_IFBLK):
		return errors.New("it is a block device, whose data the report would overwrite")
	case t.is(unix.S_IFSOCK) && !own:
		return errors.New("it is a socket: pipe the report to a program that connects to it")
	case t.descriptor:
		return nil
	}
	fs, err := t.filesystem()
	switch {
	case err != nil:
		return err
	case t.stat == nil && fs == unix.PROC_SUPER_MAGIC && strings.HasSuffix(t.dirPath, "/fd"):
		return fmt.Errorf("descriptor %s is not open", t.base)
	case slices.Contains(kernelFilesystems, fs):
		return errKernelFile
	case t.stat == nil && t.inDev():
		return errDevice
	}
	return nil
}

// regular reports whether t is a regular file or will become one. An open descriptor is written to as it is.
func (t *destination) regular() bool { return !t.descriptor && (t.stat == nil || t.is(unix.S_IFREG)) }

func (t *destination) is(kind uint32) bool { return t.stat != nil && t.stat.Mode&unix.S_IFMT == kind }

func (t *destination) close() { t.dir.Close() }

func (t *destination) fd() int { return int(t.dir.Fd()) }

func (t *destination) filesystem() (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(t.fd(), &fs); err != nil {
		return 0, err
	}
	return int64(fs.Type), nil
}

func (t *destination) onProc() bool {
	fs, err := t.filesystem()
	return err == nil && fs == unix.PROC_SUPER_MAGIC
}

// inDev reports whether the directory is on the filesystem of /dev. Others mounted there, such as /dev/shm, are not.
func (t *destination) inDev() bool {
	if !strings.HasPrefix(t.dirPath+"/", "/dev/") {
		return false
	}
	var dev, dir unix.Stat_t
	return unix.Stat("/dev", &dev) == nil && unix.Fstat(t.fd(), &dir) == nil && dev.Dev == dir.Dev
}
