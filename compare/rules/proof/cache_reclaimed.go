package proof

import (
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// cacheReclaimed holds if page cache shrinks, by more than the error of its count, while the cgroup stays frozen.
func (f Facts) cacheReclaimed() document.Proof {
	p := document.Proof{Claim: CacheReclaimed, Text: "The kernel can drop a frozen container's page cache."}
	r, ok := f.Reclaim.Get()
	if !ok {
		return notTested(p, f.Reclaim)
	}
	file := f.change(memory.File, &r.Before, &r.After)
	current := proofFigure("memory", "bytes", f.Sources["current"], r.Before.Memory.Current, r.After.Memory.Current)
	frozen := proofFigure("frozen", "flag", f.Sources["frozen"], r.Before.Freezer.Frozen, r.After.Freezer.Frozen)
	if r.Thawed {
		frozen.After = value.Known[int64](0)
	}
	p.Figures = []document.ProofFigure{file, current, frozen}
	tolerance := int64(memory.Tolerance(&r.Before, f.Batch))
	p.HoldsIf = fmt.Sprintf("page cache shrinks by more than %s, the error of its count, and the cgroup stays frozen", value.Bytes(tolerance))
	if m, ok := missing(file.Before, file.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	before, after := get(file.Before), get(file.After)
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
