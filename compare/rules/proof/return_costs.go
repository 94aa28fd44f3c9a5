package proof

import (
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// returnCosts holds if what reclaim took comes back by major faults, with its content unchanged.
func (f Facts) returnCosts() document.Proof {
	p := document.Proof{Claim: ReturnCosts, Text: "After the unpause, reclaimed memory comes back as the program touches it, at a cost."}
	b, ok := f.Return.Get()
	if !ok {
		return notTested(p, f.Return)
	}
	r, ok := f.Reclaim.Get()
	if !ok {
		return notTested(p, f.Reclaim)
	}
	faults := proofFigure("major_faults", "faults", faultsSource(f.Version), b.Warm.MajorFaults, b.Cold.MajorFaults)
	current := proofFigure("memory", "bytes", f.Sources["current"], b.Frozen.Memory.Current, b.After.Memory.Current)
	p.Figures = []document.ProofFigure{faults, current,
		f.touchFigure("touch_held", b, func(t *Touch) int64 { return t.Held.Microseconds() }),
		f.touchFigure("touch_file", b, func(t *Touch) int64 { return t.File.Microseconds() })}
	if !f.Embedded {
		return f.untouchedReturn(p, b, r)
	}
	tolerance := int64(memory.Tolerance(&r.Before, f.Batch))
	p.HoldsIf = fmt.Sprintf("its memory grows by more than %s as it is touched, with more major faults or in more time than before the "+
		"pause, and its content is unchanged",
		value.Bytes(tolerance))
	if m, ok := missing(faults.Before, faults.After, current.Before, current.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	w, c := b.Warm.Touch, b.Cold.Touch
	intact := w.Intact && c.Intact
	content := "Its content was unchanged."
	if !intact {
		content = "Its content had changed."
	}
	p.Measured = fmt.Sprintf("Touching it took %s (before the pause, %d), and its memory grew from %s to %s: %s for memory without a file "+
		"(before, %s), %s for the file (before, %s). %s",
		faultsText(faults.After), get(faults.Before), value.Bytes(get(current.Before)), value.Bytes(get(current.After)),
		lasted(c.Held), lasted(w.Held), lasted(c.File), lasted(w.File), content)
	if r.taken(f) <= tolerance && intact {
		return undecided(p, "reclaim took too little to tell")
	}
	// Only what was taken costs more: the time of the rest is chance.
	dearer := get(faults.After) > get(faults.Before) || r.takenOf(f, memory.File) > 0 && c.File > w.File ||
		r.takenOf(f, memory.Anon, memory.Shmem) > 0 && c.Held > w.Held
	returned := intact && get(current.After)-get(current.Before) > tolerance
	if returned && !dearer {
		return undecided(p, "it came back, and other work on this host hid what that cost")
	}
	p.Holds = value.Known(returned)
	return p
}

// touchFigure returns a duration of the two touches, which only the embedded workload reports.
func (f Facts) touchFigure(name string, b Return, usec func(*Touch) int64) document.ProofFigure {
	if !f.Embedded {
		absent := value.Absent[int64](value.NotMeasured, "only the embedded workload can be asked to touch its memory")
		return document.ProofFigure{Name: name, Unit: "usec", Before: absent, After: absent}
	}
	return document.ProofFigure{Name: name, Unit: "usec", Source: "the workload's log",
		Before: value.Known(usec(b.Warm.Touch)), After: value.Known(usec(b.Cold.Touch))}
}

// untouchedReturn judges a program that cannot be asked to touch its memory.
func (f Facts) untouchedReturn(p document.Proof, b Return, r Reclaim) document.Proof {
	faults := p.Figures[0]
	p.HoldsIf = "there are more major faults than in the same time before the pause"
	if m, ok := missing(faults.Before, faults.After); ok {
		p.Holds = value.As[bool](m)
		return p
	}
	p.Measured = fmt.Sprintf("%s in %s; before the pause, %d.", faultsText(faults.After), lasted(b.Cold.Lasted), get(faults.Before))
	switch {
	case r.taken(f) <= int64(memory.Tolerance(&r.Before, f.Batch)):
		return undecided(p, "reclaim took too little to tell")
	case get(faults.After) <= get(faults.Before):
		return undecided(p, "the program touched none of it in that time")
	}
	p.Holds = value.Known(true)
	return p
}

func faultsText(faults value.Maybe[int64]) string {
	return value.Count(int(get(faults)), "major fault", "major faults")
}

// taken returns how many bytes of the program's pages the reclaim took, as far as that is known.
func (r Reclaim) taken(f Facts) int64 { return r.takenOf(f, memory.File, memory.Anon, memory.Shmem) }

// takenOf is the same for the pages of some groups.
func (r Reclaim) takenOf(f Facts, groups ...string) (sum int64) {
	for _, group := range groups {
		c := f.change(group, &r.Before, &r.After)
		if _, ok := missing(c.Before, c.After); !ok {
			sum += get(c.Before) - get(c.After)
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
