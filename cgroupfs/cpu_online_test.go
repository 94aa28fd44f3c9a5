package cgroupfs

import (
	"path/filepath"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

func TestReadOnlineCPUs(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		if n, ok := figure.ReadCPUList(filepath.Join(dir, "cpu_online")).Count().Value(); !ok || n == 0 {
			t.Errorf("%d CPUs", n)
		}
	})
	if cpus := ReadOnlineCPUs(); cpus.State != figure.Present {
		t.Errorf("this host: %s", cpus.State)
	}
}
