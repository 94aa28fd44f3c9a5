package cli

import (
	"haltscope/compare/clean"
	"haltscope/compare/document"
	"haltscope/compare/report"
)

// Clean removes what interrupted runs have left.
type Clean struct{}

func (*Clean) Help() string {
	return `Leaves alone the twins of runs that go on. Removes only what haltscope has certainly made: a twin has its labels, none of
them from its image, and its form of name; from an image only the name that haltscope gave it is taken. Anything else with
such a label is listed with the reason and kept.

Examples:
  haltscope clean
  haltscope clean --format json`
}

func (*Clean) Run(p *Program) error {
	return p.report(func(*report.Progress) (document.Document, error) {
		done, err := clean.Clean(p.Context, p.docker())
		return orNone(done), err
	})
}
