package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
)

// opened returns a journal that ends with the test.
func opened(t *testing.T, dir string) *Writer {
	t.Helper()
	w, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// numbered is a line of a watch about the nth thing that happened.
func numbered(n int) []byte {
	return fmt.Appendf(nil, `{"level":"info","time":"2026-05-20T12:00:00Z","action":"start","message":"%d"}`+"\n", n)
}

func write(t *testing.T, w *Writer, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		if _, err := w.Write(numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
}

// content returns the messages of a journal, and FILE:LINE of what cannot be read.
func content(dir string) string {
	var all []string
	for line, err := range Lines(dir) {
		if unread := (*UnreadError)(nil); errors.As(err, &unread) {
			all = append(all, fmt.Sprintf("%s:%d", filepath.Base(unread.File), unread.Line))
			continue
		}
		all = append(all, line.Message)
	}
	return strings.Join(all, " ")
}

func names(t *testing.T, dir string) (all []string, bytes int64) {
	t.Helper()
	found, err := files(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		all, bytes = append(all, f.name), bytes+f.size
	}
	return all, bytes
}

// A journal is written for its owner only, and goes on in the same file when the next watch begins.
func TestReopened(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "journal")
	w := opened(t, dir)
	if found, _ := names(t, dir); len(found) > 0 {
		t.Errorf("before the first line there is %q", found)
	}
	write(t, w, 1, 2)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, opened(t, dir), 3, 3)
	if got := content(dir); got != "1 2 3" {
		t.Error(got)
	}
	for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, "watch-00000001.jsonl"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// The oldest files are removed, whatever their number is, so that a journal stays within its size. Nothing else is.
func TestBound(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o600)
	w := opened(t, dir)
	one := int64(len(numbered(1000)))
	w.fileBytes, w.maxBytes = 10*one, 40*one
	for n := 1000; n < 1200; n++ {
		write(t, w, n, n)
		if _, bytes := names(t, dir); bytes > w.maxBytes {
			t.Fatalf("%d bytes after line %d", bytes, n)
		}
	}
	found, _ := names(t, dir)
	if len(found) != 4 || found[3] != "watch-00000020.jsonl" {
		t.Errorf("%q", found)
	}
	if got := content(dir); !strings.HasPrefix(got, "1160 1161 ") || !strings.HasSuffix(got, " 1198 1199") {
		t.Error(got)
	}
	if _, err := os.Stat(filepath.Join(dir, "notes.txt")); err != nil {
		t.Error(err)
	}
	// A line that is longer than a file has one of its own.
	long := append([]byte(strings.Repeat(" ", int(12*one))), numbered(1200)...)
	if _, err := w.Write(long); err != nil {
		t.Fatal(err)
	}
	write(t, w, 1201, 1201)
	if got := content(dir); !strings.HasSuffix(got, " 1199 1200 1201") {
		t.Error(got)
	}
	if found, _ := names(t, dir); found[len(found)-1] != "watch-00000022.jsonl" {
		t.Errorf("%q", found)
	}
}

// Nothing is appended to a line that was cut, or to a file that is not the watch's own.
func TestOtherFile(t *testing.T) {
	for name, c := range map[string]struct {
		make func(path string) error
		want string
	}{
		"cut":         {func(path string) error { return os.WriteFile(path, numbered(0)[:20], 0o600) }, "watch-00000005.jsonl:1 1"},
		"whole, cut":  {func(path string) error { return os.WriteFile(path, append(numbered(0), '{'), 0o600) }, "0 watch-00000005.jsonl:2 1"},
		"empty":       {func(path string) error { return os.WriteFile(path, nil, 0o600) }, "1"},
		"only zeros":  {func(path string) error { return os.WriteFile(path, make([]byte, 4096), 0o600) }, "watch-00000005.jsonl:1 1"},
		"a folder":    {func(path string) error { return os.Mkdir(path, 0o700) }, "1"},
		"a link":      {func(path string) error { return os.Symlink("other", path) }, "1"},
		"a link away": {func(path string) error { return os.Symlink("/dev/null", path) }, "1"},
		"a FIFO":      {func(path string) error { return unix.Mkfifo(path, 0o600) }, "1"},
	} {
		dir := t.TempDir()
		if err := c.make(filepath.Join(dir, "watch-00000005.jsonl")); err != nil {
			t.Fatal(err)
		}
		write(t, opened(t, dir), 1, 1)
		if got := content(dir); got != c.want {
			t.Errorf("%s: %s, wanted %s", name, got, c.want)
		}
		if _, err := os.Stat(filepath.Join(dir, "other")); err == nil {
			t.Errorf("%s: the line went to another file", name)
		}
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	used, open, plain := filepath.Join(dir, "used"), filepath.Join(dir, "open"), filepath.Join(dir, "file")
	os.Mkdir(open, 0o700)
	os.Chmod(open, 0o777)
	os.WriteFile(plain, nil, 0o600)
	refused := map[string]string{
		used:  "another watch writes to this journal",
		open:  "other users can write to this folder",
		plain: "not a directory",
	}
	if os.Geteuid() == 0 {
		other := filepath.Join(dir, "other")
		if err := errors.Join(os.Mkdir(other, 0o755), os.Chown(other, 12345, 0)); err != nil {
			t.Fatal(err)
		}
		refused[other] = "this folder belongs to another user"
	}
	first := opened(t, used)
	for path, want := range refused {
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		if hint := fault.Hint(err); hint == "" && path != plain {
			t.Errorf("%s has no hint", path)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	opened(t, used)
}

// A full disk takes no part of a line, and whole lines again when there is room.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting takes root")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=16k,mode=700"); err != nil {
		t.Skip("no tmpfs can be mounted:", err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	w := opened(t, dir)
	defer w.Close() // before the disk is gone
	if err := os.WriteFile(filepath.Join(dir, "large"), make([]byte, 8<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	n, failed := 0, error(nil)
	for failed == nil {
		_, failed = w.Write(numbered(n))
		n++
	}
	if !errors.Is(failed, unix.ENOSPC) || n < 50 {
		t.Fatalf("line %d: %v", n, failed)
	}
	if _, err := w.Write(numbered(0)); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("the next line: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "large")); err != nil {
		t.Fatal(err)
	}
	write(t, w, 1000, 1001)
	if got := content(dir); strings.Contains(got, ":") || !strings.HasSuffix(got, fmt.Sprintf(" %d 1000 1001", n-2)) {
		t.Error(got)
	}
}

// A file that somebody removes is noticed, and the next lines are kept.
func TestRemovedFile(t *testing.T) {
	dir := t.TempDir()
	w := opened(t, dir)
	write(t, w, 1, 1)
	if err := w.Sync(); err != nil || w.Unsynced() {
		t.Fatal(err, w.Unsynced())
	}
	write(t, w, 2, 2)
	os.Remove(filepath.Join(dir, "watch-00000001.jsonl"))
	if err := w.Sync(); err == nil || !strings.Contains(err.Error(), "removed") {
		t.Error(err)
	}
	write(t, w, 3, 3)
	if err := w.Sync(); err != nil {
		t.Error(err)
	}
	if got := content(dir); got != "3" {
		t.Error(got)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	write(t, w, 4, 4)
	if err := w.Sync(); err == nil {
		t.Error("the removed folder is not noticed")
	}
	if _, err := w.Write(numbered(5)); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// A writer that is killed at any time leaves all lines that it wrote, in order, and at most a cut one.
func TestKilled(t *testing.T) {
	const folder = "HALTSCOPE_JOURNAL"
	if dir := os.Getenv(folder); dir != "" {
		w := opened(t, dir)
		w.fileBytes = 64 << 10
		for n := 0; ; n++ {
			write(t, w, n, n)
			fmt.Println(n)
		}
	}
	for round := range 10 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), folder+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		written := 0
		for in := bufio.NewScanner(out); in.Scan(); written++ {
			if written == 200*round {
				cmd.Process.Kill() // and read what is left
			}
		}
		cmd.Wait()
		n := 0
		for line, err := range Lines(dir) {
			if errors.Is(err, ErrCut) {
				continue
			}
			if err != nil || line.Message != strconv.Itoa(n) {
				t.Fatalf("after %d lines: %+v, %v", n, line, err)
			}
			n++
		}
		if n < written || written == 0 {
			t.Errorf("%d lines of %d are left", n, written)
		}
		write(t, opened(t, dir), n, n)
		if got := content(dir); !strings.HasSuffix(got, " "+strconv.Itoa(n)) {
			t.Errorf("the next line: %s", got)
		}
	}
}
