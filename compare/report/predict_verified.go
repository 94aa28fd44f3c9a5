package report

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// verified reports whether the predictions were tried on twins.
func verified(d *document.Predict) bool {
	return slices.ContainsFunc(d.Containers, func(c document.Predicted) bool { return c.Match != nil })
}

// verifiedOverview adds a line for each container whose prediction was tried on twins, the worst stop first, a sum, and how to fix what was
// seen.
func (p *page) verifiedOverview(d *document.Predict) {
	g := &grid{header: []string{"NAME", "STOP PREDICTED", "OBSERVED", "DIFFERS"}, wide: []int{1, 2}, whole: []int{0, 3}}
	var seen []value.Kind
	differ := 0
	for _, c := range worstFirst(d.Containers) {
		stop := span{observedCell(c.Stop.Observed), plainTone}
		if o := c.Stop.Observed; o != nil {
			stop.tone = toneOf(o.Outcome)
			seen = append(seen, o.Outcome)
		}
		differs := span{"–", plainTone}
		if all := differing(c); len(all) > 0 {
			differs = span{strings.Join(all, ", "), bad}
			differ++
		}
		g.row(c.Name, outcomeCell(&c.Stop), stop, differs)
	}
	p.gridOf(0, g)
	p.line(0, "")
	sum := value.Count(len(d.Containers), "container", "containers") + " tried: " + strings.Join(outcomeCounts(seen), ", ")
	if differ > 0 {
		sum += fmt.Sprintf("; %d not as predicted", differ)
	}
	p.line(0, sum)
	p.role = briefPart // the evidence has them as well
	for _, c := range worstFirst(d.Containers) {
		p.section("How to fix "+c.Name, c.Fix)
		p.section("Warning about "+c.Name, c.Warnings)
	}
	p.evidenceHint(0, "the reasons")
}

// differing returns the actions of which something was observed that was not predicted.
func differing(c *document.Predicted) (actions []string) {
	for _, o := range predictedOutcomes(c) {
		if match := o.outcome.Match; match != nil && !*match {
			actions = append(actions, o.action)
		}
	}
	return actions
}
