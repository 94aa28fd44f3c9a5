package proc

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// walked returns the paths of the files below a folder, as a walk finds them.
func walked(ctx context.Context, t *testing.T, dir string) (paths []string, skipped int, err error) {
	t.Helper()
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	w := walker{ctx: ctx, visit: func(path string, f *RegularFile) error {
		f.Close()
		paths = append(paths, path)
		return nil
	}}
	top, err := w.open(fd, ".")
	if err != nil {
		t.Fatal(err)
	}
	err = w.walk(top, "/at", 0)
	slices.Sort(paths)
	return paths, w.skipped, err
}

// TestWalk checks that a walk finds regular files only, whatever their names are, and that it follows no link.
func TestWalk(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	for _, name := range []string{"a", "b/c", "b/new\nline", "b/\x1b[31m", "d/e/f"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(outside+"/secret", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"link": outside + "/secret", "folder": outside, "loop": "."} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil { // opening it would block
		t.Fatal(err)
	}
	paths, skipped, err := walked(t.Context(), t, dir)
	want := []string{"/at/a", "/at/b/\x1b[31m", "/at/b/c", "/at/b/new\nline", "/at/d/e/f"}
	if err != nil || skipped != 0 || !slices.Equal(paths, want) {
		t.Errorf("%q, %d, %v", paths, skipped, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if paths, _, err := walked(ctx, t, dir); !errors.Is(err, context.Canceled) || len(paths) > 0 {
		t.Errorf("cancelled: %q, %v", paths, err)
	}
}

// TestWalkDeep checks that a walk ends at its depth, and reports what it left out.
func TestWalkDeep(t *testing.T) {
	dir := t.TempDir()
	deep := dir + strings.Repeat("/d", maxFolders+3)
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{dir + strings.Repeat("/d", maxFolders), deep} {
		if err := os.WriteFile(folder+"/file", nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	paths, skipped, err := walked(t.Context(), t, dir)
	if err != nil || len(paths) != 1 || skipped != 1 {
		t.Errorf("%d files, %d skipped, %v", len(paths), skipped, err)
	}
}

// TestRootWalk checks the walk of a mount: that of this process's proc is left out, as is one that is not mounted.
func TestRootWalk(t *testing.T) {
	root, err := OpenRoot(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	never := func(path string, f *RegularFile) error {
		f.Close()
		t.Error(path)
		return errors.New("visited")
	}
	for _, m := range root.Mounts {
		if m.Type != "proc" {
			continue
		}
		if _, err := root.Walk(t.Context(), &m, never); !errors.Is(err, ErrNotLocal) {
			t.Errorf("%+v: %v", m, err)
		}
	}
	other := Mount{ID: 1 << 40, Point: "/", Type: "tmpfs"}
	if _, err := root.Walk(t.Context(), &other, never); !errors.Is(err, ErrCovered) {
		t.Errorf("another mount at /: %v", err)
	}
}

func TestOpenRegular(t *testing.T) {
	dir := t.TempDir()
	fifo, file := dir+"/fifo", dir+"/file"
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, dir, os.DevNull} {
		if f, err := OpenRegular(path); !errors.Is(err, ErrNotRegular) {
			t.Errorf("%s: %+v, %v", path, f, err)
		}
	}
	f, err := OpenRegular(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := f.Open()
	if err != nil || f.Size != 4 || f.Deleted {
		t.Fatalf("%+v, %v", f, err)
	}
	unix.Close(fd)
}

// TestReadOpenFiles checks that the files that a process has open are listed with what identifies them.
func TestReadOpenFiles(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/open")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := unix.MemfdCreate("name", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	_, nameless, err := NamelessMount()
	if err != nil {
		t.Fatal(err)
	}
	all, err := ReadOpenFiles(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i := range all {
		if all[i].Path != f.Name() && !(all[i].Path == "/memfd:name (deleted)" && all[i].MountID == nameless) {
			continue
		}
		opened, path, err := all[i].Open()
		if err != nil || path != all[i].Path {
			t.Fatalf("%q, %v", path, err)
		}
		if inode, ok := all[i].Inode.Value(); ok && inode != opened.Inode {
			t.Errorf("%+v is %+v", all[i], opened)
		}
		opened.Close()
		found++
	}
	if found != 2 {
		t.Errorf("%d of 2 in %+v", found, all)
	}
}

func TestUpperDir(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/written", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	u := NewUpperDir(dir)
	for path, want := range map[string]bool{"/written": true, "/other": false, "/written/below": false, "/link/passwd": false,
		"/" + strings.Repeat("x", 300): false} {
		if has, err := u.Has(path); err != nil || has != want {
			t.Errorf("%.20s: %t, %v", path, has, err)
		}
	}
	if _, err := u.Has("/../" + filepath.Base(dir)); err == nil {
		t.Error("a path led out of the folder")
	}
	if _, err := NewUpperDir(dir + "/gone").Has("/x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
