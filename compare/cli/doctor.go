package cli

import (
	"haltscope/compare/doctor"
	"haltscope/compare/document"
	"haltscope/compare/report"
)

// Doctor says whether this host is fit.
type Doctor struct{}

func (*Doctor) Help() string {
	return `Looks at the docker client and its daemon, at the kernel and its cgroups, and says of each condition what it means and
how to mend it. Touches nothing. Exit code 0 where haltscope can work here, within limits that are told; 4 where it cannot.

Examples:
  haltscope doctor
  haltscope doctor --format json`
}

func (*Doctor) Run(p *Program) error {
	unfit := false
	err := p.report(func(*report.Progress) (document.Document, error) {
		doc, err := doctor.Examine(p.Context, p.docker())
		unfit = doc != nil && !doc.Fit
		return orNone(doc), err
	})
	if unfit && err == nil {
		return ExitCode(4) // as of every command on a host that is not fit
	}
	return err
}
