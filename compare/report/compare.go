package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// comparePage shows the comparison: what each action did; actions as columns, questions as rows; then the explanation and its proofs.
func comparePage(c *document.Compare) *page {
	p := &page{title: "haltscope compare"}
	for i := range c.Arms {
		p.line(0, armConclusion(&c.Arms[i], c.Host)+".")
	}
	if text := repeatsText(c); text != "" {
		p.line(0, text)
	}
	p.gridOf(0, compareGrid(c, true))
	p.exceptions(c)
	if g := probeGrid(c); g != nil {
		p.heading(2, span{text: probesTitle})
		p.gridOf(0, g)
	}
	if len(c.Explanation) > 0 {
		p.heading(2, span{text: explanationTitle(c)})
		p.sentences(2, c.Explanation)
	}
	if len(c.Proofs) > 0 {
		p.heading(2, span{text: proofsTitle})
		for i := range c.Proofs {
			proof := &c.Proofs[i]
			p.labeled(2, proof.Text, proofMark(proof), span{text: " "})
			p.sentences(4, []document.Sentence{proofResult(proof)})
		}
	}
	p.section("Compared", []string{comparedWhat(c), hostLine(c.Host)})
	return p
}

// exceptions adds what the grid leaves out: unusual runs, and what the twins lack.
func (p *page) exceptions(c *document.Compare) {
	p.section(unusualTitle, unusualRuns(c))
	p.section("Replaced in the twins", replacedLines(c.Replaced))
	p.section("Not copied to the twins", c.Skipped)
}

// maxCell is the width of a cell where there is no terminal.
const maxCell = 48

// compareGrid returns the answers, with or without sparklines.
func compareGrid(c *document.Compare, sparklines bool) *grid {
	const question = len("CPU time before")
	g := &grid{header: []string{""}, limit: question + gap + len(c.Arms)*(gap+maxCell)}
	for i := range c.Arms {
		g.header = append(g.header, armTitle(&c.Arms[i], c.Host))
		g.wide = append(g.wide, i+1)
	}
	for _, r := range compareRows(c) {
		if r.sparkline && !sparklines {
			continue
		}
		cells := []any{r.question}
		for i, cell := range r.cells {
			tone := plainTone
			if r.question == "verdict" {
				tone = toneOf(mostCommon(&c.Arms[i])[0].Verdict.Kind)
			}
			cells = append(cells, span{cell, tone})
		}
		g.row(cells...)
	}
	return g
}

// armTitle returns the action as a command: "docker stop 1s".
func armTitle(a *document.Arm, h document.Host) string { return h.Tool() + " " + armName(a) }

// armName returns the action with its argument: "stop 1s".
func armName(a *document.Arm) string { return strings.Replace(a.Action, ":", " ", 1) }

// comparedWhat says what ran in the twins.
func comparedWhat(c *document.Compare) string {
	what := "image " + c.Image
	switch {
	case c.Embedded:
		what = "embedded workload"
	case c.Like != "":
		what = "twins of " + c.Like + ", image " + c.Image
	}
	if len(c.Command) > 0 {
		what += ": " + c.Command.Short()
	}
	return what
}

func explanationTitle(c *document.Compare) string {
	for _, arm := range c.Arms {
		for _, run := range arm.Runs {
			if v, ok := run.Memory.AfterBytes.Get(); ok && run.Verdict.Kind == value.Paused {
				return "Why the paused container keeps its " + value.Bytes(v)
			}
		}
	}
	return "Why the paused container keeps its memory"
}

// repeatsText says how many runs there are, or "" for one.
func repeatsText(c *document.Compare) string {
	if c.Repeats.Requested <= 1 {
		return ""
	}
	text := fmt.Sprintf("%d runs of each action", c.Repeats.Completed)
	if c.Repeats.Completed < c.Repeats.Requested {
		text += fmt.Sprintf(" (of %d requested)", c.Repeats.Requested)
	}
	if c.Repeats.Interrupted {
		text += ", interrupted"
	}
	return text + ": median (range) of the runs with the most common verdict"
}
