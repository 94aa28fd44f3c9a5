package report

import "slices"

// Proof is a claim of the explanation that was put to the test on a twin.
type Proof struct {
	Claim    string        `json:"claim"` // its name, for scripts
	Text     string        `json:"text"`  // what was claimed
	Holds    Maybe[bool]   `json:"holds"` // null where it could not be tested
	HoldsIf  string        `json:"holds_if"`
	Measured string        `json:"measured"` // what was measured, in words
	Figures  []ProofFigure `json:"figures"`
}

// ProofFigure is a figure that a proof rests on, before something was done and after.
type ProofFigure struct {
	Name   string       `json:"name"`
	Before Maybe[int64] `json:"before"`
	After  Maybe[int64] `json:"after"`
	Unit   string       `json:"unit"` // bytes, usec, faults, flag (0 or 1), cgroups
	Source string       `json:"source"`
}

// mark is ✓ where the claim held, ✗ where it did not, and – where that is not known.
func (p *Proof) mark() span {
	switch holds, ok := p.Holds.Get(); {
	case !ok:
		return span{"–", warn}
	case holds:
		return span{"✓", good}
	}
	return span{"✗", bad}
}

// said is what was measured, and what that comes to.
func (p *Proof) said() Sentence {
	said := p.Measured
	if holds, ok := p.Holds.Get(); !ok {
		_, detail, _ := p.Holds.missing()
		said = "Not tested: " + detail + "."
		if p.Measured != "" {
			said = p.Measured + " It does not decide: " + detail + "."
		}
	} else if !holds {
		said += " It would hold if " + p.HoldsIf + "."
	}
	var sources []string
	for _, f := range p.Figures {
		_, was := f.Before.Get()
		_, is := f.After.Get()
		if (was || is) && !slices.Contains(sources, f.Source) {
			sources = append(sources, f.Source)
		}
	}
	return Sentence{Text: said, Sources: sources}
}

// As is why a value is not there, said of another value that would have been made of it.
func As[T, U any](m Maybe[U]) Maybe[T] {
	reason, detail, _ := m.missing()
	return Absent[T](reason, detail)
}
