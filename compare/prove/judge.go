package prove

import (
	"haltscope/cgroupfs"
	"haltscope/compare/report"
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
func Judge(f Facts) []report.Proof {
	return []report.Proof{f.memoryKept(), f.noCPUTime(), f.cacheReclaimed(), f.anonKept(), f.returnCosts(), f.stopFrees()}
}

// notTested is a proof whose step was not come to.
func notTested[T any](p report.Proof, step report.Maybe[T]) report.Proof {
	p.Holds, p.Figures = report.As[bool](step), []report.ProofFigure{}
	return p
}

// undecided is a proof whose figures do not tell.
func undecided(p report.Proof, why string) report.Proof {
	p.Holds = report.Absent[bool](report.NotMeasured, why)
	return p
}

// figure is a proof's figure out of two kernel figures.
func figure(name, unit, source string, before, after cgroupfs.Figure) report.ProofFigure {
	return report.ProofFigure{Name: name, Unit: unit, Source: source, Before: report.Signed(before), After: report.Signed(after)}
}

// missing finds the first value that is not there.
func missing(all ...report.Maybe[int64]) (report.Maybe[int64], bool) {
	for _, m := range all {
		if _, ok := m.Get(); !ok {
			return m, true
		}
	}
	return report.Maybe[int64]{}, false
}

// of is a value that is known to be there.
func of(m report.Maybe[int64]) int64 {
	v, _ := m.Get()
	return v
}

// near reports whether two values differ by no more than a tolerance.
func near(a, b, tolerance int64) bool { return max(a-b, b-a) <= tolerance }

func flag(v bool) report.Maybe[int64] {
	if v {
		return report.Known[int64](1)
	}
	return report.Known[int64](0)
}
