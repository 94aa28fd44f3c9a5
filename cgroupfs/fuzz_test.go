package cgroupfs

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// seeds gives a fuzz target the recorded files of these names, and what no kernel writes.
func seeds(f *testing.F, names ...string) {
	f.Helper()
	for _, name := range names {
		files, _ := filepath.Glob(filepath.Join("testdata/linux-*/*", name))
		if len(files) == 0 {
			f.Errorf("%s was not recorded", name)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
			f.Add(data[:len(data)/2])
		}
	}
	for _, text := range []string{"", "\n", " ", "anon 99999999999999999999\nanon\n\n \nx", "max", "-1", "0 0", "\x00\xff", "a: 1 kB\nb:", "1-2,", "1:2 a=b", "frozen_usec 3600125\n"} {
		f.Add([]byte(text))
	}
}

// honest fails where a figure was not asked for, or where its number does not come from the digits of data: as they
// are, times 1024, or without the decimal point.
func honest(t *testing.T, data []byte, parsed any) {
	t.Helper()
	for name, f := range figuresOf(parsed) {
		v, ok := f.Value()
		if f.State() == NotMeasured || ok != (f.State() == Present) {
			t.Errorf("%s is %s", name, f)
		}
		whole := strconv.FormatUint(v, 10)
		hundredths := strconv.FormatUint(v/100, 10) + "." + strconv.FormatUint(v%100+100, 10)[1:]
		kib := strconv.FormatUint(v>>10, 10) + " kB"
		if ok && !slices.ContainsFunc([]string{whole, hundredths, kib}, func(text string) bool { return bytes.Contains(data, []byte(text)) }) {
			t.Errorf("%s is %d, which is not in %q", name, v, data)
		}
	}
}

// fuzzFigures fuzzes a parser that returns figures, alone or in structs and slices.
func fuzzFigures[T any](f *testing.F, parse func([]byte) T, names ...string) {
	seeds(f, names...)
	f.Fuzz(func(t *testing.T, data []byte) { honest(t, data, parse(data)) })
}

func FuzzParseFigure(f *testing.F) {
	fuzzFigures(f, parseFigure, "memory.current", "memory.max", "memory.high", "cgroup.freeze", "pids.current", "cpuacct.usage", "memory.limit_in_bytes")
}

func FuzzParseEvents(f *testing.F)      { fuzzFigures(f, parseEvents, "cgroup.events") }
func FuzzParseCgroupStat(f *testing.F)  { fuzzFigures(f, parseCgroupStat, "cgroup.stat") }
func FuzzParseFrozenUsec(f *testing.F)  { fuzzFigures(f, parseFrozenUsec, "cgroup.stat") }
func FuzzParseCPUMax(f *testing.F)      { fuzzFigures(f, parseCPUMax, "cpu.max") }
func FuzzParseCFSQuota(f *testing.F)    { fuzzFigures(f, parseCFSQuota, "cpu.cfs_quota_us") }
func FuzzParseCPUStatV1(f *testing.F)   { fuzzFigures(f, parseCPUStatV1, "cpu.stat") }
func FuzzParseSwapEvents(f *testing.F)  { fuzzFigures(f, parseSwapEvents, "memory.swap.events") }
func FuzzParsePidsEvents(f *testing.F)  { fuzzFigures(f, parsePidsEvents, "pids.events") }
func FuzzParsePressure(f *testing.F)    { fuzzFigures(f, parsePressure, "*.pressure") }
func FuzzParseSmapsRollup(f *testing.F) { fuzzFigures(f, parseSmapsRollup, "proc_smaps_rollup") }
func FuzzParseMeminfo(f *testing.F)     { fuzzFigures(f, parseMeminfo, "proc_meminfo") }
func FuzzParseKiB(f *testing.F)         { fuzzFigures(f, parseKiB) }
func FuzzParseHundredths(f *testing.F)  { fuzzFigures(f, parseHundredths) }
func FuzzParseMountID(f *testing.F)     { fuzzFigures(f, parseMountID) }

func FuzzParseMemoryStat(f *testing.F) {
	fuzzFigures(f, func(data []byte) (m MemoryStat) { parseMemoryStat(data, &m); return m }, "memory.stat")
}

func FuzzParseMemoryStatV1(f *testing.F) {
	fuzzFigures(f, func(data []byte) (m MemoryStatV1) { parseMemoryStatV1(data, &m); return m }, "memory.stat")
}

// What is read by a layout is what is read without, be the layout this file's or another's.
func FuzzLayout(f *testing.F) {
	files, _ := filepath.Glob("testdata/linux-*/*/memory.stat")
	for _, one := range files {
		for _, other := range files {
			f.Add(fixture(f, ".", one), fixture(f, ".", other))
		}
	}
	f.Add([]byte("anon 1\nfile 2\nanon 3\n"), []byte("anon 4\nfile x\nanon 6\n"))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		var want, got MemoryStat
		parseMemoryStat(one, &got)
		l := layoutOf(one, got.keys())
		parseMemoryStat(other, &want)
		if l.follow(other) && got != want {
			t.Errorf("%q after %q: %+v, wanted %+v", other, one, got, want)
		}
	})
}

// A key that is also read alone is the same in both, where it is printed once, as the kernel does.
func FuzzParseCPUStat(f *testing.F) {
	seeds(f, "cpu.stat")
	f.Fuzz(func(t *testing.T, data []byte) {
		c := parseCPUStat(data)
		honest(t, data, c)
		if alone := parseUsageUsec(data); alone != c.UsageUsec && bytes.Count(data, []byte("usage_usec")) == 1 {
			t.Errorf("usage_usec alone is %s, with the others %s", alone, c.UsageUsec)
		}
	})
}

func FuzzParseMemoryEvents(f *testing.F) {
	seeds(f, "memory.events", "memory.oom_control")
	f.Fuzz(func(t *testing.T, data []byte) {
		e, o := parseMemoryEvents(data), parseOOMControl(data)
		honest(t, data, e)
		honest(t, data, o)
		if bytes.Count(data, []byte("oom_kill"))-bytes.Count(data, []byte("oom_kill_")) > 1 {
			return
		}
		if alone := parseOOMKill(data); alone != e.OOMKill || alone != o.OOMKill {
			t.Errorf("oom_kill alone is %s, with the others %s and %s", alone, e.OOMKill, o.OOMKill)
		}
	})
}

func FuzzParseFreezerState(f *testing.F) {
	seeds(f, "freezer.state")
	f.Fuzz(func(t *testing.T, data []byte) {
		frozen := parseFreezerState(data)
		if frozen.Is(1) != (string(bytes.TrimSuffix(data, newline)) == "FROZEN") || !frozen.Is(0) && !frozen.Is(1) && frozen.State() != Failed {
			t.Errorf("%s", frozen)
		}
	})
}

func FuzzParseProcs(f *testing.F) {
	seeds(f, "cgroup.procs")
	f.Fuzz(func(t *testing.T, data []byte) {
		pids, err := parseProcs(data)
		if err != nil {
			return
		}
		for i, pid := range pids {
			if pid <= 0 || i > 0 && pid <= pids[i-1] || !bytes.Contains(data, strconv.AppendInt(nil, int64(pid), 10)) {
				t.Errorf("%v", pids)
			}
		}
	})
}

func FuzzParseIOStat(f *testing.F) {
	seeds(f, "io.stat")
	f.Fuzz(func(t *testing.T, data []byte) {
		io := parseIOStat(data)
		honest(t, data, io)
		if io.State != Present && (io.State != Failed || io.Devices != nil) || len(io.Devices) > bytes.Count(data, newline)+1 {
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
	seeds(f, "blkio.throttle.*")
	f.Add([]byte("254:0 Read 10\n254:0 Write 20\n254:0 Total 30\nTotal 30\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := parseBlkio(data)
		honest(t, data, b)
		if b.State != Present && (b.State != Failed || b.Devices != nil) || len(b.Devices) > bytes.Count(data, newline)+1 {
			t.Errorf("%+v", b)
		}
	})
}

func FuzzParseStat(f *testing.F) {
	seeds(f, "proc_stat")
	f.Add([]byte("42 (a) b (c) S 7 42 42 0 -1 4194560 1 0 0 0 2 3 0 0 20 0 1 0 81234 0 0\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseStat(data)
		if err != nil {
			return
		}
		if !bytes.Contains(data, []byte("("+s.Comm+")")) || !bytes.Contains(data, []byte{s.State}) || !bytes.Contains(data, strconv.AppendUint(nil, s.StartTime, 10)) {
			t.Errorf("%+v", s)
		}
	})
}

func FuzzParseStatus(f *testing.F) {
	seeds(f, "proc_status")
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseStatus(data)
		if err != nil {
			return
		}
		honest(t, data, s)
		if s.VmRSS.State() == Failed || s.VmSwap.State() == Failed || !bytes.Contains(data, []byte("SigCgt")) {
			t.Errorf("%+v", s)
		}
		for _, set := range []SignalSet{s.Blocked, s.Ignored, s.Caught, s.Pending, s.SharedPending} {
			names := set.Names()
			if slices.Sort(names); len(slices.Compact(names)) != len(set.Names()) || slices.Contains(names, "") {
				t.Errorf("%#x has the names %v", set, names)
			}
		}
	})
}

func FuzzParseWchan(f *testing.F) {
	seeds(f, "proc_wchan")
	f.Fuzz(func(t *testing.T, data []byte) {
		if name := parseWchan(data); name == "0" || !bytes.Contains(data, []byte(name)) {
			t.Errorf("%q", name)
		}
	})
}

func FuzzParseMountinfo(f *testing.F) {
	seeds(f, "proc_mountinfo")
	f.Fuzz(func(t *testing.T, data []byte) {
		mounts, err := parseMountinfo(data)
		if err != nil && mounts != nil || len(mounts) > bytes.Count(data, newline)+1 {
			t.Errorf("%+v, %v", mounts, err)
		}
		for _, m := range mounts {
			if m.Used.State() != NotMeasured || m.Size.State() != NotMeasured {
				t.Errorf("%+v before it was asked", m)
			}
		}
	})
}

func FuzzParseCPUList(f *testing.F) {
	seeds(f, "cpu_online")
	f.Fuzz(func(t *testing.T, data []byte) {
		count := parseCPUs(data).Count()
		if v, ok := count.Value(); ok && (v == 0 || v > 1<<20+1) || !ok && count.State() != Failed {
			t.Errorf("%s", count)
		}
	})
}

func FuzzParseSleeps(f *testing.F) {
	seeds(f, "proc_status")
	f.Fuzz(func(t *testing.T, data []byte) {
		if s := parseSleeps(data); s.State() != Present && s.State() != Unsupported && s.State() != Failed {
			t.Errorf("%s", s)
		}
	})
}

func FuzzParseArguments(f *testing.F) {
	f.Add([]byte("sh\x00-c\x00exit 3\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		for _, a := range parseArguments(data) {
			n += len(a) + 1
		}
		if n != len(data) && n != len(data)+1 { // the last may lack its NUL
			t.Errorf("%d bytes of %d", n, len(data))
		}
	})
}
