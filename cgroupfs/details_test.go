package cgroupfs

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

// mayBeMissing are the figures that not all of the recorded kernels have: newer ones, and those of zswap.
var mayBeMissing = map[string]bool{
	".V2.MemoryEvents.SockThrottled": true, ".V2.MemoryEventsLocal.SockThrottled": true, ".V2.SwapPeak": true,
	".V2.FrozenUsec": true, ".V2.Cgroup.NrDyingSubsysMemory": true, ".V2.CPUStat.NiceUsec": true,
	".V2.ZswapMax": true, ".V2.ZswapCurrent": true,
}

// What real kernels report about a container that may use 64 MiB, half a CPU and 100 tasks.
func TestDetailsRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		g := openRecorded(dir, v2)
		defer g.Close()
		d := g.Details()
		limit := func(v uint64) Limit { return Limit{figure.Number(v), figure.Number(v), dir} }
		if diff := cmp.Diff([]Limit{limit(64 << 20), limit(100)}, []Limit{d.MemoryLimit, d.PidsLimit}, compareFigures); diff != "" {
			t.Error(diff)
		}
		half := CPUQuota{figure.Number(50000), figure.Number(100000)}
		if want := (CPULimit{half, half, dir}); d.CPULimit != want {
			t.Errorf("%+v", d.CPULimit)
		}
		if v, ok := d.PidsPeak.Value(); !ok || v == 0 {
			t.Errorf("pids.peak %s", d.PidsPeak)
		}
		if !d.PidsEvents.Is(0) {
			t.Errorf("pids.events %s", d.PidsEvents)
		}
		own, other := any(d.V2), any(d.V1)
		prefix := ".V2"
		if !v2 {
			own, other, prefix = other, own, ".V1"
		}
		for name, f := range figuretest.All(own) {
			// The folder above the recorded one is not a cgroup.
			if strings.HasPrefix(name, ".ParentCgroup") || mayBeMissing[prefix+name] && f.State() == figure.Unsupported {
				continue
			}
			if f.State() != figure.Present && f.State() != figure.Max {
				t.Errorf("%s is %s", prefix+name, f)
			}
		}
		for name, f := range figuretest.All(other) {
			if f.State() != figure.NotMeasured {
				t.Errorf("the other version's %s is %s", name, f)
			}
		}
	})
}

func TestDetailsV2Recorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		if !v2 {
			return
		}
		g := openRecorded(dir, v2)
		defer g.Close()
		v := g.Details().V2
		if !v.SwapLimit.Own.Is(64<<20) || !v.MemoryLow.Is(0) || !v.MemoryMin.Is(0) || v.MemoryHigh != noLimit || !v.OOMGroup.Is(0) {
			t.Errorf("limits: %+v", v)
		}
		if v.MemoryEvents != v.MemoryEventsLocal {
			t.Errorf("a cgroup without cgroups below it has events %+v, and local events %+v", v.MemoryEvents, v.MemoryEventsLocal)
		}
		usage, _ := v.CPUStat.UsageUsec.Value()
		user, _ := v.CPUStat.UserUsec.Value()
		system, _ := v.CPUStat.SystemUsec.Value()
		if usage == 0 || usage+1 < user+system || user+system+1 < usage {
			t.Errorf("cpu.stat: %+v", v.CPUStat)
		}
		if v.IO.State != figure.Present {
			t.Errorf("io.stat: %+v", v.IO)
		}
		if parent := parseCgroupStat(figuretest.Read(t, dir, "parent_cgroup.stat")); !parent.NrDescendants.Is(1) {
			t.Errorf("parent: %+v", parent)
		}
	})
}

// If the cgroup is gone, all figures have vanished. If a controller is not mounted, its figures are unsupported.
func TestDetailsMissing(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	at := location{path: gone}
	for name, c := range map[string]struct {
		group *Group
		want  figure.State
	}{
		"v2, gone": {&Group{Version: 2, Path: gone}, figure.Vanished},
		"v1, gone": {&Group{Version: 1, Path: gone, controllers: map[string]location{
			"memory": at, "cpu": at, "cpuacct": at, "pids": at, "blkio": at,
		}}, figure.Vanished},
		"v1, not mounted": {&Group{Version: 1, Path: gone, controllers: map[string]location{"freezer": at}}, figure.Unsupported},
	} {
		d := c.group.Details()
		if c.group.Version == 2 {
			d.V2.ParentCgroup = CgroupStat{} // the folder above still exists
			if d.V2.IO.State != c.want {
				t.Errorf("%s: io.stat is %s", name, d.V2.IO.State)
			}
		} else if d.V1.IOServiced.State != c.want || d.V1.IOServiceBytes.State != c.want {
			t.Errorf("%s: %+v", name, d.V1)
		}
		for field, f := range figuretest.All(d) {
			if f.State() != c.want && f.State() != figure.NotMeasured {
				t.Errorf("%s: %s is %s", name, field, f)
			}
		}
		if d.MemoryLimit.Effective.State() != c.want || d.MemoryLimit.By != "" {
			t.Errorf("%s: %+v", name, d.MemoryLimit)
		}
	}
}

// Each figure of a cgroup that is gone has vanished.
func TestGone(t *testing.T) {
	r, d := Gone()
	for _, all := range []map[string]figure.Figure{figuretest.All(r), figuretest.All(d)} {
		for name, f := range all {
			if f != figure.Without(figure.Vanished) {
				t.Errorf("%s is %s", name, f)
			}
		}
	}
	if d.V2.IO.State != figure.Vanished || d.V1.IOServiced.State != figure.Vanished {
		t.Errorf("%+v", d)
	}
}

// The root cgroup of this machine.
func TestDetailsHere(t *testing.T) {
	h, err := NewHost()
	if err != nil {
		t.Skip(err)
	}
	g := &Group{Version: h.Version, Path: h.mounts[""].point, controllers: map[string]location{}}
	for controller, m := range h.mounts {
		g.controllers[controller] = location{path: m.point}
	}
	d := g.Details()
	for name, f := range figuretest.All(d) {
		if f.State() == figure.Failed || f.State() == figure.Vanished {
			t.Errorf("%s is %s", name, f)
		}
	}
	usage := d.V2.CPUStat.UsageUsec
	if h.Version == 1 {
		usage = d.V1.CPUAcctUsage
	}
	if v, ok := usage.Value(); !ok || v == 0 {
		t.Errorf("CPU time used: %s", usage)
	}
}
