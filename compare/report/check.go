package report

import (
	"cmp"
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// checkPage shows whether the check passed, how the stop ended, why an expectation was not met and how to fix it, and then each
// expectation with its result.
func checkPage(c *document.Check) *page {
	p := &page{title: "haltscope check"}
	p.heading(1, append([]span{{text: checkedName(c) + "  check "}}, checkResult(c)...)...)
	p.line(2, checkedStop(c))
	if c.Why != "" {
		p.add(block{in: 2, text: advice(c.Why)})
	}
	for _, fix := range c.Fix {
		p.answer("fix:", advice(fix)...)
	}
	for _, warning := range c.Warnings {
		p.answer("note:", warned(warning)...)
	}
	g := &grid{header: []string{"expectation", "want", "got", ""}, wide: []int{1, 2}}
	for i := range c.Expectations {
		e := &c.Expectations[i]
		result := resultOf(e)
		g.row(e.Name, e.Want, e.Got, span{string(result), resultTones[result]})
	}
	p.gridOf(0, g)
	p.section("Why unknown", unknownReasons(c))
	p.section("Replaced in the twin", replacedLines(c.Replaced))
	p.section("Not copied to the twin", c.Skipped)
	return p
}

// checkResult says whether the check passed, and on how many expectations that rests.
func checkResult(c *document.Check) []span {
	count := map[expectationResult]int{}
	for i := range c.Expectations {
		count[resultOf(&c.Expectations[i])]++
	}
	of := fmt.Sprintf(" of %s ", value.Count(len(c.Expectations), "expectation", "expectations"))
	switch {
	case count[notMet] > 0:
		return []span{{"failed", bad}, {text: fmt.Sprint(": ", count[notMet], of, "not met")}}
	case count[unknown] > 0:
		return []span{{"undecided", warn}, {text: fmt.Sprint(": ", count[unknown], of, "could not be judged")}}
	}
	return []span{{"passed", good}, {text: ": " + value.Count(len(c.Expectations), "expectation", "expectations") + " met"}}
}

// checkedStop says how the stop ended.
func checkedStop(c *document.Check) string {
	text := fmt.Sprintf("%s stop: %s", c.Host.Tool(), kindOf(&c.Run.Verdict))
	if ms, ok := c.Run.Timing.EffectMs.Get(); ok {
		text += " after " + value.Duration(ms)
	}
	if code, ok := c.Run.State.ExitCode.Get(); ok && c.Run.Verdict.Kind != value.RunsOn { // that code is Docker's own
		text += fmt.Sprintf(", exit code %d", code)
	}
	return text + lossOf(c.Run.Verdict.Kind)
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
