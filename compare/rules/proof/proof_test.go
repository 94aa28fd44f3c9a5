package proof

import (
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

const mib = 1 << 20

func n(v uint64) figure.Figure { return figure.Number(v) }

var (
	start = time.Unix(1000, 0)
	gone  = figure.Without(figure.Vanished)
	none  = figure.Without(figure.Unsupported)
)

// reading returns a reading of a frozen v2 cgroup, from figures in MiB.
func reading(at time.Duration, anon, file, swap uint64) cgroupfs.Reading {
	r := cgroupfs.Reading{At: start.Add(at), CPUUsage: n(5000), Freezer: cgroupfs.Freezer{Requested: n(1), Frozen: n(1)}}
	r.Stat = cgroupfs.MemoryStat{Anon: n(anon * mib), File: n(file * mib), Kernel: n(2 * mib), Shmem: n(0), Sock: n(0), Pgmajfault: n(0),
		AnonThp: n(0), KernelStack: n(0), Pagetables: n(0), SecPagetables: n(0), Percpu: n(0), Vmalloc: n(0), SlabReclaimable: n(0),
		SlabUnreclaimable: n(0), Zswap: none}
	r.Memory = cgroupfs.Memory{Current: n((anon + file + 2) * mib), Anon: r.Stat.Anon, File: r.Stat.File, Shmem: n(0), Kernel: r.Stat.Kernel,
		Swap: n(swap * mib)}
	return r
}

// measured is what [Facts] are made of, for a test to change.
type measured struct {
	base    Facts
	hold    Hold
	reclaim Reclaim
	back    Return
	stop    Stop
}

func (m measured) facts() Facts {
	f := m.base
	f.Hold, f.Reclaim, f.Return, f.Stop = value.Known(m.hold), value.Known(m.reclaim), value.Known(m.back), value.Known(m.stop)
	return f
}

// sample returns the measurements of a v2 host with swap on which every claim holds.
func sample() (m measured) {
	m.base = Facts{Version: 2, Batch: memory.Batch(2, 4096), Embedded: true,
		Sources: map[string]string{"current": "memory.current", "cpu": "cpu.stat: usage_usec", "frozen": "cgroup.events: frozen"}}
	m.hold = Hold{Effective: reading(time.Millisecond, 64, 32, 0), After: reading(3*time.Second, 64, 32, 0),
		Frozen: []cgroupfs.Reading{reading(time.Second, 64, 32, 0), reading(2*time.Second, 64, 32, 0)}}
	swap := cgroupfs.Swap{Total: n(1024 * mib), Free: n(1024 * mib), Limit: none, Left: none}
	m.reclaim = Reclaim{Before: reading(0, 64, 32, 0), After: reading(time.Second, 1, 0, 63), Asked: 98 * mib, Took: time.Second,
		Swap: memory.Swap{Swap: swap, LazyFree: n(0)}, LazyFree: n(0)}
	m.back = Return{Warm: Visit{MajorFaults: n(0), Lasted: time.Second, Touch: &Touch{Held: 5000, File: 3000, Intact: true}},
		Cold:   Visit{MajorFaults: n(300), Lasted: time.Second, Touch: &Touch{Held: 50000, File: 30000, Intact: true}},
		Frozen: m.reclaim.After, After: reading(2*time.Second, 64, 32, 0)}
	m.stop = Stop{Gone: true, DyingBefore: n(0), DyingAfter: n(1)}
	for i := range 30 {
		moment := Moment{Available: n(1000 * mib), PerCPU: n(10 * mib), Programs: n(300 * mib),
			Group: reading(time.Duration(i)*10*time.Millisecond, 64, 32, 0)}
		if i >= 15 {
			moment.Available, moment.PerCPU, moment.Programs = n(1020*mib), n(55*mib), n(236*mib)
			moment.Group.Memory = cgroupfs.Memory{Current: gone, Anon: gone, Shmem: gone}
		}
		m.stop.Moments = append(m.stop.Moments, moment)
	}
	return m
}

func TestJudge(t *testing.T) {
	noSwap := func(r *Reclaim) {
		r.Swap = memory.Swap{Swap: cgroupfs.Swap{Total: n(0), Free: n(0), Limit: none, Left: none}, LazyFree: n(0)}
	}
	for _, c := range []struct {
		name   string
		change func(*measured)
		claim  string
		want   string // true, false, or the detail of null
		says   string
	}{
		{"all as claimed", nil, MemoryKept, "true", "98 MiB right after the freeze, 98 MiB after 3.00 s"},
		{"all as claimed", nil, NoCPUTime, "true", "+0 µs in 3.00 s"},
		{"all as claimed", nil, CacheReclaimed, "true", "page cache from 32 MiB to 0 B. The cgroup stayed frozen"},
		{"all as claimed", nil, AnonKept, "true", "Swap from 0 B to 63 MiB"},
		{"all as claimed", nil, ReturnCosts, "true", "300 major faults (before the pause, 0)"},
		{"all as claimed", nil, StopFrees, "true", "rose by 65 MiB in the 10.0 ms"},

		{"memory is lost while frozen", func(m *measured) { m.hold.After = reading(time.Second, 40, 32, 0) }, MemoryKept, "false", ""},
		{"memory dips while frozen", func(m *measured) { m.hold.Frozen[1] = reading(0, 30, 32, 0) }, MemoryKept, "false", ""},
		{"the host takes page cache", func(m *measured) { m.hold.After = reading(time.Second, 64, 20, 0) }, MemoryKept, "true",
			"The host took 12 MiB of its page cache"},
		{"huge pages of its program's file are charged, before page cache shows them", func(m *measured) {
			m.hold.Frozen[0].Memory.Current = n(100 * mib)
			m.hold.Frozen[1], m.hold.After = reading(2*time.Second, 64, 36, 0), reading(3*time.Second, 64, 36, 0)
		}, MemoryKept, "true", "Its page cache grew by 4 MiB meanwhile"},
		{"a huge page is charged, and not filled yet", func(m *measured) { m.hold.After.Memory.Current = n(100 * mib) }, MemoryKept, "true", ""},
		{"memory that stays is charged while frozen", func(m *measured) {
			m.hold.After, m.hold.Frozen = reading(time.Second, 68, 32, 0), nil
		}, MemoryKept, "false", ""},
		{"the host swaps it out", func(m *measured) { m.hold.After = reading(time.Second, 4, 32, 60) }, MemoryKept, "true", ""},
		{"within a batch", func(m *measured) {
			m.hold.Effective, m.hold.After, m.hold.Frozen = reading(0, 4, 4, 0), reading(time.Second, 4, 4, 0), nil
			m.hold.After.Memory.Current = n(10*mib + 512*1024)
		}, MemoryKept, "true", ""},
		{"memory is not known", func(m *measured) { m.hold.After.Memory.Current = none }, MemoryKept, "this kernel does not provide this figure",
			""},
		{"one microsecond", func(m *measured) { m.hold.After.CPUUsage = n(5001) }, NoCPUTime, "false", "+1 µs"},
		{"the counter of another cgroup", func(m *measured) { m.hold.After.CPUUsage = n(1) }, NoCPUTime,
			"its CPU time fell, so the counter belongs to another cgroup", ""},

		{"page cache stays", func(m *measured) { m.reclaim.After = reading(0, 1, 32, 63) }, CacheReclaimed, "false", ""},
		{"thawed in between", func(m *measured) { m.reclaim.Thawed = true }, CacheReclaimed, "false", "did not stay frozen"},
		{"no page cache", func(m *measured) { m.reclaim.Before = reading(0, 64, 0, 0) }, CacheReclaimed,
			"there was too little page cache to tell", ""},

		{"no swap, and it stays", func(m *measured) { noSwap(&m.reclaim); m.reclaim.After = reading(0, 64, 0, 0) }, AnonKept, "true",
			"this host has no swap"},
		{"no swap, and it goes", func(m *measured) { noSwap(&m.reclaim) }, AnonKept, "false", ""},
		{"no swap, and nothing to lose", func(m *measured) { noSwap(&m.reclaim); m.reclaim.Before = reading(0, 0, 32, 0) }, AnonKept,
			"there was too little anonymous memory to tell", ""},
		{"no swap, and what was given up goes", func(m *measured) {
			noSwap(&m.reclaim)
			m.reclaim.Swap.LazyFree, m.reclaim.After = n(40*mib), reading(0, 24, 0, 0)
		}, AnonKept, "true", "The program had given up at most 40 MiB of it with MADV_FREE"},
		{"no swap, and more goes than was given up", func(m *measured) {
			noSwap(&m.reclaim)
			m.reclaim.Swap.LazyFree = n(40 * mib)
		}, AnonKept, "false", ""},
		{"no swap, and all was given up", func(m *measured) {
			noSwap(&m.reclaim)
			m.reclaim.Swap.LazyFree = n(64 * mib)
		}, AnonKept, "there was too little anonymous memory to tell", ""},
		{"no swap, it goes, and what was given up is not known", func(m *measured) {
			noSwap(&m.reclaim)
			m.reclaim.Swap.LazyFree = none
		}, AnonKept, "how much of it the program gave up with MADV_FREE is not known", ""},
		{"no swap, it stays, and what was given up is not known", func(m *measured) {
			noSwap(&m.reclaim)
			m.reclaim.Swap.LazyFree, m.reclaim.After = none, reading(0, 64, 0, 0)
		}, AnonKept, "true", ""},
		{"no swap, and it grows", func(m *measured) { noSwap(&m.reclaim); m.reclaim.After = reading(0, 70, 0, 0) }, AnonKept, "false", ""},
		{"swap, and what was given up goes", func(m *measured) {
			m.reclaim.Swap.LazyFree, m.reclaim.After = n(20*mib), reading(0, 1, 0, 43)
		}, AnonKept, "true", "had given up at most 20 MiB of it"},
		{"swap, and more goes elsewhere than was given up", func(m *measured) {
			m.reclaim.Swap.LazyFree, m.reclaim.After = n(8*mib), reading(0, 1, 0, 43)
		}, AnonKept, "false", ""},
		{"swap, it goes elsewhere, and what was given up is not known", func(m *measured) {
			m.reclaim.Swap.LazyFree, m.reclaim.After = none, reading(0, 1, 0, 43)
		}, AnonKept, "how much of it the program gave up with MADV_FREE is not known", ""},
		{"swap, and only what was given up goes", func(m *measured) {
			m.reclaim.Swap.LazyFree, m.reclaim.After = n(40*mib), reading(0, 24, 0, 0)
		}, AnonKept, "the kernel swapped nothing out, although it could", ""},
		{"swap, and more is in it than was lost", func(m *measured) { m.reclaim.After = reading(0, 40, 0, 43) }, AnonKept, "false", ""},
		{"swap, and it goes elsewhere", func(m *measured) { m.reclaim.After = reading(0, 1, 0, 10) }, AnonKept, "false", ""},
		{"swap, and huge pages half full", func(m *measured) {
			m.reclaim.Before.Stat.AnonThp, m.reclaim.After = n(32*mib), reading(0, 1, 0, 43)
		}, AnonKept, "true", "32 MiB had been in huge pages"},
		{"swap, and more lost than huge pages held", func(m *measured) {
			m.reclaim.Before.Stat.AnonThp, m.reclaim.After = n(8*mib), reading(0, 1, 0, 43)
		}, AnonKept, "false", ""},
		{"swap, and it stays", func(m *measured) { m.reclaim.After = reading(0, 64, 0, 0) }, AnonKept,
			"the kernel swapped nothing out, although it could", ""},
		{"whether there is swap is not known", func(m *measured) { m.reclaim.Swap.Free = figure.Without(figure.Failed) }, AnonKept,
			"how much swap it may use is not known", ""},

		{"it comes back at no cost", func(m *measured) { m.back.Cold = m.back.Warm }, ReturnCosts,
			"it came back, and other work on this host hid what that cost", ""},
		{"the memory that was not taken took less time", func(m *measured) {
			m.back.Warm.MajorFaults, m.back.Cold.MajorFaults = n(1), n(1)
			m.back.Warm.Touch = &Touch{Held: 28088 * time.Microsecond, File: 30222 * time.Microsecond, Intact: true}
			m.back.Cold.Touch = &Touch{Held: 3621 * time.Microsecond, File: 37678 * time.Microsecond, Intact: true}
		}, ReturnCosts, "true", "3.6 ms for memory without a file"},
		{"it does not come back", func(m *measured) { m.back.After = m.back.Frozen }, ReturnCosts, "false", ""},
		{"it comes back changed", func(m *measured) { m.back.Cold.Touch.Intact = false }, ReturnCosts, "false", "Its content had changed"},
		{"nothing was taken", func(m *measured) { m.reclaim.After = m.reclaim.Before }, ReturnCosts, "reclaim took too little to tell", ""},
		{"a foreign image that touches it", func(m *measured) {
			m.base.Embedded, m.back.Warm.Touch, m.back.Cold.Touch = false, nil, nil
		}, ReturnCosts, "true", "300 major faults in 1.00 s; before the pause, 0"},
		{"a foreign image that does not", func(m *measured) {
			m.base.Embedded, m.back.Warm.Touch, m.back.Cold.Touch, m.back.Cold.MajorFaults = false, nil, nil, n(0)
		}, ReturnCosts, "the program touched none of it in that time", ""},

		{"nothing is freed", func(m *measured) {
			for i := range m.stop.Moments {
				m.stop.Moments[i].Available, m.stop.Moments[i].PerCPU = n(1000*mib), n(0)
			}
		}, StopFrees, "false", "rose by 0 B"},
		{"the cgroup stays", func(m *measured) { m.stop.Gone = false }, StopFrees, "false", "It is still there"},
		{"a noisy host", func(m *measured) {
			for i := range m.stop.Moments {
				m.stop.Moments[i].Available = n((1000 + uint64(i%2)*50) * mib)
			}
		}, StopFrees, "right before or after, other programs on this host moved it by 50 MiB", ""},
		{"a short peak", func(m *measured) { m.stop.Moments[14].Available = n(500 * mib) }, StopFrees, "true", ""},
		{"another program ends at the same moment", func(m *measured) {
			for i := 15; i < len(m.stop.Moments); i++ {
				m.stop.Moments[i].Available, m.stop.Moments[i].Programs = n(1090*mib), n(166*mib)
			}
		}, StopFrees, "other programs on this host gave back 70 MiB at the same moment", ""},
		{"another program starts at the same moment", func(m *measured) {
			for i := 15; i < len(m.stop.Moments); i++ {
				m.stop.Moments[i].Available, m.stop.Moments[i].Programs = n(960*mib), n(296*mib)
			}
		}, StopFrees, "other programs on this host took 60 MiB at the same moment", ""},
		{"other programs are not known", func(m *measured) {
			for i := range m.stop.Moments {
				m.stop.Moments[i].Programs = none
			}
		}, StopFrees, "other programs on this host could not be measured", ""},
		{"its end was not seen", func(m *measured) { m.stop.Moments = m.stop.Moments[:10] }, StopFrees,
			"the moment at which its memory was freed was not seen", ""},
		{"it takes more when it is asked to stop", func(m *measured) {
			m.stop.Moments[14].Group, m.stop.Moments[14].Available = reading(140*time.Millisecond, 640, 32, 0), n(400*mib)
			m.stop.Moments[14].Programs = n(876 * mib)
		}, StopFrees, "true", "640 MiB of anonymous memory"},
	} {
		m := sample()
		if c.change != nil {
			c.change(&m)
		}
		proofs := Judge(m.facts())
		if len(proofs) != 6 {
			t.Fatalf("%d proofs", len(proofs))
		}
		for _, p := range proofs {
			if p.Claim != c.claim {
				continue
			}
			got := detail(p.Holds)
			if v, ok := p.Holds.Get(); ok && v {
				got = "true"
			} else if ok {
				got = "false"
			}
			if got != c.want || !strings.Contains(p.Measured, c.says) {
				t.Errorf("%s: %s is %s, want %s %q: %+v", c.name, c.claim, got, c.want, c.says, p)
			}
			if p.Figures == nil || p.Text == "" {
				t.Errorf("%s: %+v", c.name, p)
			}
		}
	}
}

// TestNotTested checks that a step that was not done gives its reason to each claim that needs it.
func TestNotTested(t *testing.T) {
	f := sample().facts()
	f.Reclaim, f.Return = value.Absent[Reclaim](value.Unsupported, "no reclaim"), value.Absent[Return](value.Unsupported, "no reclaim")
	f.Stop = value.Absent[Stop](value.NotMeasured, "no stop")
	want := map[string]string{CacheReclaimed: "no reclaim", AnonKept: "no reclaim", ReturnCosts: "no reclaim", StopFrees: "no stop"}
	for _, p := range Judge(f) {
		if w := want[p.Claim]; detail(p.Holds) != w || (w == "") != (p.Holds.Reason() == "") {
			t.Errorf("%s: %q, want %q", p.Claim, detail(p.Holds), w)
		}
	}
}

func detail(m value.Maybe[bool]) string {
	for _, note := range document.Notes(struct {
		Holds value.Maybe[bool] `json:"holds"`
	}{m}) {
		return note.Detail
	}
	return ""
}
