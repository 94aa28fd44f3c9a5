package cgroupfs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var figures = cmp.AllowUnexported(Figure{})

// noLimit is "max".
var noLimit = Figure{state: Max}

// figuresOf lists every figure in v, by its path from there.
func figuresOf(v any) map[string]Figure {
	all := map[string]Figure{}
	var walk func(name string, v reflect.Value)
	walk = func(name string, v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[Figure]():
			all[name] = v.Interface().(Figure)
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				walk(name, v.Index(i))
			}
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(name+"."+v.Type().Field(i).Name, v.Field(i))
				}
			}
		}
	}
	walk("", reflect.ValueOf(v))
	return all
}

// notAll are the figures that not all of the recorded kernels have: they came later, or zswap was left out of them.
var notAll = map[string]bool{
	".V2.MemoryEvents.SockThrottled": true, ".V2.MemoryEventsLocal.SockThrottled": true, ".V2.SwapPeak": true,
	".V2.FrozenUsec": true, ".V2.Cgroup.NrDyingSubsysMemory": true, ".V2.CPUStat.NiceUsec": true,
	".V2.ZswapMax": true, ".V2.ZswapCurrent": true,
}

// What real kernels say of a container that may use 64 MiB, half a CPU and 100 tasks.
func TestDetailsRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		g := openFixture(dir, v2)
		defer g.Close()
		d := g.Details()
		limit := func(v uint64) Limit { return Limit{Number(v), Number(v), dir} }
		if diff := cmp.Diff([]Limit{limit(64 << 20), limit(100)}, []Limit{d.MemoryLimit, d.PidsLimit}, figures); diff != "" {
			t.Error(diff)
		}
		half := CPUQuota{Number(50000), Number(100000)}
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
		for name, f := range figuresOf(own) {
			// The folder above the recorded one is none of a cgroup.
			if strings.HasPrefix(name, ".ParentCgroup") || notAll[prefix+name] && f.State() == Unsupported {
				continue
			}
			if f.State() != Present && f.State() != Max {
				t.Errorf("%s is %s", prefix+name, f)
			}
		}
		for name, f := range figuresOf(other) {
			if f.State() != NotMeasured {
				t.Errorf("the other version's %s is %s", name, f)
			}
		}
	})
}

func TestDetailsV2Recorded(t *testing.T) {
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		if !v2 {
			return
		}
		g := openFixture(dir, v2)
		defer g.Close()
		v := g.Details().V2
		if !v.SwapLimit.Own.Is(64<<20) || !v.MemoryLow.Is(0) || !v.MemoryMin.Is(0) || v.MemoryHigh != noLimit || !v.OOMGroup.Is(0) {
			t.Errorf("limits: %+v", v)
		}
		if v.MemoryEvents != v.MemoryEventsLocal {
			t.Errorf("a cgroup with none below it has events %+v, of its own %+v", v.MemoryEvents, v.MemoryEventsLocal)
		}
		usage, _ := v.CPUStat.UsageUsec.Value()
		user, _ := v.CPUStat.UserUsec.Value()
		system, _ := v.CPUStat.SystemUsec.Value()
		if usage == 0 || usage+1 < user+system || user+system+1 < usage {
			t.Errorf("cpu.stat: %+v", v.CPUStat)
		}
		if v.IO.State != Present {
			t.Errorf("io.stat: %+v", v.IO)
		}
		if above := parseCgroupStat(fixture(t, dir, "parent_cgroup.stat")); !above.NrDescendants.Is(1) {
			t.Errorf("above: %+v", above)
		}
	})
}

// cgroupFolder writes a cgroup's files.
func cgroupFolder(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The limit that counts is the smallest on the way up, and who sets it is said.
func TestLimits(t *testing.T) {
	root := t.TempDir() // has no cgroup.procs: nothing is mounted there
	top, middle, own := filepath.Join(root, "cgroup"), filepath.Join(root, "cgroup/a"), filepath.Join(root, "cgroup/a/b")
	for name, c := range map[string]struct {
		top, middle, own string
		want             Limit
	}{
		"own":              {"", "300\n", "200\n", Limit{Number(200), Number(200), own}},
		"above":            {"", "100\n", "200\n", Limit{Number(200), Number(100), middle}},
		"the same":         {"", "200\n", "200\n", Limit{Number(200), Number(200), own}},
		"only above":       {"", "100\n", "max\n", Limit{noLimit, Number(100), middle}},
		"at the top":       {"50\n", "max\n", "max\n", Limit{noLimit, Number(50), top}},
		"none":             {"", "max\n", "max\n", Limit{Own: noLimit, Effective: noLimit}},
		"zero":             {"", "0\n", "max\n", Limit{noLimit, Number(0), middle}},
		"none of its own":  {"", "100\n", "", Limit{Without(Unsupported), Number(100), middle}},
		"no controller":    {"", "", "", Limit{Own: Without(Unsupported), Effective: Without(Unsupported)}},
		"not known above":  {"", "x\n", "200\n", Limit{Own: Number(200), Effective: Without(Failed)}},
		"not known itself": {"", "100\n", "x\n", Limit{Own: Without(Failed), Effective: Without(Failed)}},
	} {
		os.RemoveAll(top)
		for dir, text := range map[string]string{top: c.top, middle: c.middle, own: c.own} {
			files := map[string]string{"cgroup.procs": ""}
			if text != "" {
				files["memory.max"] = text
			}
			cgroupFolder(t, dir, files)
		}
		d := (&Group{Version: 2, Path: own}).Details()
		if diff := cmp.Diff(c.want, d.MemoryLimit, figures); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Half a CPU of long periods is more than a quarter of short ones.
func TestCPULimits(t *testing.T) {
	root := t.TempDir()
	above, own := filepath.Join(root, "cgroup"), filepath.Join(root, "cgroup/a")
	cgroupFolder(t, above, map[string]string{"cgroup.procs": "", "cpu.max": "2500 10000\n", "cpu.cfs_quota_us": "2500\n", "cpu.cfs_period_us": "10000\n"})
	cgroupFolder(t, own, map[string]string{"cgroup.procs": "", "cpu.max": "50000 100000\n", "cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n"})
	want := CPULimit{CPUQuota{Number(50000), Number(100000)}, CPUQuota{Number(2500), Number(10000)}, above}
	for _, g := range []*Group{{Version: 2, Path: own}, {Version: 1, Path: own, dirs: map[string]place{"cpu": {path: own}}}} {
		if d := g.Details(); d.CPULimit != want {
			t.Errorf("v%d: %+v", g.Version, d.CPULimit)
		}
	}
	cgroupFolder(t, own, map[string]string{"cpu.cfs_quota_us": "-1\n"})
	g := &Group{Version: 1, Path: own, dirs: map[string]place{"cpu": {path: own}}}
	if l := g.Details().CPULimit; l.Own.QuotaUsec != noLimit || l.By != above {
		t.Errorf("no quota of its own: %+v", l)
	}
}

// Before 5.11 a v1 cgroup limits those below it only where memory.use_hierarchy says so.
func TestLimitWithoutHierarchy(t *testing.T) {
	root := t.TempDir()
	above, own := filepath.Join(root, "cgroup"), filepath.Join(root, "cgroup/a")
	cgroupFolder(t, above, map[string]string{"cgroup.procs": "", "memory.limit_in_bytes": "100\n", "memory.use_hierarchy": "1\n"})
	cgroupFolder(t, own, map[string]string{"cgroup.procs": "", "memory.limit_in_bytes": "9223372036854771712\n"})
	g := &Group{Version: 1, Path: own, dirs: map[string]place{"memory": {path: own}}}
	if l := g.Details().MemoryLimit; l != (Limit{noLimit, Number(100), above}) {
		t.Errorf("%+v", l)
	}
	cgroupFolder(t, above, map[string]string{"memory.use_hierarchy": "0\n"})
	if l := g.Details().MemoryLimit; l != (Limit{Own: noLimit, Effective: noLimit}) {
		t.Errorf("%+v", l)
	}
}

// A cgroup that is gone has vanished in every figure; a controller that is not mounted is unsupported.
func TestDetailsOfNothing(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	at := place{path: gone}
	for name, c := range map[string]struct {
		group *Group
		want  State
	}{
		"v2, gone":        {&Group{Version: 2, Path: gone}, Vanished},
		"v1, gone":        {&Group{Version: 1, Path: gone, dirs: map[string]place{"memory": at, "cpu": at, "cpuacct": at, "pids": at, "blkio": at}}, Vanished},
		"v1, not mounted": {&Group{Version: 1, Path: gone, dirs: map[string]place{"freezer": at}}, Unsupported},
	} {
		d := c.group.Details()
		if c.group.Version == 2 {
			d.V2.ParentCgroup = CgroupStat{} // the folder above is still there
			if d.V2.IO.State != c.want {
				t.Errorf("%s: io.stat is %s", name, d.V2.IO.State)
			}
		} else if d.V1.IOServiced.State != c.want || d.V1.IOServiceBytes.State != c.want {
			t.Errorf("%s: %+v", name, d.V1)
		}
		for field, f := range figuresOf(d) {
			if f.State() != c.want && f.State() != NotMeasured {
				t.Errorf("%s: %s is %s", name, field, f)
			}
		}
		if d.MemoryLimit.Effective.State() != c.want || d.MemoryLimit.By != "" {
			t.Errorf("%s: %+v", name, d.MemoryLimit)
		}
	}
}

// Of a cgroup that is gone no figure is left unasked.
func TestGone(t *testing.T) {
	r, d := Gone()
	if r.Memory.Current != Without(Vanished) || r.Freezer.Frozen != Without(Vanished) || r.Stat.Anon != Without(Vanished) || r.CPUUsage != Without(Vanished) {
		t.Errorf("%+v", r)
	}
	for name, f := range figuresOf(d) {
		if f != Without(Vanished) {
			t.Errorf("%s is %s", name, f)
		}
	}
	if d.V2.IO.State != Vanished || d.V1.IOServiced.State != Vanished {
		t.Errorf("%+v", d)
	}
}

// This machine's own cgroups, read and no more.
func TestDetailsHere(t *testing.T) {
	h, err := NewHost()
	if err != nil {
		t.Skip(err)
	}
	g := &Group{Version: h.Version, Path: h.mounts[""].point, dirs: map[string]place{}}
	for controller, m := range h.mounts {
		g.dirs[controller] = place{path: m.point}
	}
	d := g.Details()
	for name, f := range figuresOf(d) {
		if f.State() == Failed || f.State() == Vanished {
			t.Errorf("%s is %s", name, f)
		}
	}
	usage := d.V2.CPUStat.UsageUsec
	if h.Version == 1 {
		usage = d.V1.CPUAcctUsage
	}
	if v, ok := usage.Value(); !ok || v == 0 {
		t.Errorf("CPU time used by all: %s", usage)
	}
}

func TestParseDetails(t *testing.T) {
	un, failed := Without(Unsupported), Without(Failed)
	huge := strings.Repeat("x 1\n", 1<<18)
	for name, c := range map[string]struct{ got, want any }{
		"cpu.max":                 {parseCPUMax([]byte("50000 100000\n")), CPUQuota{Number(50000), Number(100000)}},
		"cpu.max, none":           {parseCPUMax([]byte("max 100000\n")), CPUQuota{noLimit, Number(100000)}},
		"cpu.max, cut":            {parseCPUMax([]byte("50000")), CPUQuota{failed, failed}},
		"cpu.max, no period":      {parseCPUMax([]byte("50000 0\n")), CPUQuota{failed, failed}},
		"cpu.max, empty":          {parseCPUMax(nil), CPUQuota{failed, failed}},
		"cpu.max, words":          {parseCPUMax([]byte("much 100000\n")), CPUQuota{failed, Number(100000)}},
		"cfs quota":               {parseCFSQuota([]byte("50000\n")), Number(50000)},
		"cfs quota, none":         {parseCFSQuota([]byte("-1\n")), noLimit},
		"cfs quota, negative":     {parseCFSQuota([]byte("-2\n")), failed},
		"cfs quota, empty":        {parseCFSQuota(nil), failed},
		"memory.events":           {parseMemoryEvents([]byte("low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\nsock_throttled 7\n")), MemoryEvents{Number(1), Number(2), Number(3), Number(4), Number(5), Number(6), Number(7)}},
		"memory.events, older":    {parseMemoryEvents([]byte("low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n")), MemoryEvents{Number(1), Number(2), Number(3), Number(4), Number(5), un, un}},
		"memory.events, cut":      {parseMemoryEvents([]byte("low 1\nhigh")), MemoryEvents{Number(1), failed, un, un, un, un, un}},
		"memory.events, huge":     {parseMemoryEvents([]byte(huge + "low 1")), MemoryEvents{Number(1), un, un, un, un, un, un}},
		"memory.swap.events":      {parseSwapEvents([]byte("high 1\nmax 2\nfail 3\n")), SwapEvents{Number(1), Number(2), Number(3)}},
		"swap events, before 5.8": {parseSwapEvents([]byte("max 2\nfail 3\n")), SwapEvents{un, Number(2), Number(3)}},
		"memory.oom_control":      {parseOOMControl([]byte("oom_kill_disable 1\nunder_oom 0\noom_kill 2\n")), OOMControl{Number(1), Number(0), Number(2)}},
		"oom_control before 4.13": {parseOOMControl([]byte("oom_kill_disable 0\nunder_oom 1\n")), OOMControl{Number(0), Number(1), un}},
		"cgroup.stat":             {parseCgroupStat([]byte("nr_descendants 3\nnr_subsys_memory 4\nnr_dying_descendants 1\nnr_dying_subsys_memory 2\n")), CgroupStat{Number(3), Number(1), Number(2)}},
		"cgroup.stat, empty":      {parseCgroupStat(nil), CgroupStat{un, un, un}},
		"cgroup.stat.local":       {parseFrozenUsec([]byte("frozen_usec 3600125\n")), Number(3600125)},
		"pids.events":             {parsePidsEvents([]byte("max 4\n")), Number(4)},
		"cpu.stat":                {parseCPUStat([]byte("usage_usec 3\nuser_usec 1\nsystem_usec 2\nunknown 4\n")), CPUStat{Number(3), Number(1), Number(2), un, un, un, un, un, un}},
		"v1's cpu.stat":           {parseCPUStatV1([]byte("nr_periods 310\nnr_throttled 12\nthrottled_time 480123456\nnr_bursts 0\n")), CPUStatV1{Number(310), Number(12), Number(480123456)}},
		"pressure":                {parsePressure([]byte("some avg10=18.37 avg60=0.00 avg300=100.00 total=6310651\nfull avg10=0.05 avg60=0.09 avg300=0.32 total=0\n")), Pressure{Stall{Number(1837), Number(0), Number(10000), Number(6310651)}, Stall{Number(5), Number(9), Number(32), Number(0)}}},
		"pressure before 5.13":    {parsePressure([]byte("some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n")), Pressure{Stall{Number(0), Number(0), Number(0), Number(1)}, Stall{un, un, un, un}}},
		"pressure, cut":           {parsePressure([]byte("some avg10=0.0")), Pressure{Stall{failed, un, un, un}, Stall{un, un, un, un}}},
		"io.stat":                 {parseIOStat([]byte("8:16 rbytes=1459200 wbytes=3 rios=192 wios=1 dbytes=0 dios=0 cost.usage=12\n8:0 \n")), IO{[]IODevice{{"8:16", IOStat{Number(1459200), Number(3), Number(192), Number(1), Number(0), Number(0)}}, {"8:0", IOStat{un, un, un, un, un, un}}}, Present}},
		"io.stat, nothing done":   {parseIOStat(nil), IO{State: Present}},
		"io.stat, no device":      {parseIOStat([]byte("sda rbytes=1\n")), IO{State: Failed}},
		"io.stat, cut":            {parseIOStat([]byte("8:0 rbytes=1 wby")), IO{[]IODevice{{"8:0", IOStat{Number(1), un, un, un, un, un}}}, Present}},
		"blkio":                   {parseBlkio([]byte("254:0 Read 10\n254:0 Write 20\n254:0 Sync 30\n254:0 Total 30\n8:0 Read 1\nTotal 31\n")), Blkio{[]BlkioDevice{{"254:0", Number(10), Number(20)}, {"8:0", Number(1), un}}, Present}},
		"blkio, nothing done":     {parseBlkio([]byte("Total 0\n")), Blkio{State: Present}},
		"blkio, cut":              {parseBlkio([]byte("254:0 Re")), Blkio{State: Failed}},
		"online":                  {parseCPUs([]byte("0-3,5\n")).Count(), Number(5)},
		"online, one":             {parseCPUs([]byte("0\n")).Count(), Number(1)},
		"online, none":            {parseCPUs([]byte("\n")).Count(), failed},
		"online, backwards":       {parseCPUs([]byte("3-0\n")).Count(), failed},
		"online, twice":           {parseCPUs([]byte("0-3,3\n")).Count(), failed},
		"online, absurd":          {parseCPUs([]byte("0-18446744073709551615\n")).Count(), failed},
		"meminfo":                 {parseMeminfo([]byte("MemTotal:       24684096 kB\nMemFree: 1 kB\nMemAvailable: 2 kB\nAnonPages: 3 kB\nShmem: 0 kB\nSwapTotal: 0 kB\nSwapFree: x kB\n")), Meminfo{Number(24684096 << 10), Number(2048), Number(3072), Number(0), Number(0), failed}},
		"meminfo, cut":            {parseMeminfo([]byte("MemTotal:       246840")), Meminfo{failed, un, un, un, un, un}},
	} {
		if diff := cmp.Diff(c.want, c.got, figures); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseRecordedHost(t *testing.T) {
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		m := parseMeminfo(fixture(t, dir, "proc_meminfo"))
		total, _ := m.MemTotal.Value()
		available, _ := m.MemAvailable.Value()
		swap, _ := m.SwapTotal.Value()
		free, ok := m.SwapFree.Value()
		if total < 128<<20 || available == 0 || available > total || !ok || free > swap {
			t.Errorf("%+v", m)
		}
		if n, ok := parseCPUs(fixture(t, dir, "cpu_online")).Count().Value(); !ok || n == 0 {
			t.Errorf("%d CPUs", n)
		}
	})
	if m := ReadMeminfo(); m.MemTotal.State() != Present || ReadOnlineCPUs().State != Present {
		t.Errorf("here: %+v, %s CPUs", m, ReadOnlineCPUs())
	}
}

// Before 5.19 there is no memory.reclaim: that is known before anything is promised.
func TestCanReclaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cgroup")
	cgroupFolder(t, dir, map[string]string{"cgroup.procs": ""})
	h := &Host{Version: 2, mounts: map[string]mount{"": {point: "/nowhere"}}}
	g := h.open(map[string]place{"": {path: dir}})
	defer g.Close()
	if err := g.CanReclaim(); !errors.Is(err, ErrNoReclaim) {
		t.Error(err)
	}
	cgroupFolder(t, dir, map[string]string{"memory.reclaim": ""})
	if err := g.CanReclaim(); err != nil {
		t.Error(err)
	}
	gone := h.open(map[string]place{"": {path: dir + "-gone"}})
	if err := gone.CanReclaim(); err == nil || errors.Is(err, ErrNoReclaim) {
		t.Error(err)
	}
}

// Files that were let go of are read again, of the same cgroup or not at all.
func TestRest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cgroup")
	files := map[string]string{"cgroup.procs": "", "memory.current": "7\n"}
	cgroupFolder(t, dir, files)
	h := &Host{Version: 2, mounts: map[string]mount{"": {point: "/nowhere"}}}
	g := h.open(map[string]place{"": {path: dir}})
	var r Reading
	for range 2 {
		g.ReadMemory(&r)
		if !r.Memory.Current.Is(7) {
			t.Fatal(r.Memory.Current)
		}
		g.Rest()
		for _, f := range g.folders {
			if f.fd >= 0 {
				t.Errorf("%s is open", f.path)
			}
		}
	}
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	cgroupFolder(t, dir, files)
	if g.ReadMemory(&r); r.Memory.Current != Without(Vanished) || g.Exists() {
		t.Errorf("another cgroup at the same path was taken for it: %s", r.Memory.Current)
	}
	g.Close()
	if g.ReadMemory(&r); r.Memory.Current != Without(Failed) {
		t.Errorf("closed: %s", r.Memory.Current)
	}
}
