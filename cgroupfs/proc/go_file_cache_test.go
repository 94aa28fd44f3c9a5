package proc

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// A file that has changed is read again, and the oldest file is dropped when the cache is full.
func TestGoFileCache(t *testing.T) {
	c := goFileCache{known: map[fileKey]goAnswer{}}
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
		if _, err := c.read(f); !errors.Is(err, errNotGo) {
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
