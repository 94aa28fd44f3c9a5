package command

import (
	"haltscope/compare"
	"haltscope/compare/report"
)

// Clean removes what interrupted runs have left.
type Clean struct{}

func (*Clean) Help() string {
	return `Leaves alone the twins of runs that go on.

Example:
  haltscope clean`
}

func (*Clean) Run(p *Program) error {
	return p.report(func(*report.Progress) (document, error) {
		done, err := compare.Clean(p.Context, p.docker())
		return orNone(done), err
	})
}
