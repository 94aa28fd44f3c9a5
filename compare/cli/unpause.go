package cli

import (
	"haltscope/compare/action"
	"haltscope/compare/value"
)

// Unpause runs docker unpause.
type Unpause struct{ actionFlags }

func (*Unpause) Help() string { return "Example:\n  haltscope unpause web" }

func (c *Unpause) Run(p *Program) error { return c.run(p, action.Options{Verb: value.Unpause}) }
