package prediction

import (
	"slices"

	"haltscope/compare/rules/verdict"
)

// What is added to the question that decides an outcome, of a stop only.
const (
	withinGrace = " within the grace"
	onTwin      = ": haltscope predict --verify tries it on a twin"
)

// ofStop returns a part of the question that decides the outcome of a stop. It returns "" for a signal that is all there is: no
// grace follows it, and twins get no signal but their stop's.
func (f *Facts) ofStop(text string) string {
	if f.signalOnly {
		return ""
	}
	return text
}

// decidedByHandler is the question where a handler of the program gets the signal.
func (f *Facts) decidedByHandler() string {
	return "whether its handler ends it" + f.ofStop(withinGrace+onTwin)
}

// decidedByProgram is the question where the program's runtime catches the signal.
func (f *Facts) decidedByProgram() string {
	return "whether the program has a handler of its own" + f.ofStop(onTwin)
}

// caught decides what a signal does to a process that has a handler for it, or accepts it by sigwait or signalfd.
func (f *Facts) caught(o *Outcome, p *Process) {
	if p.Go != nil {
		f.caughtByGo(o, p)
		return
	}
	h := habitOf(p)
	if h == nil {
		f.undecided(o, f.decidedByHandler(), verdict.Graceful, verdict.Forced)
		return
	}
	o.note(h.source, "%s", h.text)
	switch {
	case slices.Contains(h.endsOn, f.Signal):
		o.Kind, o.OwnExitCode = verdict.Graceful, true
	case slices.Contains(h.drainsOn, f.Signal):
		f.undecided(o, "how long its work in progress takes"+f.ofStop(onTwin+", which has no work in progress"), verdict.Graceful, verdict.Forced)
	case slices.Contains(h.survives, f.Signal):
		f.survive(o)
	case slices.Contains(h.runtimeCatches, f.Signal) && p.NamespaceInit:
		f.undecided(o, f.decidedByProgram(), verdict.Graceful, verdict.Forced)
	case slices.Contains(h.runtimeCatches, f.Signal):
		f.undecided(o, f.decidedByProgram(), verdict.Graceful, verdict.Terminated, verdict.Forced)
	case h.is("java"):
		f.undecided(o, f.decidedByHandler(), verdict.Graceful, verdict.Forced)
		o.ExitCodes = sortCodes(append(o.ExitCodes, f.defaultExitCode()))
	default:
		f.undecided(o, f.decidedByHandler(), verdict.Graceful, verdict.Forced)
	}
}
