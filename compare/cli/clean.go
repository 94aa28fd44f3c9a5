package cli

import (
	"haltscope/compare/clean"
	"haltscope/compare/document"
	"haltscope/compare/report"
)

// Clean removes what interrupted runs left behind.
type Clean struct{}

func (*Clean) Help() string {
	return `Runs that are still active keep their twins. Only what haltscope certainly made is removed: a twin has haltscope's labels,
none of them from its image, and a name of haltscope's form; an image only loses the name that haltscope gave it. Anything
else with such a label is kept and listed with the reason.

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
