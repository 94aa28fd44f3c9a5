package cgroupfs

import (
	"os"
	"path/filepath"
	"testing"

	"haltscope/cgroupfs/figure"
)

// TestHasFile checks that a cgroup without the file, no cgroup to look at, and a failed look are three answers.
func TestHasFile(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, top string)
		want figure.State
	}{
		{"one has it", func(t *testing.T, top string) {
			writeFiles(t, top, "a/cgroup.procs", "b/cgroup.procs", "b/cgroup.freeze")
		}, figure.Present},
		{"none has it", func(t *testing.T, top string) { writeFiles(t, top, "cgroup.freeze", "a/cgroup.procs") }, figure.Unsupported},
		{"none has the controller", func(t *testing.T, top string) { writeFiles(t, top, "cgroup.procs", "a/cpu.max") }, figure.NotMeasured},
		{"no cgroup", func(*testing.T, string) {}, figure.NotMeasured},
		{"it cannot be looked at", func(t *testing.T, top string) {
			writeFiles(t, top, "a/cgroup.procs", "b/cgroup.procs")
			if err := os.Symlink("cgroup.freeze", filepath.Join(top, "a/cgroup.freeze")); err != nil { // ELOOP
				t.Fatal(err)
			}
		}, figure.Failed},
		{"the cgroups cannot be listed", func(t *testing.T, top string) {
			if err := os.Remove(top); err != nil {
				t.Fatal(err)
			}
		}, figure.Failed},
	} {
		top := t.TempDir()
		c.make(t, top)
		h := &Host{Version: 2, mounts: map[string]mount{"": {point: top}}}
		if got := h.HasFile("cgroup.freeze", "cgroup.procs"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := (&Host{Version: 1}).HasFile("cgroup.freeze", "cgroup.procs"); got != figure.NotMeasured {
		t.Errorf("v1: %s", got)
	}
}

// writeFiles makes empty files, and the folders that they are in.
func writeFiles(t *testing.T, top string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
