package proof

import (
	"fmt"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// stopFrees holds if the cgroup goes, and MemAvailable rises by what was charged to it other than page cache and reclaimable slab:
// those count as available wherever they are charged (proc_meminfo(5), MemAvailable).
//
// Freed pages may stay on the free lists of a CPU for seconds, so these lists are counted too. All figures are of the whole host,
// and every program on it moves them. They are medians of a few samples, right before the program's memory is freed and right
// after. The bounds are wide, and there is no judgement if the figures are not steady in those samples, or if other programs took
// or gave back much in between: AnonPages and Shmem of the host then changed by an amount other than the twin held.
func (f Facts) stopFrees() document.Proof {
	p := document.Proof{Claim: StopFrees,
		Text: "docker stop gives the host back everything except page cache, which counted as available before."}
	s, ok := f.Stop.Get()
	if !ok {
		return notTested(p, f.Stop)
	}
	before, after := ending(s.Moments)
	if len(before) == 0 || len(after) == 0 {
		return notTested(p, value.Absent[bool](value.Failed, "the moment at which its memory was freed was not seen"))
	}
	last := before[len(before)-1].Group
	rows := memory.Split(&last, f.Version)
	host := document.ProofFigure{Name: "mem_available", Unit: "bytes", Source: "/proc/meminfo: MemAvailable",
		Before: median(before, available), After: median(after, available)}
	lists := document.ProofFigure{Name: "per_cpu_lists", Unit: "bytes", Source: "/proc/zoneinfo: pagesets, count",
		Before: median(before, perCPU), After: median(after, perCPU)}
	anon, shmem := s.freedRow(rows, memory.Anon), s.freedRow(rows, memory.Shmem)
	kernel, file := s.freedRow(rows, memory.Kernel), s.freedRow(rows, memory.File)
	dying := proofFigure("dying_cgroups", "cgroups", "cgroup.stat: nr_dying_descendants, of the cgroup above", s.DyingBefore, s.DyingAfter)
	p.Figures = []document.ProofFigure{host, lists, anon, shmem, kernel, file, dying}
	slab := memory.Sum(rows, memory.SlabReclaimable)
	freeBefore, freeAfter := median(before, free), median(after, free)
	if m, ok := missing(host.Before, host.After, lists.Before, lists.After, freeBefore, freeAfter, anon.Before, shmem.Before, kernel.Before,
		file.Before, slab); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	expected := get(anon.Before) + get(shmem.Before) + get(kernel.Before) - get(slab)
	rise := get(freeAfter) - get(freeBefore)
	p.HoldsIf = fmt.Sprintf("the cgroup goes, and the two rise by %s, give or take half", value.Bytes(expected))
	p.Measured = fmt.Sprintf("MemAvailable and the free lists of the CPUs rose by %s in the %s in which the program ended. The cgroup had "+
		"held %s. %s",
		value.Bytes(rise), lasted(after[0].Group.At.Sub(last.At)), heldText(get(anon.Before), get(kernel.Before), get(shmem.Before),
			get(file.Before)), s.goneText())
	if noise := max(spread(before), spread(after)); noise > expected/4 {
		return undecided(p, fmt.Sprintf("right before or after, other programs on this host moved it by %s", value.Bytes(noise)))
	}
	growth, known := otherProgramsGrowth(before, after)
	if !known || max(growth, -growth) > expected/4 {
		return undecided(p, "other programs on this host "+growthText(growth, known))
	}
	p.Holds = value.Known(s.Gone && near(rise, expected, expected/2))
	return p
}

// freedRow returns what a group of rows held before the end.
func (s Stop) freedRow(rows []memory.Row, group string) document.ProofFigure {
	row := document.ProofFigure{Name: group, Unit: "bytes", Source: memory.Source(rows, group), Before: memory.SumGroup(rows, group),
		After: value.Absent[int64](value.Vanished, "the cgroup is gone")}
	if !s.Gone {
		row.After = value.Absent[int64](value.NotMeasured, "the cgroup is still there")
	}
	return row
}

func heldText(anon, kernel, shmem, file int64) string {
	text := fmt.Sprintf("%s of anonymous memory, %s of the kernel's", value.Bytes(anon), value.Bytes(kernel))
	if shmem > 0 {
		text += fmt.Sprintf(", %s of shared memory", value.Bytes(shmem))
	}
	return text + fmt.Sprintf(" and %s of page cache", value.Bytes(file))
}

func (s Stop) goneText() string {
	if s.Gone {
		return "It is gone."
	}
	return "It is still there."
}

func growthText(growth int64, known bool) string {
	switch {
	case !known:
		return "could not be measured"
	case growth < 0:
		return fmt.Sprintf("gave back %s at the same moment", value.Bytes(-growth))
	}
	return fmt.Sprintf("took %s at the same moment", value.Bytes(growth))
}

// pages returns the bytes that are freed when the program ends. A cgroup that is gone holds nothing.
func pages(r *cgroupfs.Reading) (bytes uint64) {
	if anon, ok := r.Memory.Anon.Value(); ok {
		bytes = anon
	}
	if shmem, ok := r.Memory.Shmem.Value(); ok {
		bytes += shmem
	}
	return bytes
}
