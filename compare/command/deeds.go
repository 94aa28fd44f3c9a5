package command

import (
	"slices"
	"strings"

	"haltscope/compare/deed"
	"haltscope/compare/document"
	"haltscope/compare/report"
)

// Acts reports whether a command, as the grammar names it, does something to containers of its user's.
func Acts(name string) bool {
	verb, _, _ := strings.Cut(name, " ")
	return slices.Contains([]string{"kill", "stop", "pause", "unpause", "start", "restart"}, verb)
}

// deedFlags are those of every verb that does something to containers.
type deedFlags struct {
	Container []string `arg:"" help:"Containers, by name or id; several go side by side."`
	DryRun    bool     `help:"Only print the command, and what is to be expected of it, by the rules of haltscope predict."`
}

func (f *deedFlags) run(p *Program, o deed.Options) error {
	o.DryRun = f.DryRun
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := deed.Run(p.Context, p.docker(), f.Container, o, progress)
		return orNone(doc), err
	})
}

// Kill is docker kill with evidence.
type Kill struct {
	deedFlags
	Signal string `short:"s" help:"The signal to send; without it, SIGKILL." placeholder:"SIGNAL"`
}

func (*Kill) Help() string {
	return "Examples:\n  haltscope kill web\n  haltscope kill --signal HUP web db"
}

func (c *Kill) Run(p *Program) error {
	return c.run(p, deed.Options{Verb: "kill", Signal: c.Signal})
}

// stopFlags are passed on to docker stop and docker restart.
type stopFlags struct {
	Signal string `short:"s" help:"The signal to begin with; without it, the container's own. Takes engine 23.0 or later." placeholder:"SIGNAL"`
	Grace  *int   `name:"time" short:"t" env:"-" help:"Seconds until SIGKILL, as docker's --timeout: 0 for at once, −1 for never; without it, the container's own." placeholder:"SECONDS"`
}

// Stop is docker stop with evidence.
type Stop struct {
	deedFlags
	stopFlags
}

func (*Stop) Help() string {
	return "docker stop reports success also when SIGKILL was needed: this says so.\n\nExamples:\n  haltscope stop web\n  haltscope stop -t 30 web db\n  haltscope stop --dry-run web"
}

func (c *Stop) Run(p *Program) error {
	return c.run(p, deed.Options{Verb: "stop", Signal: c.Signal, Grace: c.Grace})
}

// Pause is docker pause with evidence.
type Pause struct{ deedFlags }

func (*Pause) Help() string { return "Example:\n  haltscope pause web" }

func (c *Pause) Run(p *Program) error { return c.run(p, deed.Options{Verb: "pause"}) }

// Unpause is docker unpause with evidence.
type Unpause struct{ deedFlags }

func (*Unpause) Help() string { return "Example:\n  haltscope unpause web" }

func (c *Unpause) Run(p *Program) error { return c.run(p, deed.Options{Verb: "unpause"}) }

// Start is docker start with evidence.
type Start struct{ deedFlags }

func (*Start) Help() string { return "Example:\n  haltscope start web" }

func (c *Start) Run(p *Program) error { return c.run(p, deed.Options{Verb: "start"}) }

// Restart is docker restart with evidence.
type Restart struct {
	deedFlags
	stopFlags
}

func (*Restart) Help() string { return "Example:\n  haltscope restart -t 5 web" }

func (c *Restart) Run(p *Program) error {
	return c.run(p, deed.Options{Verb: "restart", Signal: c.Signal, Grace: c.Grace})
}
