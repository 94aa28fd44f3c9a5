package prediction

import (
	"path"
	"slices"
	"strings"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

const uwsgiSource = "uwsgi-docs.readthedocs.io/en/latest/Management.html; tested: 2.0.21"

// uwsgiConfigures are the endings of the options and files from which uWSGI reads more options.
var uwsgiConfigures = []string{"ini", "xml", "yaml", "yml", "json", "emperor", "set", "ini-paste"}

// caughtByUWSGI decides what a signal does to a master of uWSGI, which reloads on TERM, unless it is told --die-on-term.
func (f *Facts) caughtByUWSGI(o *Outcome, p *Process) {
	o.note(uwsgiSource, "uWSGI ends its workers and then itself on INT and QUIT, and reloads on HUP; with --master it reloads on TERM as "+
		"well, unless it is started with --die-on-term")
	master, dies, elsewhere := uwsgiOptions(p)
	switch reloads := f.Signal == value.SIGTERM && !dies; {
	case f.Signal == value.SIGHUP || reloads && master && !elsewhere:
		o.note("/proc/PID/cmdline, environ", "%s reloads it", value.SignalName(f.Signal))
		f.survive(o, GoesOn)
	case reloads && elsewhere:
		f.undecided(o, "whether its configuration file has die-on-term"+f.ofStop(onTwin), verdict.Forced, verdict.Graceful)
		o.Reason = Handles
	case reloads && p.Children > 0:
		f.undecided(o, f.decidedByHandler(), verdict.Forced, verdict.Graceful)
		o.Reason = Handles
	default:
		f.handled(o, p)
	}
}

// uwsgiOptions returns what the arguments and the environment of uWSGI say: whether it has a master, whether it ends on TERM, and
// whether there are options elsewhere, in a file.
func uwsgiOptions(p *Process) (master, dies, elsewhere bool) {
	dies = p.Environment["UWSGI_DIE_ON_TERM"] != ""
	master = p.Environment["UWSGI_MASTER"] != ""
	if len(p.Arguments) == 0 {
		return master, dies, true
	}
	for _, argument := range p.Arguments[1:] {
		name, _, _ := strings.Cut(argument, "=")
		switch name {
		case "--master", "-M":
			master = true
		case "--die-on-term":
			dies = true
		case "-x", "-y", "-j", "-S":
			elsewhere = true
		}
		elsewhere = elsewhere || slices.Contains(uwsgiConfigures, strings.TrimPrefix(name, "--")) ||
			slices.Contains(uwsgiConfigures, strings.TrimPrefix(path.Ext(name), "."))
	}
	return master, dies, elsewhere
}
