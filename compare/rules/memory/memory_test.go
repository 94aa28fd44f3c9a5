package memory

import (
	"strings"
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
)

func n(v uint64) figure.Figure { return figure.Number(v) }

var (
	gone = figure.Without(figure.Vanished)
	old  = figure.Without(figure.Unsupported)
)

// stat returns a memory.stat in which every figure is 0, changed by set.
func stat(set func(*cgroupfs.MemoryStat)) cgroupfs.MemoryStat {
	s := cgroupfs.MemoryStat{Anon: n(0), File: n(0), Kernel: n(0), KernelStack: n(0), Pagetables: n(0), SecPagetables: n(0), Percpu: n(0),
		Sock: n(0), Vmalloc: n(0), Shmem: n(0), Zswap: n(0), Swapcached: n(0), FileMapped: n(0), FileDirty: n(0), FileWriteback: n(0),
		AnonThp: n(0), ShmemThp: n(0), Hugetlb: old, SlabReclaimable: n(0), SlabUnreclaimable: n(0)}
	set(&s)
	return s
}

// TestSplitAddsUp checks that the rows add up to what is charged, whatever the kernel reports.
func TestSplitAddsUp(t *testing.T) {
	for _, c := range []struct {
		name    string
		current uint64
		stat    cgroupfs.MemoryStat
		want    map[string]int64
	}{
		{"each kind, kernel split", 2000, stat(func(s *cgroupfs.MemoryStat) {
			s.Anon, s.AnonThp, s.File, s.Shmem = n(900), n(400), n(300), n(100)
			s.Kernel, s.KernelStack, s.Pagetables, s.SlabReclaimable, s.Zswap, s.Sock = n(600), n(100), n(50), n(200), n(150), n(60)
		}), map[string]int64{Anon: 500, AnonTHP: 400, File: 200, Shmem: 100, KernelStack: 100, Pagetables: 50, SlabReclaimable: 200,
			Zswap: 150, KernelOther: 100, Sock: 60, Unattributed: 140}},
		{"counters a moment apart", 1000, stat(func(s *cgroupfs.MemoryStat) { s.Anon, s.File = n(900), n(300) }),
			map[string]int64{Anon: 900, File: 300, Unattributed: -200}},
		{"a kernel before 5.18 has no `kernel`: its named kinds are rows", 1000, stat(func(s *cgroupfs.MemoryStat) {
			s.Anon, s.Kernel, s.Vmalloc, s.Zswap, s.KernelStack = n(500), old, old, old, n(90)
		}), map[string]int64{Anon: 500, KernelStack: 90, Unattributed: 410}},
		{"a kernel without huge pages", 1000, stat(func(s *cgroupfs.MemoryStat) { s.Anon, s.AnonThp = n(600), old }),
			map[string]int64{Anon: 600, Unattributed: 400}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &cgroupfs.Reading{Stat: c.stat, Memory: cgroupfs.Memory{Current: n(c.current)}}
			sum := int64(0)
			for _, row := range Split(r, 2) {
				v, ok := row.Bytes.Get()
				if w, named := c.want[row.Kind]; v != w || !ok && named {
					t.Errorf("%s is %d, wanted %d", row.Kind, v, w)
				}
				if !ok && row.Bytes.Reason() == "" || row.Source == "" {
					t.Errorf("%s has neither a figure nor a reason: %+v", row.Kind, row)
				}
				sum += v
			}
			if sum != int64(c.current) {
				t.Errorf("the rows add up to %d", sum)
			}
		})
	}
}

func TestSplitV1(t *testing.T) {
	r := &cgroupfs.Reading{
		StatV1: cgroupfs.MemoryStatV1{TotalRSS: n(500), TotalRSSHuge: n(200), TotalCache: n(300), TotalShmem: n(0), TotalMappedFile: n(120),
			TotalDirty: n(7), TotalWriteback: n(0)},
		Memory: cgroupfs.Memory{Current: n(1000), Kernel: n(150)},
	}
	rows := Split(r, 1)
	sum := int64(0)
	for _, row := range rows {
		v, _ := row.Bytes.Get()
		sum += v
	}
	if rest, _ := rows[len(rows)-1].Bytes.Get(); sum != 1000 || rest != 50 {
		t.Errorf("%+v", rows)
	}
	for name, want := range map[string]int64{"mapped": 120, "unmapped": 180, "dirty": 7, "writeback": 0} {
		if v, ok := part(rows, File, name).Get(); !ok || v != want {
			t.Errorf("%s is %d, %t", name, v, ok)
		}
	}
	// With shared memory, how much of the mapped memory is page cache is not known.
	r.StatV1.TotalShmem = n(10)
	if v, ok := part(Split(r, 1), File, "mapped").Get(); ok {
		t.Errorf("mapped is %d", v)
	}
}

// TestSplitGone checks that a figure that vanished is not 0, and that no figure is derived from it.
func TestSplitGone(t *testing.T) {
	for version := 1; version <= 2; version++ {
		r := &cgroupfs.Reading{Memory: cgroupfs.Memory{Current: n(1000)}, Stat: stat(func(s *cgroupfs.MemoryStat) { s.Anon = gone }),
			StatV1: cgroupfs.MemoryStatV1{TotalRSS: gone}}
		rows := Split(r, version)
		if v, ok := rows[len(rows)-1].Bytes.Get(); ok {
			t.Errorf("v%d: %d unattributed", version, v)
		}
		if v, ok := rows[0].Bytes.Get(); ok || rows[0].Bytes.Reason() != "vanished" {
			t.Errorf("v%d: anon %d, %q", version, v, rows[0].Bytes.Reason())
		}
	}
}

func TestTolerance(t *testing.T) {
	r := &cgroupfs.Reading{Memory: cgroupfs.Memory{Current: n(1 << 30)}, Stat: cgroupfs.MemoryStat{Swapcached: n(5)}}
	if got := Tolerance(r, Batch(2, 4096)); got != (1<<30)/100+5 {
		t.Errorf("large: %d", got)
	}
	r.Memory.Current = n(1 << 20)
	if got := Tolerance(r, Batch(2, 4096)); got != 2*64*4096+5 {
		t.Errorf("small: %d", got)
	}
	r = &cgroupfs.Reading{Memory: r.Memory, StatV1: cgroupfs.MemoryStatV1{TotalSwapcached: n(7)}}
	if got := Tolerance(r, Batch(2, 4096)); got != 2*64*4096+7 {
		t.Errorf("v1: %d", got)
	}
}

// swap returns the swap of a host with the default swappiness and of a program that gave up nothing.
func swap(total, free, limit, left figure.Figure) Swap {
	return Swap{Swap: cgroupfs.Swap{Total: total, Free: free, Limit: limit, Left: left, Swappiness: n(60)}, LazyFree: n(0)}
}

func withZswap(s Swap, only uint64) Swap {
	s.ZswapOnly = n(only)
	return s
}

func TestSwap(t *testing.T) {
	unlimited := figure.Figure{}
	for _, c := range []struct {
		name      string
		swap      Swap
		available uint64
		ok        bool
		text      string
	}{
		{"none on the host", swap(n(0), n(0), old, old), 0, true, "this host has no swap"},
		{"forbidden for the container", swap(n(100), n(100), n(0), n(0)), 0, true, "this container may not use swap"},
		{"limited", swap(n(1<<20), n(1<<20), n(4096), n(3072)), 3072, true, "3 KiB of swap is free for it"},
		{"full", swap(n(1<<20), n(0), old, old), 0, true, "no swap is left for it"},
		{"not known", swap(n(1<<20), n(4096), unlimited, unlimited), 4096, false, "how much swap it may use is not known"},
		{"over a limit that was lowered", swap(n(1<<20), n(1<<20), n(100), n(0)), 0, true, "no swap is left for it"},
		{"a sibling used up the limit of an ancestor", swap(n(1<<20), n(1<<20), n(1<<20), n(0)), 0, true, "no swap is left for it"},
		{"swappiness 0", Swap{Swap: cgroupfs.Swap{Total: n(1 << 20), Free: n(1 << 20), Limit: old, Left: old, Swappiness: n(0)}}, 0, true,
			"swappiness is 0, so reclaim swaps nothing out"},
		{"zswap only", withZswap(swap(n(1<<20), n(1<<20), old, old), 1),
			0, false, "its pages can leave for the pool of zswap only, where they stay charged, compressed (memory.zswap.writeback is 0)"},
		{"zswap or not", withZswap(swap(n(1<<20), n(1<<20), old, old), 0),
			1 << 20, true, "1 MiB of swap is free for it"},
	} {
		available, ok := c.swap.Available()
		if available != c.available || ok != c.ok || c.swap.Text() != c.text {
			t.Errorf("%s: %d, %t, %q", c.name, available, ok, c.swap.Text())
		}
	}
}

// TestRules checks that each kind has a rule, and that without swap no rule promises to reclaim pages without a file.
func TestRules(t *testing.T) {
	none := swap(n(0), n(0), old, old)
	for version := 1; version <= 2; version++ {
		for _, row := range Split(&cgroupfs.Reading{}, version) {
			rule := RuleOf(row.Kind, none)
			if rule.KeptBecause == "" || rule.FreedBy == "" || rule.Certainty == "" || row.Group == "" {
				t.Errorf("%+v: %+v", row, rule)
			}
		}
	}
	for _, kind := range []string{Anon, AnonTHP, Shmem} {
		if rule := RuleOf(kind, none); rule.ByReclaim || !strings.Contains(rule.FreedBy, "no swap") {
			t.Errorf("%s: %s", kind, rule.FreedBy)
		}
		if rule := RuleOf(kind, swap(n(1<<30), n(1<<30), old, old)); !rule.ByReclaim || !strings.HasPrefix(rule.FreedBy, "reclaim to swap") {
			t.Errorf("%s: %s", kind, rule.FreedBy)
		}
	}
}

// TestGivenUp checks that the explanation, the rules and the reclaimable amount agree: reclaim drops what a program gave up with
// MADV_FREE, without swap. How much it is may be unknown.
func TestGivenUp(t *testing.T) {
	r := &cgroupfs.Reading{Memory: cgroupfs.Memory{Current: n(80 << 20)}, Stat: stat(func(s *cgroupfs.MemoryStat) {
		s.Anon, s.AnonThp, s.File = n(64<<20), n(60<<20), n(10<<20)
	})}
	none, some, all := swap(n(0), n(0), old, old), swap(n(1<<30), n(8<<20), old, old), swap(n(1<<30), n(1<<30), old, old)
	for _, c := range []struct {
		name        string
		swap        Swap
		lazy        figure.Figure
		text, freed string
		reclaimable int64
	}{
		{"nothing, no swap", none, n(0), "pages. Only their owner can free them; the kernel can at most swap them out, and this host",
			"; not reclaim: this host", 10 << 20},
		{"some, no swap", none, n(24 << 20),
			"pages. The program gave up at most 24 MiB of them with MADV_FREE: reclaim drops those, without swap. Only their owner can free the " +
				"others;", "; not reclaim, except for up to 24 MiB", 34 << 20},
		{"shared by a fork, counted twice", none, n(128 << 20), "gave up at most 64 MiB of them", "up to 128 MiB", 74 << 20},
		{"an old kernel, no swap", none, old, "with MADV_FREE; how many is not known",
			"; not reclaim, except for what the program gave up with MADV_FREE: this host", 10 << 20},
		{"gone", none, gone, "how many is not known", "; not reclaim: this host", 10 << 20},
		{"nothing, swap", some, n(0), "8 MiB of swap is free for it", "reclaim to swap (8 MiB of swap is free for it); else", 18 << 20},
		{"some, swap for a part", some, n(24 << 20), "gave up at most 24 MiB of them", "or without it for up to 24 MiB", 42 << 20},
		{"some, swap for all", all, n(24 << 20), "gave up at most 24 MiB of them", "or without it for up to 24 MiB", 74 << 20},
	} {
		c.swap.LazyFree = c.lazy
		a := Facts{Now: Split(r, 2), Swap: c.swap}
		if text := Explain(a)[1].Text; !strings.Contains(text, c.text) {
			t.Errorf("%s: %s", c.name, text)
		}
		for _, kind := range []string{Anon, AnonTHP} {
			if freed := RuleOf(kind, c.swap).FreedBy; !strings.Contains(freed, c.freed) {
				t.Errorf("%s: %s is freed by %s", c.name, kind, freed)
			}
		}
		if freed := RuleOf(Shmem, c.swap).FreedBy; strings.Contains(freed, "MADV_FREE") {
			t.Errorf("%s: shared memory is freed by %s", c.name, freed)
		}
		if got := a.Reclaimable(); got != c.reclaimable {
			t.Errorf("%s: %d can be reclaimed, want %d", c.name, got, c.reclaimable)
		}
	}
}

func TestExplain(t *testing.T) {
	r := &cgroupfs.Reading{Memory: cgroupfs.Memory{Current: n(80 << 20)}, Stat: stat(func(s *cgroupfs.MemoryStat) {
		s.Anon, s.AnonThp, s.File, s.FileDirty = n(64<<20), n(2<<20), n(10<<20), n(4096)
		s.Kernel, s.Pagetables = n(5<<20), n(1<<20)
	})}
	a := Facts{Name: "db", Now: Split(r, 2), Swap: swap(n(0), n(0), old, old), Frozen: true, Unpausable: true,
		FrozenSource: "cgroup.events: frozen", Processes: 3}
	var texts []string
	for _, s := range Explain(a) {
		texts = append(texts, s.Text)
		for _, source := range s.Sources {
			if source == "" {
				t.Errorf("%q has an empty source", s.Text)
			}
		}
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{"Its 3 processes still exist, frozen", "64 MiB are anonymous", "this host has no swap",
		"10 MiB are page cache", "4 KiB of it is dirty",
		"5 MiB are the kernel's", "`haltscope reclaim db` gives back up to 10 MiB", "docker unpause db"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in:\n%s", want, all)
		}
	}
	if strings.Contains(all, "network") || strings.Contains(all, "shared memory") {
		t.Errorf("a kind without memory is mentioned:\n%s", all)
	}
	a.Before, a.Frozen = a.Now, false
	if text := Explain(a)[0].Text; !strings.Contains(text, "may run") {
		t.Error(text)
	}
	if text := Explain(a)[1].Text; !strings.Contains(text, "as before the pause") {
		t.Error(text)
	}
	// The advice must work: reclaim needs a flag for a container that is not frozen, and docker unpause only undoes docker pause.
	for frozen, want := range map[bool]string{true: "`haltscope reclaim db` gives", false: "`haltscope reclaim --running db` gives"} {
		a.Frozen, a.Unpausable = frozen, false
		sentences := Explain(a)
		if text := sentences[len(sentences)-1].Text; !strings.Contains(text, want) || strings.Contains(text, "unpause") {
			t.Error(text)
		}
	}
}

func TestExplainLocked(t *testing.T) {
	r := &cgroupfs.Reading{Memory: cgroupfs.Memory{Current: n(2 << 20)},
		Stat: stat(func(s *cgroupfs.MemoryStat) { s.Anon, s.Unevictable = n(2<<20), n(1<<20) })}
	all := Explain(Facts{Name: "db", Now: Split(r, 2), Unevictable: Unevictable(r, 2), LockedBy: "process 7 (java) has locked 1 MiB"})
	if text := all[len(all)-2].Text; !strings.Contains(text, "1 MiB of it are locked") || !strings.Contains(text, "process 7 (java)") {
		t.Error(text)
	}
}

// TestExplainWithoutReclaim checks that no amount is promised on a kernel without reclaim.
func TestExplainWithoutReclaim(t *testing.T) {
	r := cgroupfs.Reading{Stat: stat(func(s *cgroupfs.MemoryStat) { s.File = n(1 << 20) })}
	r.Memory.Current = n(1 << 20)
	for none, want := range map[bool]bool{false: true, true: false} {
		all := Explain(Facts{Name: "db", Now: Split(&r, 2), NoReclaim: none})
		if text := all[len(all)-1].Text; strings.Contains(text, "haltscope reclaim") != want || !strings.Contains(text, "docker stop db") {
			t.Error(text)
		}
	}
}
