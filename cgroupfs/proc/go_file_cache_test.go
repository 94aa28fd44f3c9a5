package proc

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// A file that has changed is read again, and the oldest file is dropped when the cache is full.
func TestGoFileCache(t *testing.T) {
	c := goFileCache{known: map[fileKey]*goAnswer{}}
	read := func(name, text string) {
		t.Helper()
		if text != "" {
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := c.read(f); !errors.Is(err, ErrNotGo) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := t.TempDir()
	one := filepath.Join(dir, "one")
	read(one, "x")
	read(one, "")
	if c.reads != 1 {
		t.Errorf("read %d times", c.reads)
	}
	read(one, "xy")
	if c.reads != 2 {
		t.Errorf("read %d times after it had changed", c.reads)
	}
	for i := range maxGoFiles {
		read(filepath.Join(dir, strconv.Itoa(i)), "x")
	}
	if len(c.known) != maxGoFiles || len(c.order) != maxGoFiles {
		t.Errorf("the cache has %d and %d files", len(c.known), len(c.order))
	}
	reads := c.reads
	read(one, "")
	if c.reads != reads+1 {
		t.Error("the oldest file was not dropped")
	}
}

// TestGoFileCacheOnce checks that several readers of one file at a time read it once.
func TestGoFileCacheOnce(t *testing.T) {
	c := goFileCache{known: map[fileKey]*goAnswer{}}
	name := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(name, make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			f, err := os.Open(name)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			if _, err := c.read(f); !errors.Is(err, ErrNotGo) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if c.reads != 1 {
		t.Errorf("read %d times", c.reads)
	}
}

// TestGoFileKeyOfOverlay checks that a file of an image has one key in all of its containers.
func TestGoFileKeyOfOverlay(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting an overlay takes root")
	}
	dir := t.TempDir()
	lower := filepath.Join(dir, "lower")
	if err := os.MkdirAll(lower, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(lower, "program"), []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	var keys []fileKey
	for _, container := range []string{"a", "b"} {
		at := filepath.Join(dir, container)
		for _, part := range []string{"upper", "work", "merged"} {
			if err := os.MkdirAll(filepath.Join(at, part), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		merged := filepath.Join(at, "merged")
		options := "lowerdir=" + lower + ",upperdir=" + filepath.Join(at, "upper") + ",workdir=" + filepath.Join(at, "work")
		if err := unix.Mount("overlay", merged, "overlay", 0, options); err != nil {
			t.Skipf("no overlay can be mounted here: %v", err)
		}
		t.Cleanup(func() {
			if err := unix.Unmount(merged, 0); err != nil {
				t.Error(err)
			}
		})
		f, err := os.Open(filepath.Join(merged, "program"))
		if err != nil {
			t.Fatal(err)
		}
		key, err := keyOf(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	if keys[0] != keys[1] {
		t.Errorf("two keys: %+v", keys)
	}
}
