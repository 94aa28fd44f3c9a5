package cli

import (
	"haltscope/compare/action"
	"haltscope/compare/value"
)

// Stop runs docker stop.
type Stop struct {
	actionFlags
	expectFlags
	stopFlags
}

func (*Stop) Help() string {
	return `docker stop reports success even if SIGKILL was needed; haltscope stop says so.

Examples:
  haltscope stop web
  haltscope stop -t 30 web db
  haltscope stop --expect graceful web
  haltscope stop --dry-run web
  haltscope stop --dry-run --project shop`
}

func (c *Stop) Run(p *Program) error {
	return c.run(p, action.Options{Verb: value.Stop, Signal: c.Signal, Grace: (*int)(c.Grace), Expect: c.Expect})
}
