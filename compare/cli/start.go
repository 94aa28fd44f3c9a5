package cli

import (
	"haltscope/compare/action"
)

// Start runs docker start.
type Start struct{ actionFlags }

func (*Start) Help() string { return "Example:\n  haltscope start web" }

func (c *Start) Run(p *Program) error { return c.run(p, action.Options{Verb: "start"}) }
