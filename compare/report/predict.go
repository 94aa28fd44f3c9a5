package report

import (
	"fmt"
	"strconv"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// predictPage shows what stop, kill and pause would do to each container.
func predictPage(d *document.Predict) *page {
	p := &page{title: "haltscope predict"}
	if len(d.Containers) != 1 {
		p = predictOverview(d)
	}
	for i := range d.Containers {
		c := &d.Containers[i]
		p.heading(1, span{text: predictedTitle(c)})
		p.gridOf(0, predictedGrid(c))
		for _, o := range predictedOutcomes(c) {
			p.section("Why (docker "+o.action+")", outcomeReasons(o.outcome))
		}
		p.section("Other consequences", sourced(c.Consequences))
		p.section("How to fix", c.Fix)
		p.section("Warning", c.Warnings)
		p.section("Replaced in the twins", replacedLines(c.Replaced))
		p.section("Not copied to the twins", c.Skipped)
	}
	return p
}

func predictedTitle(c *document.Predicted) string {
	name, grace := c.Name, "forever"
	if c.Twins {
		name = "twins of " + name
	}
	if ms, ok := c.Grace.Ms.Get(); ok {
		grace = value.Duration(ms)
	}
	return fmt.Sprintf("%s · stop signal %s (%s) · grace %s (%s)", name, c.Signal.Name, c.Signal.From, grace, c.Grace.From)
}

type actionOutcome struct {
	action  string
	outcome *document.Outcome
}

func predictedOutcomes(c *document.Predicted) []actionOutcome {
	return []actionOutcome{{"stop", &c.Stop}, {"kill", &c.Kill}, {"pause", &c.Pause}}
}

func predictedGrid(c *document.Predicted) *grid {
	g := &grid{header: []string{""}, wide: []int{1, 2, 3}, limit: 144}
	for _, o := range predictedOutcomes(c) {
		g.header = append(g.header, "docker "+o.action)
	}
	add := func(name string, cell func(*document.Outcome) any) {
		row := []any{name}
		for _, o := range predictedOutcomes(c) {
			row = append(row, cell(o.outcome))
		}
		g.row(row...)
	}
	add("outcome", func(o *document.Outcome) any { return span{outcomeCell(o), toneOf(o.Outcome)} })
	add("exit code", func(o *document.Outcome) any { return exitCodesCell(o) })
	add("after", func(o *document.Outcome) any { return afterCell(o) })
	if c.Match != nil {
		add("observed", func(o *document.Outcome) any { return observedCell(o.Observed) })
		add("match", func(o *document.Outcome) any { return matchCell(o.Match) })
	}
	return g
}

// outcomeReasons returns what a prediction rests on, and what it depends on.
func outcomeReasons(o *document.Outcome) []string {
	all := sourced(o.Because)
	if o.DecidedBy != "" {
		all = append(all, "Depends on: "+o.DecidedBy)
	}
	return all
}

// sourced returns facts with their sources.
func sourced(facts []document.Because) (all []string) {
	for _, f := range facts {
		all = append(all, fmt.Sprintf("%s  [%s]", f.Value, f.Source))
	}
	return all
}

func outcomeCell(o *document.Outcome) string {
	if len(o.Candidates) == 0 {
		return string(o.Outcome)
	}
	all := make([]string, len(o.Candidates))
	for i, kind := range o.Candidates {
		all[i] = string(kind)
	}
	return strings.Join(all, " or ")
}

func exitCodesCell(o *document.Outcome) string {
	var all []string
	if o.OwnExitCode {
		all = append(all, "the program's own")
	}
	for _, code := range o.ExitCodes {
		all = append(all, strconv.Itoa(code))
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, " or ")
}

func afterCell(o *document.Outcome) string {
	ms, ok := o.AfterMs.Get()
	switch {
	case !ok:
		return "decided by the program"
	case ms == 0:
		return "immediately"
	case len(o.Candidates) > 0:
		return "at most " + value.Duration(ms)
	}
	return value.Duration(ms)
}

func observedCell(o *document.Observed) string {
	if o == nil {
		return "–"
	}
	cell := string(o.Outcome)
	if code, ok := o.ExitCode.Get(); ok {
		cell += fmt.Sprintf(", exit code %d", code)
	}
	if ms, ok := o.EffectMs.Get(); ok {
		cell += ", after " + value.Duration(ms)
	}
	return cell
}

func matchCell(match *bool) any {
	switch {
	case match == nil:
		return "–"
	case *match:
		return span{"yes", good}
	}
	return span{"no", bad}
}
