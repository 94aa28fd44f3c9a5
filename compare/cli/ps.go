package cli

import (
	"bytes"
	"fmt"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/ps"
	"haltscope/compare/report"
)

// Ps lists containers.
type Ps struct {
	All     bool `short:"a" help:"Also list containers that are not running."`
	Quiet   bool `short:"q" help:"Print only the ids."`
	NoTrunc bool `help:"Show all columns, however wide the terminal is."`
	filterFlags
	Sort      ps.Order      `help:"Order of the containers: ${enum}. docker puts the newest first; cpu and memory the largest." enum:"docker,name,cpu,memory" default:"docker"`
	Watch     time.Duration `help:"Show the list again and again, at this interval of at least 1s, until Ctrl-C. It needs a terminal." placeholder:"2s"`
	CPUWindow time.Duration `name:"cpu-window" help:"Measure CPU use over this time, at least 1s. By default it is that since the last call of ps or, if there was none, since the container started." placeholder:"2s"`
}

func (*Ps) Help() string {
	return `Examples:
  haltscope ps
  haltscope ps --all --format json
  haltscope ps --sort memory --filter label=tier=db
  haltscope ps --cpu-window 2s`
}

func (c *Ps) Run(p *Program) error {
	o := ps.Options{All: c.All, Filter: c.filter(), Window: c.CPUWindow, Sort: c.Sort}
	if c.CPUWindow != 0 && c.CPUWindow < time.Second {
		return &fault.UsageError{Text: fmt.Sprintf("--cpu-window %s is too short", c.CPUWindow),
			Next: "a CPU quota counts in periods of 100 ms; give at least 1s"}
	}
	switch {
	case c.Quiet && p.Format != "table":
		return &fault.UsageError{Text: "--quiet prints only ids; it has no --format " + p.Format, Next: "leave out one of both"}
	case c.Quiet:
		return c.ids(p, o)
	}
	p.wide = c.NoTrunc
	if c.Watch != 0 {
		return c.again(p, o)
	}
	return p.report(func(*report.Progress) (document.Document, error) {
		doc, err := ps.Run(p.Context, p.docker(), o)
		return orNone(doc), err
	})
}

// again shows the list until the context is done.
func (c *Ps) again(p *Program, o ps.Options) error {
	switch {
	case c.Watch < time.Second:
		return &fault.UsageError{Text: fmt.Sprintf("--watch %s is too short", c.Watch), Next: "give at least 1s"}
	case p.Output != "" || p.Format != "table" || report.Width(p.Stdout) == 0:
		return &fault.UsageError{Text: "--watch draws a table on a terminal",
			Next: "elsewhere, call haltscope ps in a loop, or see: haltscope watch"}
	}
	for {
		doc, err := ps.Run(p.Context, p.docker(), o)
		if err != nil {
			return err
		}
		var page bytes.Buffer
		if err := p.layOut(&page, doc); err != nil {
			return err
		}
		if err := report.Redraw(p.Stdout, page.String()); err != nil {
			return err
		}
		select {
		case <-p.Context.Done():
			return fault.ErrInterrupted
		case <-time.After(c.Watch):
		}
	}
}

// ids prints the ids of the containers, one a line.
func (c *Ps) ids(p *Program, o ps.Options) error {
	out, err := p.open()
	if err != nil {
		return err
	}
	defer out.Close()
	doc, err := ps.Run(p.Context, p.docker(), o)
	if err != nil {
		return err
	}
	for i := range doc.Containers {
		if _, err := fmt.Fprintln(out, doc.Containers[i].ID); err != nil {
			return err
		}
	}
	return out.Commit(p.Context)
}
