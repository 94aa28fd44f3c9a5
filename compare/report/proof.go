package report

import (
	"slices"

	"haltscope/compare/document"
)

// mark is ✓ where the claim held, ✗ where it did not, and – where that is not known.
func proofMark(p *document.Proof) span {
	switch holds, ok := p.Holds.Get(); {
	case !ok:
		return span{"–", warn}
	case holds:
		return span{"✓", good}
	}
	return span{"✗", bad}
}

// said is what was measured, and what that comes to.
func proofSaid(p *document.Proof) document.Sentence {
	said := p.Measured
	if holds, ok := p.Holds.Get(); !ok {
		_, detail, _ := p.Holds.Missing()
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
	return document.Sentence{Text: said, Sources: sources}
}
