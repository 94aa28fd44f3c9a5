package cgroupfs

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// A container that is started again gets a cgroup at the same path. What is read of the first one is not the second one's.
func TestReplaced(t *testing.T) {
	c := newOwnCgroup(t)
	c.hold()
	if pids, err := c.Members(); err != nil || len(pids) != 1 {
		t.Fatalf("%v, %v", pids, err)
	}
	if d := c.Details(); d.V2.Cgroup.NrDescendants.State() != Present {
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
	for name, f := range map[string]Figure{"nr_descendants": d.V2.Cgroup.NrDescendants, "pids.max": d.PidsLimit.Own, "memory.max": d.MemoryLimit.Own} {
		if f.State() != Vanished {
			t.Errorf("%s: %s", name, f)
		}
	}
	if s := c.Swap(&d); s.Left.State() != Vanished || s.Limit.State() != Vanished {
		t.Errorf("%+v", s)
	}
}
