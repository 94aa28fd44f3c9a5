package cli

import (
	"slices"
	"strings"

	"haltscope/compare/action"
	"haltscope/compare/document"
	"haltscope/compare/report"
)

// isAction reports whether a command of the grammar changes the user's own containers.
func isAction(name string) bool {
	verb, _, _ := strings.Cut(name, " ")
	return slices.Contains([]string{"kill", "stop", "pause", "unpause", "start", "restart"}, verb)
}

// actionFlags are the flags of every action.
type actionFlags struct {
	Container []string `arg:"" help:"Containers, by name or id; several at the same time."`
	DryRun    bool     `help:"Only print the command and the predicted result (see haltscope predict)."`
}

func (f *actionFlags) run(p *Program, o action.Options) error {
	o.DryRun = f.DryRun
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := action.Run(p.Context, p.docker(), f.Container, o, progress)
		return orNone(doc), err
	})
}

// stopFlags are passed to docker stop and docker restart.
type stopFlags struct {
	Signal string `short:"s" help:"The signal to send first; by default the container's own. Needs engine 23.0 or later." placeholder:"SIGNAL"`
	Grace  *int   `name:"time" short:"t" env:"-" help:"Seconds until SIGKILL, like docker's --timeout: 0 for immediately, -1 for never; by default the container's own." placeholder:"SECONDS"`
}
