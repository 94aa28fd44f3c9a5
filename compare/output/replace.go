package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// replaceError says that a new file cannot replace the old one, which can still be overwritten.
type replaceError struct{ error }

func (e *replaceError) Unwrap() error { return e.error }

// plan decides how to write the file, and returns an error if that is impossible. The file is overwritten in place if a new
// file would break its hard links or cannot be created, and replaced otherwise.
func (t *destination) plan() (inPlace bool, err error) {
	canCreate := t.canCreate()
	if t.stat == nil {
		return false, canCreate
	}
	inPlace = t.stat.Nlink > 1 || t.inDev() || canCreate != nil
	// With O_CREAT the kernel protects files in world-writable directories (fs.protected_regular).
	flags := unix.O_WRONLY | unix.O_CREAT
	if inPlace {
		flags = unix.O_RDWR | unix.O_CREAT
		if t.stat.Size > maxRestorable {
			return inPlace, errTooLarge
		}
	}
	f, err := t.openFile(t.base, flags)
	if err == nil {
		f.Close()
	}
	return inPlace, err
}

// canCreate returns an error if no file can be created in the directory.
func (t *destination) canCreate() error {
	f, err := openUnnamed(t)
	if err == nil {
		return f.Close()
	}
	if !unsupported(err) {
		return err
	}
	return unix.Faccessat(t.fd(), ".", unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}

func (t *destination) openFile(name string, flags int) (*os.File, error) {
	mode := uint32(0o644)
	if t.stat != nil {
		mode = 0o600 // until copyMetadata
	}
	fd, err := unix.Openat(t.fd(), name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, mode)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), t.base), nil
}

// openUnnamed creates a file without a name, which vanishes if this process dies. Not every filesystem supports it. It is a
// variable for the tests.
var openUnnamed = func(t *destination) (*os.File, error) { return t.openFile(".", unix.O_TMPFILE|unix.O_WRONLY) }

// unsupported reports whether an error means that the filesystem has no files without a name: see O_TMPFILE in open(2).
func unsupported(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EISDIR) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOENT)
}

// replace replaces the old file by a new one, once that is complete and on disk.
func (t *destination) replace(data []byte, readable bool) error {
	f, err := openUnnamed(t)
	if err != nil && !unsupported(err) {
		return err
	}
	if err == nil {
		defer f.Close()
		if err := t.fill(f, data, readable); err != nil {
			return err
		}
		if done, err := t.link(f); done {
			return err
		}
	}
	name := temporaryName()
	if f, err = t.openFile(name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL); err != nil {
		return err
	}
	err = errors.Join(t.fill(f, data, readable), f.Close())
	if err == nil {
		return t.rename(name)
	}
	unix.Unlinkat(t.fd(), name, 0)
	return err
}

// temporaryName returns a name that shows where the file comes from, in case this process dies.
func temporaryName() string { return ".haltscope-" + strings.ToLower(rand.Text()) + ".tmp" }

// link gives an unnamed file its name. It can only be linked to a free name, so replacing an old file takes a rename as well.
// It returns false if the file cannot be linked.
func (t *destination) link(f *os.File) (done bool, err error) {
	path := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	if t.stat == nil {
		err := unix.Linkat(unix.AT_FDCWD, path, t.fd(), t.base, unix.AT_SYMLINK_FOLLOW)
		if !errors.Is(err, unix.EEXIST) {
			return err == nil, nil
		}
	}
	name := temporaryName()
	if unix.Linkat(unix.AT_FDCWD, path, t.fd(), name, unix.AT_SYMLINK_FOLLOW) != nil {
		return false, nil
	}
	return true, t.rename(name)
}

func (t *destination) rename(name string) error {
	err := unix.Renameat(t.fd(), name, t.fd(), t.base)
	if err == nil {
		return nil
	}
	unix.Unlinkat(t.fd(), name, 0)
	if t.stat != nil && (errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES)) {
		return &replaceError{err} // a mount point, or a directory that must not change
	}
	return err
}

// fill writes a new file.
func (t *destination) fill(f *os.File, data []byte, readable bool) error {
	if t.stat != nil {
		if err := t.copyMetadata(f); err != nil {
			return &replaceError{err}
		}
	} else if readable {
		if err := f.Chmod(0o644); err != nil {
			return err
		}
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	return fsync(f)
}

// fsync is a variable for the tests.
var fsync = (*os.File).Sync

// copyMetadata copies the owner, mode and extended attributes of the old file, including the SELinux label and ACL.
func (t *destination) copyMetadata(f *os.File) error {
	var current unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &current); err != nil {
		return err
	}
	if current.Uid != t.stat.Uid || current.Gid != t.stat.Gid {
		if err := f.Chown(int(t.stat.Uid), int(t.stat.Gid)); err != nil {
			return err
		}
	}
	if err := t.copyAttributes(f); err != nil {
		return err
	}
	return f.Chmod(os.FileMode(t.stat.Mode & 0o777))
}

// contentAttributes are attributes about the old content, which are not copied.
var contentAttributes = map[string]bool{"security.ima": true, "security.evm": true, "security.capability": true}

func (t *destination) copyAttributes(f *os.File) error {
	old := fmt.Sprintf("/proc/self/fd/%d/%s", t.fd(), t.base)
	names, err := readAttribute(func(to []byte) (int, error) { return unix.Llistxattr(old, to) })
	if errors.Is(err, unix.EOPNOTSUPP) {
		return nil
	}
	if err != nil {
		return err
	}
	// A default ACL of the directory must not give access to those whom the old file denies it.
	if err := unix.Fremovexattr(int(f.Fd()), "system.posix_acl_access"); err != nil && !errors.Is(err, unix.ENODATA) &&
		!errors.Is(err, unix.EOPNOTSUPP) {
		return err
	}
	for name := range strings.SplitSeq(string(names), "\x00") {
		if name == "" || contentAttributes[name] {
			continue
		}
		value, err := readAttribute(func(to []byte) (int, error) { return unix.Lgetxattr(old, name, to) })
		if err == nil {
			err = unix.Fsetxattr(int(f.Fd()), name, value, 0)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// readAttribute reads a value or a list, which the kernel limits to 64 KiB: see xattr(7).
func readAttribute(read func([]byte) (int, error)) ([]byte, error) {
	to := make([]byte, 64<<10)
	n, err := read(to)
	if err != nil {
		return nil, err
	}
	return to[:n], nil
}
