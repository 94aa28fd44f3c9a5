package report

import (
	"fmt"
	"io"
	"strings"
)

// Table lays the comparison out for a terminal.
func (c *Compare) Table(w io.Writer, o TableOptions) error { return c.Page().write(w, o) }

// Page is the comparison: actions as columns, questions as rows; why the memory stays, and what was proved.
func (c *Compare) Page() *Page {
	p := &Page{Title: "haltscope compare"}
	p.line(0, c.Host.line()+" · "+c.what())
	if text := c.repeated(); text != "" {
		p.line(0, text)
	}
	p.table(0, c.grid(true))
	p.section(apartTitle, c.apart())
	if len(c.Skipped) > 0 {
		p.section("The twins have not got of "+c.Like, []string{strings.Join(c.Skipped, "; ")})
	}
	if g := c.probeGrid(); g != nil {
		p.heading(2, meanwhileTitle)
		p.table(0, g)
	}
	if len(c.Explanation) > 0 {
		p.heading(2, c.whyTitle())
		p.sentences(2, c.Explanation)
	}
	if len(c.Proofs) > 0 {
		p.heading(2, "Proved on the twins")
		for i := range c.Proofs {
			p.spans(2, 4, c.Proofs[i].mark(), span{text: " " + c.Proofs[i].Text})
			p.line(4, c.Proofs[i].said().line())
		}
	}
	return p
}

// grid is the table, with sparklines or without. Where there is no terminal, lines may be long, not endless.
func (c *Compare) grid(courses bool) *grid {
	const question, each = len("CPU time before"), 48
	g := &grid{header: []string{""}, limit: question + gap + len(c.Arms)*(gap+each)}
	for i, arm := range c.Arms {
		g.header = append(g.header, arm.title(c.Host))
		g.wide = append(g.wide, i+1)
	}
	for _, r := range c.rows() {
		if r.course && !courses {
			continue
		}
		cells := []any{r.question}
		for i, cell := range r.cells {
			tone := plainTone
			if r.question == "verdict" {
				tone = toneOf(c.Arms[i].lead()[0].Verdict.Kind)
			}
			cells = append(cells, span{cell, tone})
		}
		g.row(cells...)
	}
	return g
}

// title is the action as a command.
func (a *Arm) title(h Host) string { return h.tool() + " " + a.words() }

func (c *Compare) whyTitle() string {
	for _, arm := range c.Arms {
		for _, run := range arm.Runs {
			if v, ok := run.Memory.AfterBytes.Get(); ok && run.Verdict.Kind == "paused" {
				return "Why the paused container keeps its " + Bytes(v)
			}
		}
	}
	return "Why the paused container keeps its memory"
}

func (s Sentence) line() string {
	if len(s.Sources) == 0 {
		return s.Text
	}
	return s.Text + "  [" + strings.Join(s.Sources, "; ") + "]"
}

// line names the host in one line.
func (h Host) line() string {
	return fmt.Sprintf("%s %s · %s, %s driver · kernel %s", h.says(), h.EngineVersion, h.cgroups(), h.CgroupDriver, h.Kernel)
}

// tool is the command of the engine that the report is about.
func (h Host) tool() string {
	if h.Engine == "" { // of a report from before there was another
		return "docker"
	}
	return h.Engine
}

// says is the engine's name at the head of a line.
func (h Host) says() string { return strings.ToUpper(h.tool()[:1]) + h.tool()[1:] }

// Of puts the name of an engine's command into the source of an observation: "docker events" is podman's there.
func (h Host) Of(source string) string {
	if rest, ok := strings.CutPrefix(source, "docker "); ok {
		return h.tool() + " " + rest
	}
	return source
}

func (h Host) cgroups() string {
	if h.CgroupHybrid {
		return fmt.Sprintf("cgroup v%d (hybrid)", h.CgroupVersion)
	}
	return fmt.Sprintf("cgroup v%d", h.CgroupVersion)
}

func (c *Compare) what() string {
	what := "image " + c.Image
	switch {
	case c.Embedded:
		what = "embedded workload"
	case c.Like != "":
		what = "twins of " + c.Like + ", image " + c.Image
	}
	if len(c.Command) > 0 {
		what += ": " + c.Command.shown()
	}
	return what
}
