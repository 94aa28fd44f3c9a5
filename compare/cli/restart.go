package cli

import (
	"haltscope/compare/action"
)

// Restart runs docker restart.
type Restart struct {
	actionFlags
	stopFlags
}

func (*Restart) Help() string { return "Example:\n  haltscope restart -t 5 web" }

func (c *Restart) Run(p *Program) error {
	return c.run(p, action.Options{Verb: "restart", Signal: c.Signal, Grace: c.Grace})
}
