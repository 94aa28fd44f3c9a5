package cgroupfs

import (
	"path/filepath"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

// What real kernels report about a container that may use half a CPU.
func TestStrainRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, _ bool) {
		g := openRecorded(dir, v2)
		defer g.Close()
		s := g.Strain()
		half := CPUQuota{figure.Number(50000), figure.Number(100000)}
		if want := (CPULimit{half, half, dir}); s.CPULimit != want {
			t.Errorf("%+v", s.CPULimit)
		}
		if _, ok := s.ThrottledUsec.Value(); !ok || !s.ForksFailed.Is(0) {
			t.Errorf("throttled %s, forks failed %s", s.ThrottledUsec, s.ForksFailed)
		}
	})
}

// The figures of a cgroup that is gone have vanished, and are not 0.
func TestStrainGone(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	at := location{path: gone}
	for name, g := range map[string]*Group{
		"v2": {Version: 2, Path: gone},
		"v1": {Version: 1, Path: gone, controllers: map[string]location{"cpu": at, "pids": at}},
	} {
		s := g.Strain()
		if s.ThrottledUsec.State() != figure.Vanished || s.ForksFailed.State() != figure.Vanished {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
