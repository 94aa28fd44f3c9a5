package report

import (
	"slices"

	"haltscope/compare/document"
)

const proofsTitle = "Proved on the twins"

// proofMark returns ✓ if the claim holds, ✗ if it does not, and – if that is not known.
func proofMark(p *document.Proof) span {
	switch holds, ok := p.Holds.Get(); {
	case !ok:
		return span{"–", warn}
	case holds:
		return span{"✓", good}
	}
	return span{"✗", bad}
}

// proofResult returns what was measured, and what it means if the claim does not hold or is not decided.
func proofResult(p *document.Proof) document.Sentence {
	text := p.Measured
	switch holds, ok := p.Holds.Get(); {
	case !ok && text == "":
		text = "Not tested: " + p.Holds.Detail() + "."
	case !ok:
		text += " This is inconclusive: " + p.Holds.Detail() + "."
	case !holds:
		text += " The claim would hold if " + p.HoldsIf + "."
	}
	var sources []string
	for _, f := range p.Figures {
		_, before := f.Before.Get()
		_, after := f.After.Get()
		if (before || after) && !slices.Contains(sources, f.Source) {
			sources = append(sources, f.Source)
		}
	}
	return document.Sentence{Text: text, Sources: sources}
}
