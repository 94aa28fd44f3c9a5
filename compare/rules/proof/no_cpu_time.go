package proof

import (
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// noCPUTime holds if the counter does not move at all.
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
	before, after := get(cpu.Before), get(cpu.After)
	if after < before {
		return undecided(p, "its CPU time fell, so the counter belongs to another cgroup")
	}
	p.Measured = fmt.Sprintf("%s in %s.", value.Usec(uint64(after-before)), lasted(h.After.At.Sub(h.Effective.At)))
	p.Holds = value.Known(after == before)
	return p
}
