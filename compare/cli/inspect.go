package cli

import (
	"haltscope/compare/document"
	"haltscope/compare/inspect"
	"haltscope/compare/report"
	"haltscope/compare/target"
)

// Inspect shows containers without changing them.
type Inspect struct {
	Container []string `arg:"" help:"Containers, by name or id."`
}

func (*Inspect) Help() string {
	return `Changes nothing. (docker top leaves a top event in Docker's history.)

Examples:
  haltscope inspect web
  haltscope inspect -v web
  haltscope inspect --format json web db`
}

func (c *Inspect) Run(p *Program) error {
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := inspect.Run(p.Context, p.docker(), target.Named(c.Container...), progress)
		return orNone(doc), err
	})
}
