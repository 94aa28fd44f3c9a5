package cli

import (
	"haltscope/compare/document"
	"haltscope/compare/inspect"
	"haltscope/compare/report"
)

// Inspect shows containers without changing them.
type Inspect struct{ containerFlags }

func (*Inspect) Help() string {
	return `Changes nothing. (docker top leaves a top event in Docker's history.)

Examples:
  haltscope inspect web
  haltscope inspect -v web
  haltscope inspect --format json web db
  haltscope inspect --project shop`
}

func (c *Inspect) Run(p *Program) error {
	which, err := c.selection(c.Container, running)
	if err != nil {
		return err
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := inspect.Run(p.Context, p.docker(), which, progress)
		return orNone(doc), err
	})
}
