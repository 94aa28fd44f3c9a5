package cgroupfs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"haltscope/cgroupfs/figure"
)

// Absent, zero, "max", failed and vanished are five different values.
func TestFileFigure(t *testing.T) {
	dir := t.TempDir()
	cgroup := filepath.Join(dir, "cgroup")
	if err := os.Mkdir(cgroup, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(cgroup, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("zero", "0\n")
	write("number", "18446744073709551615\n")
	write("max", "max\n")
	write("long", "18446744073709551616\n")
	write("words", "-1\n")
	write("empty", "")
	buf := make([]byte, bufferSize)
	for name, want := range map[string]figure.Figure{
		"zero": figure.Number(0), "number": figure.Number(1<<64 - 1), "max": figure.Without(figure.Max),
		"long": figure.Without(figure.Failed), "words": figure.Without(figure.Failed), "empty": figure.Without(figure.Failed),
		"absent": figure.Without(figure.Unsupported), ".": figure.Without(figure.Failed),
	} {
		f := file{in: newFolder(location{path: cgroup}), name: name}
		if got := f.figure(buf); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		f.close()
	}
	gone := file{in: newFolder(location{path: filepath.Join(dir, "gone")}), name: "zero"}
	if got := gone.figure(buf); got != figure.Without(figure.Vanished) {
		t.Errorf("a cgroup that is gone: %s", got)
	}
	notMounted := file{in: newFolder(location{}), name: "zero"}
	if got := notMounted.figure(buf); got != figure.Without(figure.Unsupported) {
		t.Errorf("a hierarchy that is not mounted: %s", got)
	}
	// A cgroup that is made later at the same path is another one.
	in := newFolder(location{path: cgroup})
	if !in.exists() {
		t.Error("the folder was taken to be gone")
	}
	if err := errors.Join(os.Rename(cgroup, cgroup+".old"), os.Mkdir(cgroup, 0o755)); err != nil {
		t.Fatal(err)
	}
	write("new", "1\n")
	if f := (&file{in: in, name: "new"}); in.exists() || f.figure(buf) != figure.Without(figure.Vanished) {
		t.Errorf("another cgroup at the same path was taken for it: %s", f.figure(buf))
	}
}
