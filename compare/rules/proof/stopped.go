package proof

import (
	"fmt"
	"slices"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// stopFrees: the cgroup goes, and MemAvailable rises by what was neither page cache nor reclaimable slab in it, for
// those count as available wherever they are charged. Source: proc_meminfo(5), MemAvailable.
//
// What is freed may stay on the lists of the CPU that freed it for seconds: they are counted, too. Both figures are the
// whole host's, and all that runs moves them. They are taken right before the program's memory goes and right behind, by
// the median of a few samples; the bounds are wide; and where they do not keep still in those samples, there is no
// judgement. Neither is there where other programs took or gave back much in between: AnonPages and Shmem of the host
// then fall by something else than what the twin held.
func (f Facts) stopFrees() document.Proof {
	p := document.Proof{Claim: StopFrees, Text: "docker stop gives the host back all but page cache, which counted as available before."}
	s, ok := f.Stop.Get()
	if !ok {
		return notTested(p, f.Stop)
	}
	before, after := ending(s.Moments)
	if len(before) == 0 || len(after) == 0 {
		return notTested(p, value.Absent[bool](value.Failed, "the moment in which its memory went was not seen"))
	}
	last := before[len(before)-1].Group
	rows := memory.Split(&last, f.Version)
	host := document.ProofFigure{Name: "mem_available", Unit: "bytes", Source: "/proc/meminfo: MemAvailable",
		Before: median(before, available), After: median(after, available)}
	free := document.ProofFigure{Name: "per_cpu_lists", Unit: "bytes", Source: "/proc/zoneinfo: pagesets, count",
		Before: median(before, perCPU), After: median(after, perCPU)}
	p.Figures = []document.ProofFigure{host, free}
	for _, group := range []string{memory.Anon, memory.Shmem, memory.Kernel, memory.File} {
		row := document.ProofFigure{Name: group, Unit: "bytes", Source: memory.Source(rows, group), Before: memory.SumGroup(rows, group),
			After: value.Absent[int64](value.Vanished, "the cgroup is gone")}
		if !s.Gone {
			row.After = value.Absent[int64](value.NotMeasured, "the cgroup did not go")
		}
		p.Figures = append(p.Figures, row)
	}
	anon, shmem, kernel, file := p.Figures[2].Before, p.Figures[3].Before, p.Figures[4].Before, p.Figures[5].Before
	p.Figures = append(p.Figures, proofFigure("dying_cgroups", "cgroups", "cgroup.stat: nr_dying_descendants, of the cgroup above", s.DyingBefore, s.DyingAfter))
	if m, ok := missing(host.Before, host.After, free.Before, free.After, anon, shmem, kernel, file); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	expected := of(anon) + of(shmem) + of(kernel) - of(memory.Sum(rows, memory.SlabReclaimable))
	p.HoldsIf = fmt.Sprintf("the cgroup goes, and the two rise by %s, half of that more or less", value.Bytes(expected))
	rise := of(median(after, both)) - of(median(before, both))
	p.Measured = fmt.Sprintf("MemAvailable and the free lists of the CPUs rose by %s in the %s in which the program ended. The cgroup had held %s of anonymous memory, %s of the kernel's",
		value.Bytes(rise), lasted(after[0].Group.At.Sub(last.At)), value.Bytes(of(anon)), value.Bytes(of(kernel)))
	if of(shmem) > 0 {
		p.Measured += fmt.Sprintf(", %s of shared memory", value.Bytes(of(shmem)))
	}
	p.Measured += fmt.Sprintf(" and %s of page cache. ", value.Bytes(of(file)))
	if s.Gone {
		p.Measured += "It is gone."
	} else {
		p.Measured += "It is still there."
	}
	if noise := max(spread(before), spread(after)); noise > expected/4 {
		return undecided(p, fmt.Sprintf("right before or after, it moved by %s by what else this host does", value.Bytes(noise)))
	}
	if others, ok := othersTook(before, after); !ok || max(others, -others) > expected/4 {
		return undecided(p, "other programs of this host "+othersDid(others, ok))
	}
	p.Holds = value.Known(s.Gone && near(rise, expected, expected/2))
	return p
}

// window is how many moments count on each side of the end: few, for others move the figures too.
const window = 5

// ending finds the moments right before a program's own pages went and right behind.
func ending(all []Moment) (before, after []Moment) {
	most := uint64(0)
	for _, m := range all {
		most = max(most, pages(m))
	}
	whole := func(m Moment) bool { return pages(m) > most-most/20 }
	last := len(all) - 1
	for last >= 0 && !whole(all[last]) {
		last--
	}
	if last < 0 {
		return nil, nil
	}
	first := last
	for first > 0 && last-first < window-1 && whole(all[first-1]) {
		first--
	}
	before = all[first : last+1]
	for i := last + 1; i < len(all); i++ {
		if pages(all[i]) <= most/20 {
			return before, all[i:min(len(all), i+window)]
		}
	}
	return before, nil
}

// pages is what goes at the program's end; of a cgroup that is gone, nothing.
func pages(m Moment) uint64 {
	anon, _ := m.Group.Memory.Anon.Value()
	shmem, _ := m.Group.Memory.Shmem.Value()
	return anon + shmem
}

// othersTook is by how much the memory without a file of the host's other programs grew while the twin's went; below 0,
// it fell.
func othersTook(before, after []Moment) (int64, bool) {
	was, ok := median(before, programs).Get()
	if !ok {
		return 0, false
	}
	is, ok := median(after, programs).Get()
	if !ok {
		return 0, false
	}
	return is - was + int64(pages(before[len(before)-1])-pages(after[0])), true
}

// othersDid puts it in words.
func othersDid(took int64, known bool) string {
	switch {
	case !known:
		return "could not be watched"
	case took < 0:
		return fmt.Sprintf("gave back %s in the same moment", value.Bytes(-took))
	}
	return fmt.Sprintf("took %s in the same moment", value.Bytes(took))
}

// What a moment says of the host's memory.
func available(m Moment) figure.Figure { return m.Available }
func perCPU(m Moment) figure.Figure    { return m.PerCPU }
func programs(m Moment) figure.Figure  { return m.Programs }

// both is all that is free, wherever the kernel keeps it.
func both(m Moment) figure.Figure { return m.Available.Plus(m.PerCPU) }

// median of some moments, in which a short peak does not show.
func median(moments []Moment, of func(Moment) figure.Figure) value.Maybe[int64] {
	sorted := values(moments, of)
	if len(sorted) == 0 {
		return figures.Without[int64](of(moments[0]))
	}
	return value.Known(int64(sorted[len(sorted)/2]))
}

// spread is by how much the middle half of some moments differ.
func spread(moments []Moment) int64 {
	sorted := values(moments, both)
	if len(sorted) == 0 {
		return 0
	}
	return int64(sorted[len(sorted)*3/4] - sorted[len(sorted)/4])
}

func values(moments []Moment, of func(Moment) figure.Figure) (all []uint64) {
	for _, m := range moments {
		if v, ok := of(m).Value(); ok {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}
