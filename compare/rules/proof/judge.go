package proof

import (
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// The claims' names.
const (
	MemoryKept     = "memory-kept"
	NoCPUTime      = "no-cpu-time"
	CacheReclaimed = "cache-reclaimed"
	AnonKept       = "anon-kept"
	ReturnCosts    = "return-costs"
	StopFrees      = "stop-frees"
)

// Judge makes a proof of each claim, in the order of the explanation.
func Judge(f Facts) []document.Proof {
	return []document.Proof{f.memoryKept(), f.noCPUTime(), f.cacheReclaimed(), f.anonKept(), f.returnCosts(), f.stopFrees()}
}

// notTested is a proof whose step was not come to.
func notTested[T any](p document.Proof, step value.Maybe[T]) document.Proof {
	p.Holds, p.Figures = value.As[bool](step), []document.ProofFigure{}
	return p
}

// undecided is a proof whose figures do not tell.
func undecided(p document.Proof, why string) document.Proof {
	p.Holds = value.Absent[bool](value.NotMeasured, why)
	return p
}

// proofFigure makes a figure of a proof from two kernel figures.
func proofFigure(name, unit, source string, before, after figure.Figure) document.ProofFigure {
	return document.ProofFigure{Name: name, Unit: unit, Source: source, Before: figures.Signed(before), After: figures.Signed(after)}
}

// missing finds the first value that is not there.
func missing(all ...value.Maybe[int64]) (value.Maybe[int64], bool) {
	for _, m := range all {
		if _, ok := m.Get(); !ok {
			return m, true
		}
	}
	return value.Maybe[int64]{}, false
}

// of is a value that is known to be there.
func of(m value.Maybe[int64]) int64 {
	v, _ := m.Get()
	return v
}

// near reports whether two values differ by no more than a tolerance.
func near(a, b, tolerance int64) bool { return max(a-b, b-a) <= tolerance }

func flag(v bool) value.Maybe[int64] {
	if v {
		return value.Known[int64](1)
	}
	return value.Known[int64](0)
}
