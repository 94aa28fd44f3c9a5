package proof

import (
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// notTested completes a proof whose step was not done.
func notTested[T any](p document.Proof, step value.Maybe[T]) document.Proof {
	p.Holds, p.Figures = value.As[bool](step), []document.ProofFigure{}
	return p
}

// undecided completes a proof whose figures decide nothing.
func undecided(p document.Proof, why string) document.Proof {
	p.Holds = value.Absent[bool](value.NotMeasured, why)
	return p
}

// proofFigure makes a figure of a proof from two kernel figures.
func proofFigure(name, unit, source string, before, after figure.Figure) document.ProofFigure {
	return document.ProofFigure{Name: name, Unit: unit, Source: source, Before: figures.Signed(before), After: figures.Signed(after)}
}

// change returns how a group of rows of the memory breakdown changed, in bytes.
func (f Facts) change(group string, before, after *cgroupfs.Reading) document.ProofFigure {
	rows := memory.Split(before, f.Version)
	return document.ProofFigure{Name: group, Unit: "bytes", Source: memory.Source(rows, group),
		Before: memory.SumGroup(rows, group), After: memory.SumGroup(memory.Split(after, f.Version), group)}
}

// missing returns the first value that is absent, and whether there is one.
func missing(all ...value.Maybe[int64]) (value.Maybe[int64], bool) {
	for _, m := range all {
		if _, ok := m.Get(); !ok {
			return m, true
		}
	}
	return value.Maybe[int64]{}, false
}

// get returns a value that missing has found to be there.
func get(m value.Maybe[int64]) int64 {
	v, ok := m.Get()
	if !ok {
		panic("proof: a figure is used that was not checked")
	}
	return v
}

// near reports whether two values differ by no more than a tolerance.
func near(a, b, tolerance int64) bool { return max(a-b, b-a) <= tolerance }

func lasted(d time.Duration) string { return value.Duration(value.Milliseconds(d)) }

func swapSource(version int) string {
	if version == 2 {
		return "memory.swap.current"
	}
	return "memory.stat: total_swap"
}
