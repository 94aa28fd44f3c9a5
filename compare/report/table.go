package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Page is the comparison: actions as columns, questions as rows; why the memory stays, and what was proved.
func comparePage(c *document.Compare) *Page {
	p := &Page{Title: "haltscope compare"}
	p.line(0, hostLine(c.Host)+" · "+compareWhat(c))
	if text := compareRepeated(c); text != "" {
		p.line(0, text)
	}
	p.table(0, compareGrid(c, true))
	p.section(apartTitle, compareApart(c))
	if len(c.Skipped) > 0 {
		p.section("The twins have not got of "+c.Like, []string{strings.Join(c.Skipped, "; ")})
	}
	if g := compareProbeGrid(c); g != nil {
		p.heading(2, meanwhileTitle)
		p.table(0, g)
	}
	if len(c.Explanation) > 0 {
		p.heading(2, compareWhyTitle(c))
		p.sentences(2, c.Explanation)
	}
	if len(c.Proofs) > 0 {
		p.heading(2, "Proved on the twins")
		for i := range c.Proofs {
			p.spans(2, 4, proofMark(&c.Proofs[i]), span{text: " " + c.Proofs[i].Text})
			p.line(4, sentenceLine(proofSaid(&c.Proofs[i])))
		}
	}
	return p
}

// grid is the table, with sparklines or without. Where there is no terminal, lines may be long, not endless.
func compareGrid(c *document.Compare, courses bool) *grid {
	const question, each = len("CPU time before"), 48
	g := &grid{header: []string{""}, limit: question + gap + len(c.Arms)*(gap+each)}
	for i, arm := range c.Arms {
		g.header = append(g.header, armTitle(&arm, c.Host))
		g.wide = append(g.wide, i+1)
	}
	for _, r := range compareRows(c) {
		if r.course && !courses {
			continue
		}
		cells := []any{r.question}
		for i, cell := range r.cells {
			tone := plainTone
			if r.question == "verdict" {
				tone = toneOf(armLead(&c.Arms[i])[0].Verdict.Kind)
			}
			cells = append(cells, span{cell, tone})
		}
		g.row(cells...)
	}
	return g
}

// title is the action as a command.
func armTitle(a *document.Arm, h document.Host) string { return h.Tool() + " " + armWords(a) }

func compareWhyTitle(c *document.Compare) string {
	for _, arm := range c.Arms {
		for _, run := range arm.Runs {
			if v, ok := run.Memory.AfterBytes.Get(); ok && run.Verdict.Kind == "paused" {
				return "Why the paused container keeps its " + value.Bytes(v)
			}
		}
	}
	return "Why the paused container keeps its memory"
}

func sentenceLine(s document.Sentence) string {
	if len(s.Sources) == 0 {
		return s.Text
	}
	return s.Text + "  [" + strings.Join(s.Sources, "; ") + "]"
}

// line names the host in one line.
func hostLine(h document.Host) string {
	return fmt.Sprintf("%s %s · %s, %s driver · kernel %s", hostSays(h), h.EngineVersion, hostCgroups(h), h.CgroupDriver, h.Kernel)
}

// says is the engine's name at the head of a line.
func hostSays(h document.Host) string { return strings.ToUpper(h.Tool()[:1]) + h.Tool()[1:] }

func hostCgroups(h document.Host) string {
	if h.CgroupHybrid {
		return fmt.Sprintf("cgroup v%d (hybrid)", h.CgroupVersion)
	}
	return fmt.Sprintf("cgroup v%d", h.CgroupVersion)
}

func compareWhat(c *document.Compare) string {
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
