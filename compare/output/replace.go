package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// cannotReplace is why a new file cannot take the place of the old one, which can still be written to.
type cannotReplace struct{ error }

func (e *cannotReplace) Unwrap() error { return e.error }

// plan decides how the file gets its content, and finds what forbids it. It is written in place where a new file in its
// place would cut its other names, or cannot be made; else replaced.
func (t *target) plan() (inPlace bool, err error) {
	creatable := t.creatable()
	if t.stat == nil {
		return false, creatable
	}
	inPlace = t.stat.Nlink > 1 || t.inDev() || creatable != nil
	// O_CREAT has the kernel protect files in directories that everybody can write to (fs.protected_regular).
	flags := unix.O_WRONLY | unix.O_CREAT
	if inPlace {
		flags = unix.O_RDWR | unix.O_CREAT
		if t.stat.Size > maxKept {
			return inPlace, errTooLarge
		}
	}
	f, err := t.openFile(t.base, flags)
	if err == nil {
		f.Close()
	}
	return inPlace, err
}

// creatable tries whether a file can be made in the directory.
func (t *target) creatable() error {
	f, err := openUnnamed(t)
	if err == nil {
		return f.Close()
	}
	if !unsupported(err) {
		return err
	}
	return unix.Faccessat(t.fd(), ".", unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}

func (t *target) openFile(name string, flags int) (*os.File, error) {
	mode := uint32(0o644)
	if t.stat != nil {
		mode = 0o600 // until it has the old one's
	}
	fd, err := unix.Openat(t.fd(), name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, mode)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), t.base), nil
}

// openUnnamed makes a file without a name, of which nothing is left if this process dies. Not every filesystem can; a
// variable, for the tests.
var openUnnamed = func(t *target) (*os.File, error) { return t.openFile(".", unix.O_TMPFILE|unix.O_WRONLY) }

// unsupported reports whether an error says that there are no files without a name (open(2)).
func unsupported(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EISDIR) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOENT)
}

// replace puts a new file in the place of the old one, once it is whole and on the disk.
func (t *target) replace(data []byte, readable bool) error {
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
	name := temporary()
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

// temporary is a name that tells whose the file is, should this process die right now.
func temporary() string { return ".haltscope-" + strings.ToLower(rand.Text()) + ".tmp" }

// link gives a file without a name its place. Only a name that is free can be linked, so that an old file takes two steps.
// done is false where the file cannot be linked here.
func (t *target) link(f *os.File) (done bool, err error) {
	path := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	if t.stat == nil {
		err := unix.Linkat(unix.AT_FDCWD, path, t.fd(), t.base, unix.AT_SYMLINK_FOLLOW)
		if !errors.Is(err, unix.EEXIST) {
			return err == nil, nil
		}
	}
	name := temporary()
	if unix.Linkat(unix.AT_FDCWD, path, t.fd(), name, unix.AT_SYMLINK_FOLLOW) != nil {
		return false, nil
	}
	return true, t.rename(name)
}

func (t *target) rename(name string) error {
	err := unix.Renameat(t.fd(), name, t.fd(), t.base)
	if err == nil {
		return nil
	}
	unix.Unlinkat(t.fd(), name, 0)
	if t.stat != nil && (errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES)) {
		return &cannotReplace{err} // it is a mount point, or the directory is not ours to change
	}
	return err
}

// fill writes all of a new file.
func (t *target) fill(f *os.File, data []byte, readable bool) error {
	if t.stat != nil {
		if err := t.keep(f); err != nil {
			return &cannotReplace{err}
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

// fsync is a variable, for the tests.
var fsync = (*os.File).Sync

// keep gives a new file the owner, mode and extended attributes of the old one, among them the SELinux label and ACL.
func (t *target) keep(f *os.File) error {
	var now unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &now); err != nil {
		return err
	}
	if now.Uid != t.stat.Uid || now.Gid != t.stat.Gid {
		if err := f.Chown(int(t.stat.Uid), int(t.stat.Gid)); err != nil {
			return err
		}
	}
	if err := t.keepAttributes(f); err != nil {
		return err
	}
	return f.Chmod(os.FileMode(t.stat.Mode & 0o777))
}

// ofContent are attributes that say something of the old content.
var ofContent = map[string]bool{"security.ima": true, "security.evm": true, "security.capability": true}

func (t *target) keepAttributes(f *os.File) error {
	old := fmt.Sprintf("/proc/self/fd/%d/%s", t.fd(), t.base)
	names, err := attribute(func(to []byte) (int, error) { return unix.Llistxattr(old, to) })
	if errors.Is(err, unix.EOPNOTSUPP) {
		return nil
	}
	if err != nil {
		return err
	}
	// One that the directory gives to new files must not let in whom the old file kept out.
	if err := unix.Fremovexattr(int(f.Fd()), "system.posix_acl_access"); err != nil && !errors.Is(err, unix.ENODATA) &&
		!errors.Is(err, unix.EOPNOTSUPP) {
		return err
	}
	for name := range strings.SplitSeq(string(names), "\x00") {
		if name == "" || ofContent[name] {
			continue
		}
		value, err := attribute(func(to []byte) (int, error) { return unix.Lgetxattr(old, name, to) })
		if err == nil {
			err = unix.Fsetxattr(int(f.Fd()), name, value, 0)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// attribute reads what the kernel bounds to 64 KiB (xattr(7)).
func attribute(read func([]byte) (int, error)) ([]byte, error) {
	to := make([]byte, 64<<10)
	n, err := read(to)
	if err != nil {
		return nil, err
	}
	return to[:n], nil
}
