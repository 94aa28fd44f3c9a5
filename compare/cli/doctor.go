package cli

import (
	"haltscope/compare/doctor"
	"haltscope/compare/document"
	"haltscope/compare/report"
)

// Doctor checks this host.
type Doctor struct{}

func (*Doctor) Help() string {
	return `Checks the docker client and its daemon, the kernel and its cgroups. For each condition, it says what the condition means
for haltscope and how to fix it. It changes nothing. The exit code is 0 if haltscope can run here, even with limits, and 4 if
it cannot.

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
		return exitStatus(ExitUnfit) // as for every command on a host that is not fit
	}
	return err
}
