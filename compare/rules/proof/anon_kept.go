package proof

import (
	"fmt"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// anonKept holds if anonymous memory stays without swap, and if what it loses with swap is in swap. A huge page is split to be
// swapped out, and since Linux 6.12 the parts that hold only zeros are then dropped (mm/migrate.c, try_to_map_unused_to_zeropage):
// those may be up to half of what is lost. What the program gave up with MADV_FREE is dropped, with or without swap.
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
	if m, ok := missing(anon.Before, anon.After, shmem.Before, shmem.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	p.Measured = fmt.Sprintf("Reclaim of %s: anonymous memory from %s to %s; %s.", value.Bytes(r.Asked), value.Bytes(get(anon.Before)),
		value.Bytes(get(anon.After)), r.Swap.Text())
	if given := r.Swap.GivenUp(get(anon.Before)); given > 0 {
		p.Text = "A frozen container's anonymous memory can at most be swapped out, except for what its program gave up."
		p.Measured += fmt.Sprintf(" The program had given up at most %s of it with MADV_FREE.", value.Bytes(given))
	}
	switch available, known := r.Swap.Available(); {
	case !known:
		return undecided(p, "how much swap it may use is not known")
	case available == 0:
		return f.anonKeptWithoutSwap(p, r, anon)
	}
	return f.anonKeptInSwap(p, r, anon, shmem, swap, huge)
}

func (f Facts) anonKeptWithoutSwap(p document.Proof, r Reclaim, anon document.ProofFigure) document.Proof {
	before, after := get(anon.Before), get(anon.After)
	tolerance, given := int64(memory.Tolerance(&r.After, f.Batch)), r.Swap.GivenUp(before)
	p.HoldsIf = "it changes by at most " + value.Bytes(tolerance) + givenUpText(given)
	switch {
	case before-given <= tolerance:
		return undecided(p, "there was too little anonymous memory to tell")
	case after-before > tolerance:
		p.Holds = value.Known(false)
	default:
		p.Holds = r.lossAllowed(before-after, tolerance, given)
	}
	return p
}

func (f Facts) anonKeptInSwap(p document.Proof, r Reclaim, anon, shmem, swap, huge document.ProofFigure) document.Proof {
	tolerance, given := int64(memory.Tolerance(&r.After, f.Batch)), r.Swap.GivenUp(get(anon.Before))
	p.HoldsIf = fmt.Sprintf("what it and shared memory lose is then in swap, to within %s and the zeros in huge pages%s",
		value.Bytes(tolerance), givenUpText(given))
	if m, ok := missing(swap.Before, swap.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	lost := get(anon.Before) - get(anon.After) + get(shmem.Before) - get(shmem.After)
	swapped := get(swap.After) - get(swap.Before)
	p.Measured += fmt.Sprintf(" Swap from %s to %s.", value.Bytes(get(swap.Before)), value.Bytes(get(swap.After)))
	if near(swapped, 0, tolerance) && lost >= -tolerance && lost <= tolerance+given {
		return undecided(p, "the kernel swapped nothing out, although it could")
	}
	zeros := int64(0)
	if inHuge, ok := huge.Before.Get(); ok {
		zeros = max(0, min(inHuge, lost/2))
	}
	if zeros > 0 && !near(lost, swapped, tolerance+given) {
		p.Measured += fmt.Sprintf(" %s had been in huge pages, whose zeros are dropped.", value.Bytes(get(huge.Before)))
	}
	if p.Holds = r.lossAllowed(lost-swapped, zeros+tolerance, given); swapped > lost+tolerance {
		p.Holds = value.Known(false)
	}
	return p
}

// givenUpText adds to a bound what the program gave up.
func givenUpText(given int64) string {
	if given <= 0 {
		return ""
	}
	return fmt.Sprintf(", and at most %s that the program gave up with MADV_FREE", value.Bytes(given))
}

// lossAllowed judges whether memory that is neither charged nor in swap may be lost: at most allowed, and what the program gave up.
func (r Reclaim) lossAllowed(lost, allowed, given int64) value.Maybe[bool] {
	_, known := r.Swap.LazyFree.Value()
	if lost > allowed && !known {
		return value.Absent[bool](value.NotMeasured, "how much of it the program gave up with MADV_FREE is not known")
	}
	return value.Known(lost <= allowed+given)
}

// hugePages returns how anonymous memory in huge pages changed, in bytes.
func hugePages(version int, before, after *cgroupfs.Reading) document.ProofFigure {
	source := "memory.stat: total_rss_huge"
	if version == 2 {
		source = "memory.stat: anon_thp"
	}
	bytes := func(r *cgroupfs.Reading) value.Maybe[int64] {
		return memory.Sum(memory.Split(r, version), memory.AnonTHP)
	}
	return document.ProofFigure{Name: memory.AnonTHP, Unit: "bytes", Source: source, Before: bytes(before), After: bytes(after)}
}
