package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// answer adds a line of the answer, with its label.
func (p *page) answer(label string, text ...span) {
	p.add(block{in: 2, label: []span{{text: fmt.Sprintf("%-8s", label)}}, text: text})
}

// fixes adds what to fix. A brief table has the first one; fixes returns what it says of the others.
func (p *page) fixes(all []string) (more []string) {
	shown := p.role
	for i, fix := range all {
		if i > 0 {
			p.role = detailPart
		}
		p.answer("fix:", advice(fix)...)
	}
	p.role = shown
	if n := len(all) - 1; n > 0 {
		return []string{value.Count(n, "more fix", "more fixes")}
	}
	return nil
}

// also adds what else is lost or comes back, a line for each of the first ones. It returns what a brief table says of the others.
func (p *page) also(all []document.Because, first int) (more []string) {
	for _, c := range all[:min(len(all), first)] {
		p.add(block{in: 2, label: []span{{text: fmt.Sprintf("%-8s", "also:")}}, text: []span{{text: c.Value}}, most: 1})
	}
	if n := len(all) - first; n > 0 {
		return []string{value.Count(n, "more consequence", "more consequences")}
	}
	return nil
}

// evidenceHint says what a brief table leaves out, and how to see that.
func (p *page) evidenceHint(in int, more ...string) {
	shown := p.role
	p.role = briefPart
	if len(more) > 0 {
		more = []string{strings.Join(more, ", ") + " and "}
	}
	p.line(in, "-v shows "+strings.Join(more, "")+"the evidence")
	p.role = shown
}

// warned returns a warning, with the commands in it.
func warned(text string) []span {
	spans := advice(text)
	for i := range spans {
		if spans[i].tone != command {
			spans[i].tone = warn
		}
	}
	return spans
}
