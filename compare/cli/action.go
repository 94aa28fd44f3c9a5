package cli

import (
	"slices"
	"strings"

	"haltscope/compare/action"
	"haltscope/compare/document"
	"haltscope/compare/report"
)

// Acts reports whether a command, as the grammar names it, does something to containers of its user's.
func Acts(name string) bool {
	verb, _, _ := strings.Cut(name, " ")
	return slices.Contains([]string{"kill", "stop", "pause", "unpause", "start", "restart"}, verb)
}

// deedFlags are those of every verb that does something to containers.
type actionFlags struct {
	Container []string `arg:"" help:"Containers, by name or id; several go side by side."`
	DryRun    bool     `help:"Only print the command, and what is to be expected of it, by the rules of haltscope predict."`
}

func (f *actionFlags) run(p *Program, o action.Options) error {
	o.DryRun = f.DryRun
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := action.Run(p.Context, p.docker(), f.Container, o, progress)
		return orNone(doc), err
	})
}

// stopFlags are passed on to docker stop and docker restart.
type stopFlags struct {
	Signal string `short:"s" help:"The signal to begin with; without it, the container's own. Takes engine 23.0 or later." placeholder:"SIGNAL"`
	Grace  *int   `name:"time" short:"t" env:"-" help:"Seconds until SIGKILL, as docker's --timeout: 0 for at once, −1 for never; without it, the container's own." placeholder:"SECONDS"`
}
