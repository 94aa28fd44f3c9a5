package cli

import (
	"haltscope/compare/action"
)

// Stop runs docker stop.
type Stop struct {
	actionFlags
	stopFlags
}

func (*Stop) Help() string {
	return `docker stop reports success even if SIGKILL was needed; haltscope stop says so.

Examples:
  haltscope stop web
  haltscope stop -t 30 web db
  haltscope stop --dry-run web`
}

func (c *Stop) Run(p *Program) error {
	return c.run(p, action.Options{Verb: "stop", Signal: c.Signal, Grace: c.Grace})
}
