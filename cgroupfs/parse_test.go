package cgroupfs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/cgroupfs/figure"
)

// compareFigures makes cmp compare figures.
var compareFigures = cmp.AllowUnexported(figure.Figure{})

// noLimit is "max".
var noLimit = figure.Without(figure.Max)

func TestMemoryStatKeys(t *testing.T) {
	var m MemoryStat
	parseMemoryStat([]byte("anon 1\nnew_key 7\nfile x\nkernel 3"), &m)
	if !m.Anon.Is(1) || m.File.State() != figure.Failed || !m.Kernel.Is(3) || m.Sock.State() != figure.Unsupported {
		t.Errorf("%+v", m)
	}
}

func TestParseCPUMax(t *testing.T) {
	n, failed := figure.Number, figure.Without(figure.Failed)
	for name, c := range map[string]struct {
		text string
		want CPUQuota
	}{
		"a quota":   {"50000 100000\n", CPUQuota{n(50000), n(100000)}},
		"no quota":  {"max 100000\n", CPUQuota{noLimit, n(100000)}},
		"cut":       {"50000", CPUQuota{failed, failed}},
		"no period": {"50000 0\n", CPUQuota{failed, failed}},
		"empty":     {"", CPUQuota{failed, failed}},
		"a word":    {"much 100000\n", CPUQuota{failed, n(100000)}},
	} {
		if got := parseCPUMax([]byte(c.text)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	for text, want := range map[string]figure.Figure{"50000\n": n(50000), "-1\n": noLimit, "-2\n": failed, "": failed} {
		if got := parseCFSQuota([]byte(text)); got != want {
			t.Errorf("cpu.cfs_quota_us, %q: %s, want %s", text, got, want)
		}
	}
}

func TestParseFlatKeyed(t *testing.T) {
	n, missing, failed := figure.Number, figure.Without(figure.Unsupported), figure.Without(figure.Failed)
	for name, c := range map[string]struct{ got, want any }{
		"memory.events": {
			parseMemoryEvents([]byte("low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\nsock_throttled 7\n")),
			MemoryEvents{n(1), n(2), n(3), n(4), n(5), n(6), n(7)},
		},
		"memory.events before 5.17": {
			parseMemoryEvents([]byte("low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n")),
			MemoryEvents{n(1), n(2), n(3), n(4), n(5), missing, missing},
		},
		"memory.events, cut": {
			parseMemoryEvents([]byte("low 1\nhigh")),
			MemoryEvents{n(1), failed, missing, missing, missing, missing, missing},
		},
		"memory.events, huge": {
			parseMemoryEvents([]byte(strings.Repeat("x 1\n", 1<<18) + "low 1")),
			MemoryEvents{n(1), missing, missing, missing, missing, missing, missing},
		},
		"memory.swap.events":            {parseSwapEvents([]byte("high 1\nmax 2\nfail 3\n")), SwapEvents{n(1), n(2), n(3)}},
		"memory.swap.events before 5.8": {parseSwapEvents([]byte("max 2\nfail 3\n")), SwapEvents{missing, n(2), n(3)}},
		"memory.oom_control": {
			parseOOMControl([]byte("oom_kill_disable 1\nunder_oom 0\noom_kill 2\n")), OOMControl{n(1), n(0), n(2)},
		},
		"memory.oom_control before 4.13": {
			parseOOMControl([]byte("oom_kill_disable 0\nunder_oom 1\n")), OOMControl{n(0), n(1), missing},
		},
		"cgroup.stat": {
			parseCgroupStat([]byte("nr_descendants 3\nnr_subsys_memory 4\nnr_dying_descendants 1\nnr_dying_subsys_memory 2\n")),
			CgroupStat{n(3), n(1), n(2)},
		},
		"cgroup.stat, empty": {parseCgroupStat(nil), CgroupStat{missing, missing, missing}},
		"cgroup.stat.local":  {parseFrozenUsec([]byte("frozen_usec 3600125\n")), n(3600125)},
		"pids.events":        {parsePidsEvents([]byte("max 4\n")), n(4)},
		"cpu.stat": {
			parseCPUStat([]byte("usage_usec 3\nuser_usec 1\nsystem_usec 2\nunknown 4\n")),
			CPUStat{n(3), n(1), n(2), missing, missing, missing, missing, missing, missing},
		},
		"v1's cpu.stat": {
			parseCPUStatV1([]byte("nr_periods 310\nnr_throttled 12\nthrottled_time 480123456\nnr_bursts 0\n")),
			CPUStatV1{n(310), n(12), n(480123456)},
		},
	} {
		if diff := cmp.Diff(c.want, c.got, compareFigures); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseIO(t *testing.T) {
	n, missing := figure.Number, figure.Without(figure.Unsupported)
	for name, c := range map[string]struct{ got, want any }{
		"io.stat": {
			parseIOStat([]byte("8:16 rbytes=1459200 wbytes=3 rios=192 wios=1 dbytes=0 dios=0 cost.usage=12\n8:0 \n")),
			IO{[]IODevice{
				{"8:16", IOStat{n(1459200), n(3), n(192), n(1), n(0), n(0)}},
				{"8:0", IOStat{missing, missing, missing, missing, missing, missing}},
			}, figure.Present},
		},
		"io.stat, empty":        {parseIOStat(nil), IO{State: figure.Present}},
		"io.stat, not a device": {parseIOStat([]byte("sda rbytes=1\n")), IO{State: figure.Failed}},
		"io.stat, cut": {
			parseIOStat([]byte("8:0 rbytes=1 wby")),
			IO{[]IODevice{{"8:0", IOStat{n(1), missing, missing, missing, missing, missing}}}, figure.Present},
		},
		"blkio": {
			parseBlkio([]byte("254:0 Read 10\n254:0 Write 20\n254:0 Sync 30\n254:0 Total 30\n8:0 Read 1\nTotal 31\n")),
			Blkio{[]BlkioDevice{{"254:0", n(10), n(20)}, {"8:0", n(1), missing}}, figure.Present},
		},
		"blkio, no device": {parseBlkio([]byte("Total 0\n")), Blkio{State: figure.Present}},
		"blkio, cut":       {parseBlkio([]byte("254:0 Re")), Blkio{State: figure.Failed}},
	} {
		if diff := cmp.Diff(c.want, c.got, compareFigures); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
