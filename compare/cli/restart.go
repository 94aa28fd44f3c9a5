package cli

import (
	"haltscope/compare/action"
	"haltscope/compare/value"
)

// Restart runs docker restart.
type Restart struct {
	actionFlags
	expectFlags
	stopFlags
}

func (*Restart) Help() string { return "Example:\n  haltscope restart -t 5 web" }

func (c *Restart) Run(p *Program) error {
	return c.run(p, action.Options{Verb: value.Restart, Signal: c.Signal, Grace: (*int)(c.Grace), Expect: c.Expect})
}
