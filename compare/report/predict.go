package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// predictPage shows what stop, kill and pause would do to each container: the answers first, and then what they rest on. Of several
// containers the overview is the answer.
func predictPage(d *document.Predict) *page {
	p := &page{title: "haltscope predict"}
	one := len(d.Containers)+len(d.Unpredicted) == 1
	if !one {
		p.predictOverview(d)
		p.role = detailPart
	}
	for i := range d.Containers {
		c := &d.Containers[i]
		more := p.predictedAnswer(c)
		if one {
			p.evidenceHint(2, more...)
		}
		p.role = detailPart
		p.predictedEvidence(c)
	}
	return p
}

// predictedEvidence adds what the predictions rest on.
func (p *page) predictedEvidence(c *document.Predicted) {
	p.heading(2, span{text: predictedTitle(c)})
	p.gridOf(2, predictedGrid(c))
	for _, o := range predictedOutcomes(c) {
		p.list("Why (docker "+o.action+")", outcomeReasons(o.outcome))
	}
	p.list("Other consequences", allSourced(c.Consequences))
	p.section("Replaced in the twins", replacedLines(c.Replaced))
	p.section("Not copied to the twins", c.Skipped)
}

// predictedAnswer adds what would happen, why, what to fix, and what else would be lost. It returns what a brief table leaves out.
func (p *page) predictedAnswer(c *document.Predicted) (more []string) {
	name := c.Name
	if c.Twins {
		name = "twins of " + name
	}
	p.heading(1, append([]span{{text: name + "  docker stop: "}}, predictedSpans(&c.Stop)...)...)
	p.observed(&c.Stop)
	if cause := outcomeCause(&c.Stop); cause != "" {
		p.add(block{in: 2, text: []span{{text: cause}}, most: 2})
	}
	for _, text := range c.Warnings {
		p.answer("note:", warned(text)...)
	}
	more = p.fixes(c.Fix)
	if n := len(c.Consequences); n > 0 {
		more = append(more, value.Count(n, "consequence", "consequences"))
	}
	p.risks(c)
	for _, o := range predictedOutcomes(c)[1:] {
		p.answer(o.action+":", predictedSpans(o.outcome)...)
		p.observed(o.outcome)
	}
	return more
}

// risks adds what a stop takes with it, or may, in one line.
func (p *page) risks(c *document.Predicted) {
	label := "risk:"
	if lossOf(c.Stop.Outcome) != "" {
		label = "lost:"
	}
	var all []string
	for i := range c.AtRisk {
		all = append(all, riskText(&c.AtRisk[i]))
	}
	if len(all) > 0 {
		p.add(block{in: 2, label: []span{{text: fmt.Sprintf("%-8s", label)}}, text: []span{{text: strings.Join(all, " · ")}}, most: 2})
	}
}

// observed adds what happened to a twin, if something was tried, and whether that was predicted.
func (p *page) observed(o *document.Outcome) {
	if o.Observed == nil {
		return
	}
	p.answer("twin:", span{text: observedCell(o.Observed) + "; as predicted: "}, matchSpan(o))
}

// predictedTitle says what a stop begins with, and how long it waits.
func predictedTitle(c *document.Predicted) string {
	grace := "forever"
	if ms, ok := c.Grace.Ms.Get(); ok {
		grace = value.Duration(ms)
	}
	return fmt.Sprintf("Stop signal %s (%s) · grace %s (%s)", c.Signal.Name, c.Signal.From, grace, c.Grace.From)
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
		add("match", func(o *document.Outcome) any { return matchSpan(o) })
	}
	return g
}

// outcomeReasons returns what a prediction rests on, and what it depends on.
func outcomeReasons(o *document.Outcome) [][]span {
	all := allSourced(o.Because)
	if o.DecidedBy != "" {
		all = append(all, []span{{text: "Depends on: " + o.DecidedBy}})
	}
	return all
}

// allSourced returns facts with their sources.
func allSourced(facts []document.Because) (all [][]span) {
	for _, f := range facts {
		all = append(all, sourced(f.Value, f.Source))
	}
	return all
}

// outcomeCause returns the fact that decides a prediction, which is the last one, or what it depends on.
func outcomeCause(o *document.Outcome) string {
	switch {
	case o.DecidedBy != "":
		return "depends on " + o.DecidedBy
	case len(o.Because) > 0:
		return o.Because[len(o.Because)-1].Value
	}
	return ""
}

// predictedSpans returns a predicted outcome, with the time and the exit code.
func predictedSpans(o *document.Outcome) []span {
	more := ""
	if ms, ok := o.AfterMs.Get(); ok {
		more = " " + afterWords(o, ms)
		if ms > 0 && len(o.Candidates) > 0 {
			more = "," + more
		}
	}
	if len(o.ExitCodes) > 0 && len(o.Candidates) == 0 {
		more += ", exit code " + exitCodesCell(o)
	}
	return []span{{outcomeCell(o), toneOf(o.Outcome)}, {text: more + lossOf(o.Outcome)}}
}

// afterWords says after how many milliseconds a predicted outcome comes.
func afterWords(o *document.Outcome, ms float64) string {
	switch {
	case ms == 0:
		return "immediately"
	case len(o.Candidates) > 0:
		return "after at most " + value.Duration(ms)
	}
	return "after " + value.Duration(ms)
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

// matchSpan says whether what was observed is what was predicted. That one of all possible ends was observed is no proof of it.
func matchSpan(o *document.Outcome) span {
	switch match := o.Match; {
	case match == nil && o.Observed != nil && slices.Contains(o.Candidates, o.Observed.Outcome):
		return span{text: "one of those possible"}
	case match == nil:
		return span{text: "–"}
	case *match:
		return span{"yes", good}
	}
	return span{"no", bad}
}
