package report

import (
	"cmp"
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// checkPage shows each expectation with its result, and why one was not met.
func checkPage(c *document.Check) *page {
	p := &page{title: "haltscope check"}
	summary := fmt.Sprintf("%s stop, %s: %s", c.Host.Tool(), checkedName(c), kindOf(&c.Run.Verdict))
	if ms, ok := c.Run.Timing.EffectMs.Get(); ok {
		summary += " after " + value.Duration(ms)
	}
	if code, ok := c.Run.State.ExitCode.Get(); ok && c.Run.Verdict.Kind != value.RunsOn { // that code is Docker's own
		summary += fmt.Sprintf(", exit code %d", code)
	}
	p.line(0, summary)
	g := &grid{header: []string{"expectation", "want", "got", ""}, wide: []int{1, 2}}
	for i := range c.Expectations {
		e := &c.Expectations[i]
		result := resultOf(e)
		g.row(e.Name, e.Want, e.Got, span{string(result), resultTones[result]})
	}
	p.gridOf(0, g)
	if c.Why != "" {
		p.section("Why", []string{c.Why})
	}
	p.section("Why unknown", unknownReasons(c))
	p.section("How to fix", c.Fix)
	p.section("Warning", c.Warnings)
	p.section("Replaced in the twin", replacedLines(c.Replaced))
	p.section("Not copied to the twin", c.Skipped)
	return p
}

// expectationResult is the result of an expectation in words.
type expectationResult string

const (
	met     expectationResult = "met"
	notMet  expectationResult = "not met"
	unknown expectationResult = "unknown"
)

var resultTones = map[expectationResult]tone{met: good, notMet: bad, unknown: warn}

func resultOf(e *document.Expectation) expectationResult {
	switch pass, known := e.Pass.Get(); {
	case !known:
		return unknown
	case pass:
		return met
	}
	return notMet
}

// unknownReasons returns why expectations could not be judged, one per line.
func unknownReasons(c *document.Check) []string {
	var all []string
	for i := range c.Expectations {
		if e := &c.Expectations[i]; resultOf(e) == unknown {
			all = append(all, e.Name+": "+whyUnknown(e))
		}
	}
	return all
}

// whyUnknown returns why an expectation could not be judged.
func whyUnknown(e *document.Expectation) string {
	return cmp.Or(e.Pass.Detail(), string(e.Pass.Reason()))
}

// checkedName returns the name of what was checked.
func checkedName(c *document.Check) string {
	if c.Like != "" {
		return "a twin of " + c.Like
	}
	return c.Image
}

// checkReasons returns why an expectation was not met and how to fix it, one per line.
func checkReasons(c *document.Check) string {
	var all []string
	if c.Why != "" {
		all = append(all, c.Why)
	}
	for _, fix := range c.Fix {
		all = append(all, "fix: "+fix)
	}
	return strings.Join(all, "\n")
}
