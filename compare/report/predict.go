package report

import (
	"fmt"
	"strconv"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Page is the predictions, one container below the other.
func predictPage(p *document.Predict) *Page {
	page := &Page{Title: "haltscope predict"}
	for i := range p.Containers {
		predictedPage(&p.Containers[i], page)
	}
	return page
}

func predictedPage(c *document.Predicted, p *Page) {
	grace := "for ever"
	if ms, ok := c.Grace.Ms.Get(); ok {
		grace = value.Duration(ms)
	}
	p.heading(1, fmt.Sprintf("%s · stop signal %s (%s) · grace %s (%s)", predictedTitle(c), c.Signal.Name, c.Signal.From, grace, c.Grace.From))
	g := &grid{header: []string{"", "docker stop", "docker kill", "docker pause"}, wide: []int{1, 2, 3}, limit: 144}
	all := []*document.Outcome{&c.Stop, &c.Kill, &c.Pause}
	add := func(question string, cell func(*document.Outcome) any) {
		row := []any{question}
		for _, f := range all {
			row = append(row, cell(f))
		}
		g.row(row...)
	}
	add("outcome", func(f *document.Outcome) any { return span{outcomeCell(f), toneOf(f.Outcome)} })
	add("exit code", func(f *document.Outcome) any { return outcomeCodes(f) })
	add("after", func(f *document.Outcome) any { return outcomeAfter(f) })
	if c.Match != nil {
		add("observed", func(f *document.Outcome) any { return outcomeObserved(f) })
		add("agree", func(f *document.Outcome) any {
			switch {
			case f.Match == nil:
				return "–"
			case *f.Match:
				return span{"yes", good}
			}
			return span{"no", bad}
		})
	}
	p.table(0, g)
	for i, name := range []string{"stop", "kill", "pause"} {
		p.section("Why, docker "+name, reasons(all[i]))
	}
	var more []string
	for _, r := range c.Consequences {
		more = append(more, fmt.Sprintf("%s  [%s]", r.Value, r.Source))
	}
	p.section("What else is lost, and what comes back", more)
	p.section("What to change", c.Fix)
	p.section("What the twins do not have", c.Skipped)
}

func predictedTitle(c *document.Predicted) string {
	if c.Twins {
		return "twins of " + c.Name
	}
	return c.Name
}

func reasons(f *document.Outcome) (all []string) {
	for _, r := range f.Because {
		all = append(all, fmt.Sprintf("%s  [%s]", r.Value, r.Source))
	}
	if f.DecidedBy != "" {
		all = append(all, "What would decide: "+f.DecidedBy)
	}
	return all
}

func outcomeCell(f *document.Outcome) string {
	if len(f.Candidates) == 0 {
		return f.Outcome
	}
	return strings.Join(f.Candidates, " or ")
}

func outcomeCodes(f *document.Outcome) string {
	var all []string
	if f.OwnExitCode {
		all = append(all, "its own")
	}
	for _, c := range f.ExitCodes {
		all = append(all, strconv.Itoa(c))
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, " or ")
}

func outcomeAfter(f *document.Outcome) string {
	ms, ok := f.AfterMs.Get()
	switch {
	case !ok:
		return "up to the program"
	case ms == 0:
		return "at once"
	case len(f.Candidates) > 0:
		return "at most " + value.Duration(ms)
	}
	return value.Duration(ms)
}

func outcomeObserved(f *document.Outcome) string {
	if f.Observed == nil {
		return "–"
	}
	cell := f.Observed.Outcome
	if code, ok := f.Observed.ExitCode.Get(); ok {
		cell += fmt.Sprintf(", exit code %d", code)
	}
	if ms, ok := f.Observed.EffectMs.Get(); ok {
		cell += ", after " + value.Duration(ms)
	}
	return cell
}
