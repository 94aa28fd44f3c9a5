package cgroupfs

import (
	"bytes"
	"path/filepath"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

func FuzzParseEvents(f *testing.F)     { figuretest.Fuzz(f, parseEvents, "cgroup.events") }
func FuzzParseCgroupStat(f *testing.F) { figuretest.Fuzz(f, parseCgroupStat, "cgroup.stat") }
func FuzzParseFrozenUsec(f *testing.F) { figuretest.Fuzz(f, parseFrozenUsec, "cgroup.stat") }
func FuzzParseCPUMax(f *testing.F)     { figuretest.Fuzz(f, parseCPUMax, "cpu.max") }
func FuzzParseCFSQuota(f *testing.F)   { figuretest.Fuzz(f, parseCFSQuota, "cpu.cfs_quota_us") }
func FuzzParseCPUStatV1(f *testing.F)  { figuretest.Fuzz(f, parseCPUStatV1, "cpu.stat") }
func FuzzParseSwapEvents(f *testing.F) { figuretest.Fuzz(f, parseSwapEvents, "memory.swap.events") }
func FuzzParsePidsEvents(f *testing.F) { figuretest.Fuzz(f, parsePidsEvents, "pids.events") }

func FuzzParseMemoryStat(f *testing.F) {
	figuretest.Fuzz(f, func(data []byte) (m MemoryStat) { parseMemoryStat(data, &m); return m }, "memory.stat")
}

func FuzzParseMemoryStatV1(f *testing.F) {
	figuretest.Fuzz(f, func(data []byte) (m MemoryStatV1) { parseMemoryStatV1(data, &m); return m }, "memory.stat")
}

// Parsing with a layout returns the same as parsing without, or says that the layout is another one.
func FuzzLayout(f *testing.F) {
	files, err := filepath.Glob("testdata/linux-*/*/memory.stat")
	if err != nil {
		f.Fatal(err)
	}
	for _, one := range files {
		for _, other := range files {
			f.Add(figuretest.Read(f, ".", one), figuretest.Read(f, ".", other))
		}
	}
	f.Add([]byte("anon 1\nfile 2\nanon 3\n"), []byte("anon 4\nfile x\nanon 6\n"))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		var want, got MemoryStat
		parseMemoryStat(one, &got)
		l := layoutOf(one, got.keys())
		parseMemoryStat(other, &want)
		if l.parse(other) && got != want {
			t.Errorf("%q after %q: %+v, want %+v", other, one, got, want)
		}
	})
}

// A key that is also parsed alone has the same value both ways, if it occurs once, as the kernel prints it.
func FuzzParseCPUStat(f *testing.F) {
	figuretest.Seed(f, "cpu.stat")
	f.Fuzz(func(t *testing.T, data []byte) {
		c := parseCPUStat(data)
		figuretest.Check(t, data, c)
		if alone := parseUsageUsec(data); alone != c.UsageUsec && bytes.Count(data, []byte("usage_usec")) == 1 {
			t.Errorf("usage_usec alone is %s, with the others %s", alone, c.UsageUsec)
		}
	})
}

func FuzzParseMemoryEvents(f *testing.F) {
	figuretest.Seed(f, "memory.events", "memory.oom_control")
	f.Fuzz(func(t *testing.T, data []byte) {
		e, o := parseMemoryEvents(data), parseOOMControl(data)
		figuretest.Check(t, data, e)
		figuretest.Check(t, data, o)
		if bytes.Count(data, []byte("oom_kill"))-bytes.Count(data, []byte("oom_kill_")) > 1 {
			return
		}
		if alone := parseOOMKill(data); alone != e.OOMKill || alone != o.OOMKill {
			t.Errorf("oom_kill alone is %s, with the others %s and %s", alone, e.OOMKill, o.OOMKill)
		}
	})
}

func FuzzParseFreezerState(f *testing.F) {
	figuretest.Seed(f, "freezer.state")
	f.Fuzz(func(t *testing.T, data []byte) {
		frozen := parseFreezerState(data)
		if want := string(bytes.TrimSuffix(data, newline)) == "FROZEN"; frozen.Is(1) != want {
			t.Errorf("%s", frozen)
		}
		if !frozen.Is(0) && !frozen.Is(1) && frozen.State() != figure.Failed {
			t.Errorf("%s", frozen)
		}
	})
}

func FuzzParseIOStat(f *testing.F) {
	figuretest.Seed(f, "io.stat")
	f.Fuzz(func(t *testing.T, data []byte) {
		io := parseIOStat(data)
		figuretest.Check(t, data, io)
		if io.State != figure.Present && (io.State != figure.Failed || io.Devices != nil) || len(io.Devices) > bytes.Count(data, newline)+1 {
			t.Errorf("%+v", io)
		}
		for _, d := range io.Devices {
			if !bytes.Contains(data, []byte(d.Device)) || !isDevice([]byte(d.Device)) {
				t.Errorf("%+v", d)
			}
		}
	})
}

func FuzzParseBlkio(f *testing.F) {
	figuretest.Seed(f, "blkio.throttle.*")
	f.Add([]byte("254:0 Read 10\n254:0 Write 20\n254:0 Total 30\nTotal 30\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := parseBlkio(data)
		figuretest.Check(t, data, b)
		if b.State != figure.Present && (b.State != figure.Failed || b.Devices != nil) || len(b.Devices) > bytes.Count(data, newline)+1 {
			t.Errorf("%+v", b)
		}
	})
}
