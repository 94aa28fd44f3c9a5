package cli

import (
	"haltscope/compare/action"
	"haltscope/compare/value"
)

// Start runs docker start.
type Start struct{ actionFlags }

func (*Start) Help() string { return "Example:\n  haltscope start web" }

func (c *Start) Run(p *Program) error { return c.run(p, action.Options{Verb: value.Start}) }
