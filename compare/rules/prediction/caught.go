package prediction

import (
	"slices"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// What is added to the question that decides an outcome, of a stop only.
const (
	withinGrace = " within the grace"
	onTwin      = ": haltscope predict --verify tries it on a twin"
	noClients   = ", which has no clients and no work in progress"
)

// tried returns where a stop can be tried that clients may change. It returns "" for a twin: that is such a try.
func (f *Facts) tried() string {
	if f.Twin {
		return ""
	}
	return f.ofStop(onTwin + noClients)
}

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
	f.handled(o, p)
}

// handled decides what a signal does to a process that has a handler for it, by what is known about the program.
func (f *Facts) handled(o *Outcome, p *Process) {
	f.noteWork(o, p)
	h := habitOf(p)
	if h == nil {
		f.noteTwin(o)
		f.undecided(o, f.decidedByHandler(), f.gracefulOrForced(p, usuallyEnds(f.Signal))...)
		o.Reason = f.reasonOfHandler()
		return
	}
	o.note(h.source, "%s", h.text)
	if f.handledByHabit(o, p, h) {
		f.whileItStarts(o, p)
		return
	}
	f.noteTwin(o)
	switch {
	case slices.Contains(h.runtimeCatches, f.Signal) && p.NamespaceInit:
		f.undecided(o, f.decidedByProgram(), f.gracefulOrForced(p, f.Signal != value.SIGINT || handlesMore(p))...)
	case slices.Contains(h.runtimeCatches, f.Signal):
		at := 1
		if f.Signal == value.SIGINT && !handlesMore(p) {
			at = 0
		}
		f.undecided(o, f.decidedByProgram(), slices.Insert(f.gracefulOrForced(p, true), at, verdict.Terminated)...)
	default:
		ends := usuallyEnds(f.Signal) || isShell(p) && f.Signal == value.SIGHUP
		f.undecided(o, f.decidedByHandler(), f.gracefulOrForced(p, ends && !h.isREPL(p))...)
	}
	o.Reason = f.reasonOfHandler()
	if h.is("java") {
		o.ExitCodes = sortCodes(append(o.ExitCodes, f.defaultExitCode()))
	}
}

// knownHabit decides what a signal does to a process that may have a handler for it, if the program is known to have one. It reports
// whether it is.
func (f *Facts) knownHabit(o *Outcome, p *Process) bool {
	h := habitOf(p)
	if h == nil || !f.handledByHabit(o, p, h) {
		return false
	}
	o.note(h.source, "%s", h.text)
	f.noteWork(o, p)
	return true
}

// handlesMore reports whether a program handles a signal that ends servers, and that its runtime does not catch by itself: it
// is then likely to handle others as well.
func handlesMore(p *Process) bool {
	return p.Caught.Has(value.SIGHUP) || p.Caught.Has(value.SIGQUIT) || p.Caught.Has(value.SIGUSR2)
}

// handledByHabit decides what a signal that a process handles does to it, if its habits say that. It reports whether they do.
func (f *Facts) handledByHabit(o *Outcome, p *Process, h *habit) bool {
	on := func(signals []value.Signal) bool { return slices.Contains(signals, f.Signal) }
	idle := !f.Work.inProgress() && f.Work.Error == ""
	o.Reason = Handles
	if on(h.idleEndsOn) || on(h.drainsOn) || on(h.limitOn) {
		f.noteTwin(o)
	}
	switch {
	case on(h.endsOn), on(h.idleEndsOn) && idle, on(h.limitOn) && (f.Grace < 0 || f.Grace > h.limit):
		o.Kind, o.OwnExitCode = verdict.Graceful, true
	case on(h.failsOn):
		o.Kind, o.OwnExitCode = verdict.FailedStopping, true
	case on(h.idleEndsOn), on(h.finishesOn):
		f.undecided(o, "how long it takes to end"+f.tried(), f.ordered(!f.busy(p))...)
		o.Reason = f.reasonOfHandler()
	case on(h.drainsOn), on(h.limitOn):
		f.undecided(o, "how long its work in progress takes"+f.tried(), f.ordered(idle)...)
		o.Reason = WorkInHand
	case on(h.slowOn):
		f.undecided(o, "how long it is configured to take"+f.ofStop(onTwin), f.ordered(f.Grace < 0 || f.Grace > h.slow)...)
		o.Reason = TakesLong
	case on(h.seldomOn), on(h.survives) && h.known == read:
		f.undecided(o, f.decidedByHandler(), f.ordered(false)...)
	case on(h.survives):
		f.survive(o, GoesOn)
	default:
		return false
	}
	return true
}

// reasonOfHandler returns why it is open how a handled stop comes out.
func (f *Facts) reasonOfHandler() Reason {
	if f.Work.inProgress() {
		return WorkInHand
	}
	return Handles
}

// ordered returns the two ways in which a handled stop may end, the likelier one first.
func (f *Facts) ordered(graceful bool) []verdict.Kind {
	if graceful {
		return []verdict.Kind{verdict.Graceful, verdict.Forced}
	}
	return []verdict.Kind{verdict.Forced, verdict.Graceful}
}

// gracefulOrForced is ordered for a program of which nothing more is known than that its handler as a rule ends it, or does not:
// with clients connected it may have to wait for them.
func (f *Facts) gracefulOrForced(p *Process, ends bool) []verdict.Kind {
	return f.ordered(ends && !f.Work.inProgress() && !f.busy(p))
}

// busy reports whether the program has clients and is seen at work: it computes, and does not wait for anything.
func (f *Facts) busy(p *Process) bool {
	return f.Work.inProgress() && len(p.Threads) > 0 && p.Threads[0].State == 'R'
}

// usuallyEnds reports whether a handler of the signal ends most programs. On HUP daemons read their configuration again, on USR1
// and USR2 they do what they like, and a handler of any other signal is for what the kernel has to tell.
func usuallyEnds(signal value.Signal) bool {
	switch signal {
	case value.SIGTERM, value.SIGINT, value.SIGQUIT, value.SIGABRT:
		return true
	}
	return false
}

// isREPL reports whether Python reads its program from a terminal: it then takes INT for a keyboard's, and goes on.
func (h *habit) isREPL(p *Process) bool {
	if !h.is("python*") || len(p.Arguments) == 0 {
		return false
	}
	return len(p.Arguments) == 1 || slices.Contains(p.Arguments[1:], "-i")
}
