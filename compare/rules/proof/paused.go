package proof

import (
	"fmt"
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// memoryKept: what is charged stays, to within what the kernel charges ahead. A host that needs memory takes page cache,
// and swaps out, also from a frozen container: that is not the container's doing, and is told apart.
func (f Facts) memoryKept() document.Proof {
	p := document.Proof{Claim: MemoryKept, Text: "A frozen container keeps its memory."}
	h, ok := f.Hold.Get()
	if !ok {
		return notTested(p, f.Hold)
	}
	// From the freeze on: before it, the program may still have taken some.
	current := proofFigure("memory", "bytes", f.Sources["current"], h.Effective.Memory.Current, h.After.Memory.Current)
	file := f.change(memory.File, &h.Effective, &h.After)
	swap := proofFigure("swap", "bytes", swapSource(f.Version), h.Effective.Memory.Swap, h.After.Memory.Swap)
	p.Figures = []document.ProofFigure{current, file, swap}
	tolerance := int64(memory.Tolerance(&h.After, f.Batch))
	p.HoldsIf = fmt.Sprintf("what the host does not take for itself, page cache and what it swaps out, changes by no more than %s: the kernel charges ahead, in batches", value.Bytes(tolerance))
	if m, ok := missing(current.Before, current.After, file.Before, file.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	before, after := of(current.Before), of(current.After)
	p.Measured = fmt.Sprintf("%s right after the freeze, %s after %s of it", value.Bytes(before), value.Bytes(after), lasted(h.After.At.Sub(h.Effective.At)))
	low, high := after, after
	own := []int64{f.own(&h.Effective), f.own(&h.After)}
	for i := range h.Frozen {
		v, ok := h.Frozen[i].Memory.Current.Value()
		if !ok {
			continue
		}
		low, high = min(low, int64(v)), max(high, int64(v))
		own = append(own, f.own(&h.Frozen[i]))
	}
	if len(h.Frozen) > 0 {
		p.Measured += fmt.Sprintf("; in between, from %s to %s in %d samples", value.Bytes(low), value.Bytes(high), len(h.Frozen))
	}
	p.Measured += "."
	if taken := of(file.Before) - of(file.After); taken > 0 && !near(before, after, tolerance) {
		p.Measured += fmt.Sprintf(" The host took %s of its page cache meanwhile.", value.Bytes(taken))
	}
	p.Holds = value.Known(near(own[0], own[1], tolerance) && near(slices.Min(own[1:]), slices.Max(own[1:]), tolerance))
	return p
}

// own is what only the container itself can give up: what is charged, without page cache, and with what was swapped out.
func (f Facts) own(r *cgroupfs.Reading) int64 {
	swap, _ := r.Memory.Swap.Value()
	current, _ := r.Memory.Current.Value()
	return int64(current) - of(memory.SumGroup(memory.Split(r, f.Version), memory.File)) + int64(swap)
}

// noCPUTime: the counter does not move at all.
func (f Facts) noCPUTime() document.Proof {
	p := document.Proof{Claim: NoCPUTime, Text: "A frozen container uses no CPU time."}
	h, ok := f.Hold.Get()
	if !ok {
		return notTested(p, f.Hold)
	}
	cpu := proofFigure("cpu_time", "usec", f.Sources["cpu"], h.Effective.CPUUsage, h.After.CPUUsage)
	p.Figures = []document.ProofFigure{cpu}
	p.HoldsIf = "its CPU time is the same at the end of the pause as at the beginning"
	if m, ok := missing(cpu.Before, cpu.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	before, after := of(cpu.Before), of(cpu.After)
	if after < before {
		return undecided(p, "its CPU time fell: the counter was another's")
	}
	p.Measured = fmt.Sprintf("%s in %s.", value.Usec(uint64(after-before)), lasted(h.After.At.Sub(h.Effective.At)))
	p.Holds = value.Known(after == before)
	return p
}

func lasted(d time.Duration) string { return value.Duration(d.Seconds() * 1000) }
