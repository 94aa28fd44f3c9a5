package proof

import (
	"fmt"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// change is what became of a group of rows of the ledger.
func (f Facts) change(group string, before, after *cgroupfs.Reading) document.ProofFigure {
	rows := memory.Split(before, f.Version)
	return document.ProofFigure{Name: group, Unit: "bytes", Source: memory.Source(rows, group),
		Before: memory.SumGroup(rows, group), After: memory.SumGroup(memory.Split(after, f.Version), group)}
}

// cacheReclaimed: page cache shrinks, by more than the kernel miscounts, while the cgroup stays frozen.
func (f Facts) cacheReclaimed() document.Proof {
	p := document.Proof{Claim: CacheReclaimed, Text: "The kernel can drop a frozen container's page cache."}
	r, ok := f.Reclaim.Get()
	if !ok {
		return notTested(p, f.Reclaim)
	}
	file := f.change(memory.File, &r.Before, &r.After)
	current := proofFigure("memory", "bytes", f.Sources["current"], r.Before.Memory.Current, r.After.Memory.Current)
	frozen := proofFigure("frozen", "flag", f.Sources["frozen"], r.Before.Freezer.Frozen, r.After.Freezer.Frozen)
	p.Figures = []document.ProofFigure{file, current, frozen}
	if r.Thawed {
		p.Figures[2].After = flag(false)
	}
	tolerance := int64(memory.Tolerance(&r.Before, f.Batch))
	p.HoldsIf = fmt.Sprintf("page cache shrinks by more than %s, to which it is counted, and the cgroup stays frozen", value.Bytes(tolerance))
	if m, ok := missing(file.Before, file.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	before, after := of(file.Before), of(file.After)
	stayed := !r.Thawed && r.Before.Freezer.Frozen.Is(1) && r.After.Freezer.Frozen.Is(1)
	freezer := "The cgroup stayed frozen."
	if !stayed {
		freezer = "The cgroup did not stay frozen."
	}
	p.Measured = fmt.Sprintf("Reclaim of %s, %s: page cache from %s to %s. %s", value.Bytes(r.Asked), lasted(r.Took),
		value.Bytes(before), value.Bytes(after), freezer)
	if before <= tolerance {
		return undecided(p, "there was too little page cache to tell")
	}
	p.Holds = value.Known(before-after > tolerance && stayed)
	return p
}

// anonKept: without swap it stays; with swap, what it loses is in swap. A huge page is split for that, and since 6.12
// the parts of it that hold only zeros are dropped instead (mm/migrate.c, try_to_map_unused_to_zeropage): up to half of
// all may be those. What the program has given up by MADV_FREE is dropped, swap or not.
func (f Facts) anonKept() document.Proof {
	p := document.Proof{Claim: AnonKept, Text: "A frozen container's anonymous memory can at most be swapped out."}
	r, ok := f.Reclaim.Get()
	if !ok {
		return notTested(p, f.Reclaim)
	}
	anon, shmem := f.change(memory.Anon, &r.Before, &r.After), f.change(memory.Shmem, &r.Before, &r.After)
	swap := proofFigure("swap", "bytes", swapSource(f.Version), r.Before.Memory.Swap, r.After.Memory.Swap)
	huge := hugePages(f.Version, &r.Before, &r.After)
	lazy := proofFigure("lazy_free", "bytes", "/proc/PID/smaps_rollup: LazyFree", r.Swap.LazyFree, r.LazyFree)
	p.Figures = []document.ProofFigure{anon, huge, shmem, swap, lazy}
	room, known := r.Swap.Room()
	if m, ok := missing(anon.Before, anon.After, shmem.Before, shmem.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	before, after := of(anon.Before), of(anon.After)
	tolerance := int64(memory.Tolerance(&r.After, f.Batch))
	p.Measured = fmt.Sprintf("Reclaim of %s: anonymous memory from %s to %s; %s.", value.Bytes(r.Asked), value.Bytes(before), value.Bytes(after), r.Swap.Text())
	given, allowed := r.Swap.GivenUp(before), ""
	if given > 0 {
		p.Text = "A frozen container's anonymous memory can at most be swapped out, but for what its program has given up."
		p.Measured += fmt.Sprintf(" Up to %s of it the program had given up (MADV_FREE).", value.Bytes(given))
		allowed = fmt.Sprintf(", and up to %s that the program had given up (MADV_FREE)", value.Bytes(given))
	}
	// lost judges what is gone, and not in swap, against what may be.
	lost := func(gone, may int64) value.Maybe[bool] {
		_, known := r.Swap.LazyFree.Value()
		if gone > may && !known {
			return value.Absent[bool](value.NotMeasured, "how much of it the program had given up (MADV_FREE) is not known")
		}
		return value.Known(gone <= may+given)
	}
	switch {
	case !known:
		return undecided(p, "whether there is swap for it is not known")
	case room == 0:
		p.HoldsIf = fmt.Sprintf("it changes by no more than %s%s", value.Bytes(tolerance), allowed)
		if before-given <= tolerance {
			return undecided(p, "there was too little anonymous memory to tell")
		}
		if p.Holds = lost(before-after, tolerance); after-before > tolerance {
			p.Holds = value.Known(false)
		}
		return p
	}
	p.HoldsIf = fmt.Sprintf("what it loses, together with shared memory, is then in swap, to within %s and what huge pages held of zeros%s", value.Bytes(tolerance), allowed)
	if m, ok := missing(swap.Before, swap.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	left := before - after + of(shmem.Before) - of(shmem.After)
	moved := of(swap.After) - of(swap.Before)
	p.Measured += fmt.Sprintf(" Swap from %s to %s.", value.Bytes(of(swap.Before)), value.Bytes(of(swap.After)))
	if near(moved, 0, tolerance) && left >= -tolerance && left <= tolerance+given {
		return undecided(p, "the kernel swapped nothing out, though it might have")
	}
	zeros := min(of(huge.Before), left/2)
	if p.Holds = lost(left-moved, max(zeros, 0)+tolerance); moved > left+tolerance {
		p.Holds = value.Known(false)
	}
	if !near(left, moved, tolerance+given) && zeros > 0 {
		p.Measured += fmt.Sprintf(" %s had been in huge pages, whose zeros are dropped.", value.Bytes(of(huge.Before)))
	}
	return p
}

// hugePages is the row of anonymous memory that is in huge pages.
func hugePages(version int, before, after *cgroupfs.Reading) document.ProofFigure {
	source := "memory.stat: total_rss_huge"
	if version == 2 {
		source = "memory.stat: anon_thp"
	}
	of := func(r *cgroupfs.Reading) value.Maybe[int64] {
		return memory.Sum(memory.Split(r, version), memory.AnonTHP)
	}
	return document.ProofFigure{Name: memory.AnonTHP, Unit: "bytes", Source: source, Before: of(before), After: of(after)}
}

func swapSource(version int) string {
	if version == 2 {
		return "memory.swap.current"
	}
	return "memory.stat: total_swap"
}

// returnCosts: what reclaim took comes back by major faults, and as it was.
func (f Facts) returnCosts() document.Proof {
	p := document.Proof{Claim: ReturnCosts, Text: "After the unpause, what was taken comes back as the program touches it, at a price."}
	b, ok := f.Back.Get()
	if !ok {
		return notTested(p, f.Back)
	}
	r, ok := f.Reclaim.Get()
	if !ok {
		return notTested(p, f.Reclaim)
	}
	faults := proofFigure("major_faults", "faults", faultsSource(f.Version), b.Warm.MajorFaults, b.Cold.MajorFaults)
	current := proofFigure("memory", "bytes", f.Sources["current"], b.Frozen.Memory.Current, b.After.Memory.Current)
	p.Figures = []document.ProofFigure{faults, current}
	for _, t := range []struct {
		name string
		of   func(*Touch) int64
	}{
		{"touch_held", func(t *Touch) int64 { return t.Held.Microseconds() }},
		{"touch_file", func(t *Touch) int64 { return t.File.Microseconds() }},
	} {
		row := document.ProofFigure{Name: t.name, Unit: "usec", Source: "the workload's log"}
		row.Before = value.Absent[int64](value.NotMeasured, "only the embedded workload can be asked to touch its memory")
		row.After = row.Before
		if f.Embedded {
			row.Before, row.After = value.Known(t.of(b.Warm.Touch)), value.Known(t.of(b.Cold.Touch))
		} else {
			row.Source = ""
		}
		p.Figures = append(p.Figures, row)
	}
	if !f.Embedded {
		return f.watchedReturn(p, b, r)
	}
	tolerance := int64(memory.Tolerance(&r.Before, f.Batch))
	p.HoldsIf = fmt.Sprintf("its memory grows again by more than %s as it is touched, with more major faults or in more time than before the pause, and all is as it was",
		value.Bytes(tolerance))
	if m, ok := missing(faults.Before, faults.After, current.Before, current.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	w, c := b.Warm.Touch, b.Cold.Touch
	p.Measured = fmt.Sprintf("Touching it took %s (before the pause, %d), and its memory grew from %s to %s: %s for what has no file (before, %s), %s for the file (%s).",
		count(faults.After), of(faults.Before), value.Bytes(of(current.Before)), value.Bytes(of(current.After)),
		lasted(c.Held), lasted(w.Held), lasted(c.File), lasted(w.File))
	intact := w.Intact && c.Intact
	if intact {
		p.Measured += " All was as it had been."
	} else {
		p.Measured += " It was not as it had been."
	}
	if r.taken(f) <= tolerance && intact {
		return undecided(p, "reclaim had taken too little to tell")
	}
	dearer := of(faults.After) > of(faults.Before) || c.Held+c.File > w.Held+w.File
	p.Holds = value.Known(intact && dearer && of(current.After)-of(current.Before) > tolerance)
	return p
}

// watchedReturn is returnCosts of a program that cannot be asked to touch what it holds.
func (f Facts) watchedReturn(p document.Proof, b Back, r Reclaim) document.Proof {
	faults := p.Figures[0]
	p.HoldsIf = "more major faults come than in the same time before the pause"
	if m, ok := missing(faults.Before, faults.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	p.Measured = fmt.Sprintf("%s in %s; before the pause, %d.", count(faults.After), lasted(b.Cold.Lasted), of(faults.Before))
	switch {
	case r.taken(f) <= int64(memory.Tolerance(&r.Before, f.Batch)):
		return undecided(p, "reclaim had taken too little to tell")
	case of(faults.After) <= of(faults.Before):
		return undecided(p, "the program touched none of it in that time")
	}
	p.Holds = value.Known(true)
	return p
}

func count(faults value.Maybe[int64]) string {
	return value.Count(int(of(faults)), "major fault", "major faults")
}

// taken is how much of the program's pages the reclaim took.
func (r Reclaim) taken(f Facts) (sum int64) {
	for _, group := range []string{memory.File, memory.Anon, memory.Shmem} {
		c := f.change(group, &r.Before, &r.After)
		if _, ok := missing(c.Before, c.After); !ok {
			sum += of(c.Before) - of(c.After)
		}
	}
	return sum
}

func faultsSource(version int) string {
	if version == 2 {
		return "memory.stat: pgmajfault"
	}
	return "memory.stat: total_pgmajfault"
}
