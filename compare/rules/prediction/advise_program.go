package prediction

import (
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// withProgram returns the facts with another program in the place of the signal target.
func (f Facts) withProgram(p Process) Facts {
	f.Target.Jobs, f.Programs = p.Commands, nil
	if f.Target.Child != nil {
		p.NamespaceInit = false
		f.Target.Child = &p
		return f
	}
	p.NamespaceInit = f.Target.First.NamespaceInit
	f.Target.First = p
	return f
}

// program advises on a program that is no shell.
func (a *adviser) program(p *Process) []Advice {
	disposition, _ := p.Disposition(a.Signal, a.Grace)
	switch disposition {
	case DefaultAction:
		return a.defaultAction(p)
	case Ignored:
		return append(a.otherSignals(p), a.handle(p, IgnoresIt))
	case Blocked, BlockedNow:
		return append(a.otherSignals(p), Advice{Change: Unblock, Signal: a.Signal, Program: p.label()})
	case Caught, Accepted:
		return a.caughtBy(p)
	}
	return nil
}

// defaultAction advises on a program that takes the signal's default action, or that is spared it as the first of its namespace.
func (a *adviser) defaultAction(p *Process) (all []Advice) {
	if slices.Contains(harmlessByDefault, a.Signal) {
		return a.insteadOf(EndsNothing)
	}
	if p.NamespaceInit && len(a.Programs) > 0 { // it does nothing but wait for them, as flock or setsid -w does
		return []Advice{a.withoutWrapper(p)}
	}
	all = append(a.otherSignals(p), a.handle(p, NoHandler))
	if kind, better := a.better(a.withInit()); better {
		at := len(all)
		if p.isStandardTool() { // nobody will change it
			at--
		}
		all = slices.Insert(all, at, Advice{Change: UseInit, Signal: a.Signal, Ends: onlyTerminated(kind)})
	}
	if p.Age != nil && *p.Age < starting {
		all = append(all, Advice{Change: LookAgain, Program: p.label(), Age: *p.Age})
	}
	return all
}

// starting is how old a program may be that has yet to install its handlers.
const starting = 3 * time.Second

// withoutWrapper advises to start a program without what waits for it. One that takes the default action needs an init instead: the kernel
// drops the signal to the first of a PID namespace.
func (a *adviser) withoutWrapper(p *Process) Advice {
	program := &a.Programs[0]
	advice := Advice{Change: NoWrapper, Signal: a.Signal, Program: program.Name, Wrapper: p.label()}
	if t := program.Target; t != nil && !t.Caught && !t.Ignored && !t.Blocked && t.Accepts == "" {
		advice.With, advice.Ends = []Change{UseInit}, verdict.Terminated
	}
	return advice
}

// caughtBy advises on a program whose handler, or whose runtime, takes the signal.
func (a *adviser) caughtBy(p *Process) []Advice {
	h := habitOf(p)
	asks := GoAsksFor(p, a.Signal)
	switch {
	case a.outcome == verdict.Terminated:
		return append(a.otherSignals(p), a.handle(p, NoHandler))
	case p.runs("uwsgi*") && (a.Signal == value.SIGTERM || a.Signal == value.SIGHUP):
		return a.uwsgi(p)
	case h != nil && slices.Contains(h.survives, a.Signal):
		return a.otherSignals(p)
	case h != nil && (slices.Contains(h.drainsOn, a.Signal) || slices.Contains(h.endsOn, a.Signal)):
		return a.slow(p, WorkInHand)
	case p.Go != nil && asks != nil && !*asks:
		return append(a.otherSignals(p), a.handle(p, NoHandler))
	case p.Go != nil && asks == nil, h != nil && slices.Contains(h.runtimeCatches, a.Signal):
		return append(append(a.otherSignals(p), a.handle(p, NoHandler)), a.slow(p, MayHaveHandler)...)
	}
	all := a.slow(p, "")
	if slices.ContainsFunc(all, func(one Advice) bool { return one.Change == MoreGrace || one.Change == NoWrapper }) {
		all = append(all, Advice{Change: EndInHandler, Signal: a.Signal, Program: p.label(), Grace: a.Grace})
	}
	return all
}

// uwsgi advises on uWSGI, which reloads on SIGHUP and, unless it is told to end, on SIGTERM.
func (a *adviser) uwsgi(p *Process) []Advice {
	all := []Advice{{Change: UseSignal, Why: KnownToEnd, Signal: value.SIGINT, Sent: a.StopSignalName(), Program: p.label(),
		Ends: verdict.Graceful}}
	if _, dies, _ := uwsgiOptions(p); a.Signal == value.SIGTERM && !dies {
		all = append(all, Advice{Change: AddOption, Signal: a.Signal, Program: p.label(), Option: "--die-on-term"})
	}
	return all
}

// heldBy returns what lets a stopped process go on.
func (p *Process) heldBy() Change {
	if p.Threads[0].State == 't' {
		return Detach
	}
	return Continue
}
