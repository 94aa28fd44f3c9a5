package cli

import (
	"haltscope/compare/action"
	"haltscope/compare/value"
)

// Kill runs docker kill.
type Kill struct {
	actionFlags
	expectFlags
	Signal string `short:"s" help:"The signal to send; SIGKILL by default." placeholder:"SIGNAL"`
}

func (*Kill) Help() string {
	return "Examples:\n  haltscope kill web\n  haltscope kill --signal HUP web db"
}

func (c *Kill) Run(p *Program) error {
	return c.run(p, action.Options{Verb: value.Kill, Signal: c.Signal, Expect: c.Expect})
}
