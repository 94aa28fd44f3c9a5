package cli

import (
	"haltscope/compare/action"
	"haltscope/compare/value"
)

// Pause runs docker pause.
type Pause struct{ actionFlags }

func (*Pause) Help() string { return "Example:\n  haltscope pause web" }

func (c *Pause) Run(p *Program) error { return c.run(p, action.Options{Verb: value.Pause}) }
