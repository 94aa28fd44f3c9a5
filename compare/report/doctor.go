package report

import (
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// stateMarks are the marks of the states of a condition.
var stateMarks = map[string]span{
	document.OK: {"✓", good}, document.Limits: {"⚠", warn}, document.Unfit: {"✗", bad}, document.Unknown: {"?", warn},
}

// doctorPage shows each condition: what was found, what it means, and how to fix it.
func doctorPage(d *document.Doctor) *page {
	p := &page{title: "haltscope doctor"}
	p.line(0, fitness(d))
	width := 0
	for _, c := range d.Conditions {
		width = max(width, len(c.Name))
	}
	for _, c := range d.Conditions {
		label := fmt.Sprintf(" %-*s  ", width, c.Name)
		p.labeled(1, c.Found, stateMarks[c.State], span{text: label})
		in := 2 + len(label) // after the mark
		if c.Means != "" {
			p.line(in, c.Means)
		}
		for _, fix := range c.Fix {
			p.add(block{in: in, label: []span{{text: "→ "}}, text: []span{{fix, command}}})
		}
	}
	return p
}

// fitness says in one line whether haltscope can run here.
func fitness(d *document.Doctor) string {
	count := map[string]int{}
	for _, c := range d.Conditions {
		count[c.State]++
	}
	switch limits := count[document.Limits] + count[document.Unknown]; {
	case !d.Fit:
		return fmt.Sprintf("This host cannot run haltscope: %s.",
			value.Count(count[document.Unfit], "condition is not met", "conditions are not met"))
	case limits > 0:
		return fmt.Sprintf("This host can run haltscope, with limits: %d of %d conditions.", limits, len(d.Conditions))
	}
	return "This host can run haltscope."
}
