package cli

import (
	"haltscope/compare/action"
)

// Kill is docker kill with evidence.
type Kill struct {
	actionFlags
	Signal string `short:"s" help:"The signal to send; without it, SIGKILL." placeholder:"SIGNAL"`
}

func (*Kill) Help() string {
	return "Examples:\n  haltscope kill web\n  haltscope kill --signal HUP web db"
}

func (c *Kill) Run(p *Program) error {
	return c.run(p, action.Options{Verb: "kill", Signal: c.Signal})
}
