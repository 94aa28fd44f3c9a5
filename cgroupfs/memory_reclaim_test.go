package cgroupfs

import (
	"errors"
	"path/filepath"
	"testing"
)

// Before Linux 5.19 there is no memory.reclaim.
func TestCanReclaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cgroup")
	writeCgroup(t, dir, map[string]string{"cgroup.procs": ""})
	h := &Host{Version: 2, mounts: map[string]mount{"": {point: "/nowhere"}}}
	g := h.open(map[string]location{"": {path: dir}})
	defer g.Close()
	if err := g.CanReclaim(); !errors.Is(err, ErrNoReclaim) {
		t.Error(err)
	}
	writeCgroup(t, dir, map[string]string{"memory.reclaim": ""})
	if err := g.CanReclaim(); err != nil {
		t.Error(err)
	}
	gone := h.open(map[string]location{"": {path: dir + "-gone"}})
	if err := gone.CanReclaim(); err == nil || errors.Is(err, ErrNoReclaim) {
		t.Error(err)
	}
}
