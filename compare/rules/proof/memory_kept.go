package proof

import (
	"fmt"
	"slices"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// hugePage is the size of a huge page, in bytes, where a page has 4 KiB.
const hugePage = 2 << 20

// memoryKept holds if what is charged does not change, except for what the kernel charges in advance. If the host needs memory, it
// takes page cache and swaps pages out, from a frozen container too. It may also put pages of a program's file together to huge pages:
// it charges each to the container, fills it, and only then counts it as page cache. That is not the container's doing, and does not
// count. Source: mm/khugepaged.c, collapse_file.
func (f Facts) memoryKept() document.Proof {
	p := document.Proof{Claim: MemoryKept, Text: "A frozen container keeps its memory."}
	h, ok := f.Hold.Get()
	if !ok {
		return notTested(p, f.Hold)
	}
	// From the freeze on: before it, the program may still have allocated.
	current := proofFigure("memory", "bytes", f.Sources["current"], h.Effective.Memory.Current, h.After.Memory.Current)
	file := f.change(memory.File, &h.Effective, &h.After)
	swap := proofFigure("swap", "bytes", swapSource(f.Version), h.Effective.Memory.Swap, h.After.Memory.Swap)
	p.Figures = []document.ProofFigure{current, file, swap}
	tolerance := int64(memory.Tolerance(&h.After, f.Batch))
	p.HoldsIf = fmt.Sprintf("its memory, without page cache and including what is swapped out, falls by at most %s, and grows by at most "+
		"a huge page more: the kernel charges in advance, in batches, and makes huge pages of page cache", value.Bytes(tolerance))
	if m, ok := missing(current.Before, current.After, file.Before, file.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	before, after := get(current.Before), get(current.After)
	p.Measured = fmt.Sprintf("%s right after the freeze, %s after %s of it%s.", value.Bytes(before), value.Bytes(after),
		lasted(h.After.At.Sub(h.Effective.At)), samplesText(h.Frozen, after))
	switch taken := get(file.Before) - get(file.After); {
	case near(before, after, tolerance):
	case taken > 0:
		p.Measured += fmt.Sprintf(" The host took %s of its page cache meanwhile.", value.Bytes(taken))
	case taken < 0:
		p.Measured += fmt.Sprintf(" Its page cache grew by %s meanwhile, although none of its processes ran: the kernel may make huge pages "+
			"of the files of its programs.", value.Bytes(-taken))
	}
	first, last := get(f.kept(&h.Effective)), get(f.kept(&h.After))
	held := []int64{first, last}
	for i := range h.Frozen {
		if v, ok := f.kept(&h.Frozen[i]).Get(); ok {
			held = append(held, v)
		}
	}
	least := slices.Min(held)
	p.Holds = value.Known(first-least <= tolerance && last-least <= tolerance+hugePage)
	return p
}

// samplesText says between which figures the samples are; last is the figure at the end of the hold.
func samplesText(samples []cgroupfs.Reading, last int64) string {
	if len(samples) == 0 {
		return ""
	}
	low, high := last, last
	for i := range samples {
		if v, ok := samples[i].Memory.Current.Value(); ok {
			low, high = min(low, int64(v)), max(high, int64(v))
		}
	}
	return fmt.Sprintf("; in between, from %s to %s in %d samples", value.Bytes(low), value.Bytes(high), len(samples))
}

// kept returns the bytes that only the container itself can give up: what is charged, without page cache, plus what is swapped out.
// A kernel without a figure for swap has swapped nothing out.
func (f Facts) kept(r *cgroupfs.Reading) value.Maybe[int64] {
	rows := memory.Split(r, f.Version)
	file := memory.SumGroup(rows, memory.File)
	current := figures.Signed(r.Memory.Current)
	if m, ok := missing(current, file); ok {
		return m
	}
	kept := get(current) - get(file)
	if swap, ok := r.Memory.Swap.Value(); ok {
		kept += int64(swap)
	}
	return value.Known(kept)
}
