package cli

import (
	"haltscope/compare/document"
	"haltscope/compare/ps"
	"haltscope/compare/report"
)

// Ps lists containers.
type Ps struct {
	All bool `short:"a" help:"Also list containers that are not running."`
}

func (*Ps) Help() string {
	return `Examples:
  haltscope ps
  haltscope ps --all --format json`
}

func (c *Ps) Run(p *Program) error {
	return p.report(func(*report.Progress) (document.Document, error) {
		doc, err := ps.Run(p.Context, p.docker(), c.All)
		return orNone(doc), err
	})
}
