package output

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
)

// report writes text to a path as a command does.
func report(ctx context.Context, path, text string) error {
	o, err := Open(ctx, path, io.Discard, func() {})
	if err != nil {
		return err
	}
	defer o.Close()
	if _, err := io.WriteString(o, text); err != nil {
		return err
	}
	return o.Commit(ctx)
}

func put(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), wanted %q", path, got, err, want)
	}
}

// alone checks that a directory has only these files.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(names) {
		t.Errorf("%s holds %v (%v), wanted %v", dir, entries, err, names)
	}
}

func stat(t *testing.T, path string) *syscall.Stat_t {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t)
}

// everywhere runs a test with and without support for unnamed files.
func everywhere(t *testing.T, test func(t *testing.T, dir string)) {
	t.Run("unnamed", func(t *testing.T) { test(t, t.TempDir()) })
	t.Run("named", func(t *testing.T) {
		before := openUnnamed
		openUnnamed = func(*destination) (*os.File, error) { return nil, unix.EOPNOTSUPP }
		defer func() { openUnnamed = before }()
		test(t, t.TempDir())
	})
}

func TestNewFile(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o027))
	everywhere(t, func(t *testing.T, dir string) {
		path := filepath.Join(dir, "r.json")
		o, err := Open(context.Background(), path, io.Discard, func() {})
		if err != nil {
			t.Fatal(err)
		}
		alone(t, dir) // during the work
		io.WriteString(o, "new")
		if err := o.Commit(context.Background()); err != nil {
			t.Fatal(err)
		}
		holds(t, path, "new")
		alone(t, dir, "r.json")
		if mode := stat(t, path).Mode & 0o7777; mode != 0o640 {
			t.Errorf("mode %o", mode)
		}
		if err := WriteFile(filepath.Join(dir, "m.prom"), []byte("m")); err != nil {
			t.Fatal(err)
		}
		if mode := stat(t, filepath.Join(dir, "m.prom")).Mode & 0o7777; mode != 0o644 {
			t.Errorf("mode %o of a file for everybody", mode)
		}
	})
}

// TestKept checks that an existing file keeps its owner, mode and attributes, and that nothing else is created.
func TestKept(t *testing.T) {
	everywhere(t, func(t *testing.T, dir string) {
		path := put(t, filepath.Join(dir, "r.json"), "the old report", 0o604)
		root := os.Geteuid() == 0
		if root {
			if err := os.Chown(path, 12, 34); err != nil {
				t.Fatal(err)
			}
		}
		labeled := unix.Setxattr(path, "user.origin", []byte("here"), 0) == nil // not every filesystem has them
		before := stat(t, path)
		if err := report(context.Background(), path, "new"); err != nil {
			t.Fatal(err)
		}
		holds(t, path, "new")
		alone(t, dir, "r.json")
		after := stat(t, path)
		if after.Ino == before.Ino {
			t.Error("it was written in place")
		}
		if after.Mode != before.Mode || after.Uid != before.Uid || after.Gid != before.Gid {
			t.Errorf("mode %o of %d:%d, was %o of %d:%d", after.Mode, after.Uid, after.Gid, before.Mode, before.Uid, before.Gid)
		}
		value := make([]byte, 10)
		if n, err := unix.Getxattr(path, "user.origin", value); labeled && (err != nil || string(value[:n]) != "here") {
			t.Errorf("the attribute is %q, %v", value[:max(n, 0)], err)
		}
	})
}

func TestSymlinks(t *testing.T) {
	everywhere(t, func(t *testing.T, dir string) {
		os.Mkdir(filepath.Join(dir, "a"), 0o755)
		os.Mkdir(filepath.Join(dir, "b"), 0o755)
		put(t, filepath.Join(dir, "b/real"), "old", 0o600)
		os.Symlink("../b/second", filepath.Join(dir, "a/first"))
		os.Symlink("real", filepath.Join(dir, "b/second"))
		os.Symlink(filepath.Join(dir, "b/yet to come"), filepath.Join(dir, "a/dangling"))
		os.Symlink("loop", filepath.Join(dir, "a/loop"))
		if err := report(context.Background(), filepath.Join(dir, "a/first"), "new"); err != nil {
			t.Fatal(err)
		}
		holds(t, filepath.Join(dir, "b/real"), "new")
		if err := report(context.Background(), filepath.Join(dir, "a/dangling"), "new"); err != nil {
			t.Fatal(err)
		}
		holds(t, filepath.Join(dir, "b/yet to come"), "new")
		for _, link := range []string{"a/first", "b/second", "a/dangling"} {
			if stat(t, filepath.Join(dir, link)).Mode&syscall.S_IFMT != syscall.S_IFLNK {
				t.Errorf("%s is no symlink any more", link)
			}
		}
		refused(t, filepath.Join(dir, "a/loop"), "too many")
	})
}

// TestHardLinks checks that all names of a file still name one file.
func TestHardLinks(t *testing.T) {
	everywhere(t, func(t *testing.T, dir string) {
		path, other := put(t, filepath.Join(dir, "r.json"), "a long old report", 0o600), filepath.Join(dir, "other")
		if err := os.Link(path, other); err != nil {
			t.Fatal(err)
		}
		if err := report(context.Background(), path, "new"); err != nil {
			t.Fatal(err)
		}
		holds(t, path, "new")
		holds(t, other, "new")
		alone(t, dir, "r.json", "other")
		if err := os.Truncate(path, maxRestorable+1); err != nil {
			t.Fatal(err)
		}
		refused(t, path, "64 MiB")
	})
}

// refused checks that Open returns a usage error.
func refused(t *testing.T, path, why string) {
	t.Helper()
	o, err := Open(context.Background(), path, io.Discard, func() {})
	var usage *fault.UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), why) {
		t.Errorf("%s: %v, wanted a usage error with %q", path, err, why)
	}
	if o != nil {
		o.Close()
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	file := put(t, filepath.Join(dir, "file"), "", 0o600)
	socket := filepath.Join(dir, "socket")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: socket}); err != nil {
		t.Fatal(err)
	}
	for path, why := range map[string]string{
		dir: "directory", dir + "/": "directory", dir + "/.": "directory", "..": "directory", "/": "directory",
		dir + "/no/such":                     "no such file or directory",
		file + "/x":                          "not a directory",
		socket:                               "socket",
		"/proc/sys/kernel/printk":            "kernel",
		"/proc/self/mounts":                  "kernel",
		"/proc/mounts":                       "kernel",
		"/proc/self/exe":                     "kernel",
		"/proc/self/cwd":                     "directory",
		"/proc/self/fd/999":                  "descriptor 999 is not open",
		"/dev/haltscope-no-device":           "no such device",
		dir + "/" + strings.Repeat("x", 256): "too long",
	} {
		refused(t, path, why)
	}
	if os.Geteuid() != 0 {
		return
	}
	block := filepath.Join(dir, "block")
	if err := unix.Mknod(block, unix.S_IFBLK|0o600, int(unix.Mkdev(7, 250))); err != nil {
		t.Skip("no device nodes can be made here:", err)
	}
	os.Symlink("block", block+"-link")
	refused(t, block, "block device")
	refused(t, block+"-link", "block device")
}

// TestFullDisk checks that the old content stays, whether the file is replaced or overwritten.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting takes root")
	}
	everywhere(t, func(t *testing.T, _ string) {
		dir := t.TempDir()
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k,nr_inodes=20"); err != nil {
			t.Skip("no tmpfs can be mounted:", err)
		}
		defer unix.Unmount(dir, unix.MNT_DETACH)
		path := put(t, filepath.Join(dir, "r.json"), `{"old":1}`, 0o600)
		linked := put(t, filepath.Join(dir, "linked"), `{"old":2}`, 0o600)
		os.Link(linked, linked+"2")
		large := strings.Repeat("x", 100_000)
		for _, p := range []string{path, linked, filepath.Join(dir, "new")} {
			if err := report(context.Background(), p, large); !errors.Is(err, unix.ENOSPC) {
				t.Errorf("%s: %v", p, err)
			}
		}
		holds(t, path, `{"old":1}`)
		holds(t, linked, `{"old":2}`)
		alone(t, dir, "r.json", "linked", "linked2")
	})
}

// TestFsyncFails checks that content that is not on disk does not count as written.
func TestFsyncFails(t *testing.T) {
	everywhere(t, func(t *testing.T, dir string) {
		path := put(t, filepath.Join(dir, "r.json"), "old", 0o600)
		linked := put(t, filepath.Join(dir, "linked"), "old", 0o600)
		os.Link(linked, linked+"2")
		before := fsync
		defer func() { fsync = before }()
		for _, p := range []string{path, linked, filepath.Join(dir, "new")} {
			failed := false
			fsync = func(f *os.File) error {
				if failed {
					return before(f)
				}
				failed = true
				return unix.EIO
			}
			if err := report(context.Background(), p, "new"); !errors.Is(err, unix.EIO) {
				t.Errorf("%s: %v", p, err)
			}
		}
		holds(t, path, "old")
		holds(t, linked, "old")
		alone(t, dir, "r.json", "linked", "linked2")
	})
}

// TestMountPoint checks that a file that is a mount point, as in a container, is overwritten.
func TestMountPoint(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting takes root")
	}
	everywhere(t, func(t *testing.T, dir string) {
		outside, inside := put(t, filepath.Join(dir, "outside"), "old", 0o600), put(t, filepath.Join(dir, "inside"), "", 0o600)
		if err := unix.Mount(outside, inside, "", unix.MS_BIND, ""); err != nil {
			t.Skip("no file can be mounted:", err)
		}
		defer unix.Unmount(inside, unix.MNT_DETACH)
		if err := report(context.Background(), inside, "new"); err != nil {
			t.Error(err)
		}
		holds(t, outside, "new")
		alone(t, dir, "outside", "inside")
	})
}

// TestFIFO checks that a reader gets the report, that Open waits for a reader, and that the wait can be interrupted.
func TestFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	waits := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	open := func(ctx context.Context) {
		o, err := Open(ctx, path, io.Discard, func() { waits <- struct{}{} })
		if err == nil {
			io.WriteString(o, strings.Repeat("x", 200_000)) // more than a pipe holds
			err = o.Commit(ctx)
			o.Close()
		}
		ended <- err
	}
	go open(ctx)
	<-waits
	got, err := os.ReadFile(path)
	if err != nil || len(got) != 200_000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	// Nobody comes.
	short, end := context.WithCancel(ctx)
	go open(short)
	<-waits
	end()
	select {
	case err := <-ended:
		if !errors.Is(err, fault.ErrInterrupted) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits on")
	}
	if stat(t, path).Mode&syscall.S_IFMT != syscall.S_IFIFO {
		t.Error("the FIFO was replaced")
	}
}

// TestReaderTakesNothing checks that an interruption ends the wait for a reader.
func TestReaderTakesNothing(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	o, err := Open(context.Background(), "", w, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Write(bytes.Repeat([]byte("x"), 200_000))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := o.Commit(ctx); !errors.Is(err, fault.ErrInterrupted) {
		t.Error(err)
	}
}

// TestDescriptor checks that a descriptor of this process is written at its offset.
func TestDescriptor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	io.WriteString(f, "head\n")
	n := "/proc/self/fd/" + strconv.Itoa(int(f.Fd()))
	refused(t, n, "is not open") // for it was opened here
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETFD, 0); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{n, "/dev/fd/" + strconv.Itoa(int(f.Fd())), "/proc/thread-self/fd/" + strconv.Itoa(int(f.Fd()))} {
		if err := report(context.Background(), name, "report\n"); err != nil {
			t.Error(err)
		}
	}
	holds(t, path, "head\nreport\nreport\nreport\n")
	if _, err := os.Open(n); err != nil {
		t.Error(err)
	}
}
