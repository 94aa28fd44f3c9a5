package cgroupfs

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"haltscope/cgroupfs/figure"
)

// Released files are opened again, if the cgroup is the same.
func TestRelease(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cgroup")
	files := map[string]string{"cgroup.procs": "", "memory.current": "7\n"}
	writeCgroup(t, dir, files)
	h := &Host{Version: 2, mounts: map[string]mount{"": {point: "/nowhere"}}}
	g := h.open(map[string]location{"": {path: dir}})
	var r Reading
	for range 2 {
		g.ReadMemory(&r)
		if !r.Memory.Current.Is(7) {
			t.Fatal(r.Memory.Current)
		}
		g.Release()
		for _, f := range g.folders {
			if f.fd >= 0 {
				t.Errorf("%s is open", f.path)
			}
		}
	}
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	writeCgroup(t, dir, files)
	if g.ReadMemory(&r); r.Memory.Current != figure.Without(figure.Vanished) || g.Exists() {
		t.Errorf("another cgroup at the same path was taken for it: %s", r.Memory.Current)
	}
	g.Close()
	if g.ReadMemory(&r); r.Memory.Current != figure.Without(figure.Failed) {
		t.Errorf("closed: %s", r.Memory.Current)
	}
}

// A container that is restarted gets another cgroup at the same path, which is not taken for the first one.
func TestReplaced(t *testing.T) {
	c := newOwnCgroup(t)
	c.openFolders()
	if pids, err := c.Members(); err != nil || len(pids) != 1 {
		t.Fatalf("%v, %v", pids, err)
	}
	if d := c.Details(); d.V2.Cgroup.NrDescendants.State() != figure.Present {
		t.Fatalf("%+v", d.V2.Cgroup)
	}
	c.end()
	c.remove()
	if err := os.Mkdir(c.Path, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Rmdir(c.Path) })
	if pids, err := c.Members(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, %v", pids, err)
	}
	d := c.Details()
	for name, f := range map[string]figure.Figure{
		"nr_descendants": d.V2.Cgroup.NrDescendants, "pids.max": d.PidsLimit.Own, "memory.max": d.MemoryLimit.Own,
	} {
		if f.State() != figure.Vanished {
			t.Errorf("%s: %s", name, f)
		}
	}
	if s := c.Swap(&d); s.Left.State() != figure.Vanished || s.Limit.State() != figure.Vanished {
		t.Errorf("%+v", s)
	}
}
