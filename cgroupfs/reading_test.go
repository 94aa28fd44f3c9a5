package cgroupfs

import (
	"runtime/debug"
	"slices"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

// openRecorded opens recorded files as the group of a container.
func openRecorded(dir string, v2 bool) *Group {
	h := &Host{Version: 1, mounts: map[string]mount{"freezer": {point: "/nowhere"}}}
	at := map[string]location{}
	if v2 {
		h = &Host{Version: 2, mounts: map[string]mount{"": {point: "/nowhere"}}}
	}
	for _, controller := range h.controllers() {
		at[controller] = location{path: dir}
	}
	return h.open(at)
}

// What real kernels report about a container of nginx with a limit of 64 MiB, running and paused.
func TestReadRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		g := openRecorded(dir, v2)
		defer g.Close()
		var r Reading
		g.Read(&r)
		frozen := uint64(0)
		if paused {
			frozen = 1
		}
		if !r.Freezer.Requested.Is(frozen) || !r.Freezer.Frozen.Is(frozen) {
			t.Errorf("freezer %+v", r.Freezer)
		}
		m := r.Memory
		if !m.Limit.Is(64 << 20) {
			t.Errorf("limit %s", m.Limit)
		}
		for name, f := range map[string]figure.Figure{
			"current": m.Current, "anon": m.Anon, "kernel": m.Kernel, "cpu": r.CPUUsage, "pids": r.Pids,
		} {
			if v, ok := f.Value(); !ok || v == 0 {
				t.Errorf("%s is %s", name, f)
			}
		}
		for name, f := range map[string]figure.Figure{
			"file": m.File, "shmem": m.Shmem, "dirty": m.FileDirty, "inactive_file": m.InactiveFile,
		} {
			if _, ok := f.Value(); !ok {
				t.Errorf("%s is %s", name, f)
			}
		}
		if !m.OOMKill.Is(0) {
			t.Errorf("oom_kill %s", m.OOMKill)
		}
		if v2 {
			if !r.Populated.Is(1) || r.StatV1.TotalCache.State() != figure.NotMeasured {
				t.Errorf("populated %s, v1's total_cache %s", r.Populated, r.StatV1.TotalCache)
			}
		} else if r.Populated.State() != figure.Unsupported || m.Sock.State() != figure.Unsupported || r.Stat.Anon.State() != figure.NotMeasured {
			t.Errorf("v1 has populated %s, sock %s, v2's anon %s", r.Populated, m.Sock, r.Stat.Anon)
		}
		// The parts and the whole differ by no more than what each CPU may count late, 64 pages.
		current, _ := m.Current.Value()
		sum := uint64(0)
		for _, f := range []figure.Figure{m.Anon, m.File, m.Kernel, m.Sock} {
			v, _ := f.Value()
			sum += v
		}
		if sum > current+2*64*4096 || current > sum+2*64*4096 {
			t.Errorf("anon + file + kernel + sock = %d, current = %d", sum, current)
		}
	})
}

func TestReadDoesNotAllocate(t *testing.T) {
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("with the race detector, a sync.Pool forgets at random; scripts/test runs this without it, too")
	}
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		g := openRecorded(dir, v2)
		defer g.Close()
		var r Reading
		if n := testing.AllocsPerRun(100, func() { g.Read(&r) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
