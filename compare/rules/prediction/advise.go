package prediction

import (
	"slices"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Advise says what to change where a stop has the outcome given. It is for the prediction of a stop, and for one that was made.
// What can be tried on the facts is tried: a change that does not make the predicted stop better is not advised.
func Advise(f Facts, stop verdict.Kind) []Advice {
	a := adviser{f, stop}
	r := &a.Target
	p := r.Process()
	if all, decided := a.undelivered(p); decided {
		return all
	}
	for _, q := range []*Process{p, &r.First} {
		if q.stopped() {
			return []Advice{{Change: q.heldBy(), Program: q.label()}}
		}
	}
	if forwarding := a.forwarding(p); len(forwarding) > 0 {
		return forwarding
	}
	a.arrive()
	switch {
	case isShell(p) && a.OverHigh != nil && p.hasTrap(r.Delivered(a.Signal)):
		return append([]Advice{a.higher(p)}, a.shell(p)...)
	case isShell(p):
		return a.shell(p)
	case r.Supervisor != "":
		return a.supervisor(p)
	}
	return a.program(p)
}

// undelivered advises where it does not matter what the signal target does with the signal. It reports whether that is so.
func (a *adviser) undelivered(p *Process) (all []Advice, decided bool) {
	r := &a.Target
	switch unreached := Unreached(a.Facts); {
	case a.unreachable(), len(unreached) > 0 && a.outcome != verdict.Graceful:
		return unreached, true
	case r.Supervisor == "runsvdir" && a.Signal == value.SIGTERM || r.Supervisor == "runit" && a.Signal != value.SIGCONT:
		return []Advice{{Change: StopServices, Signal: a.Signal, Program: r.Supervisor}}, true
	case a.outcome == verdict.Killed && a.Signal != value.SIGKILL && (a.killer() != nil || p != nil && isShell(p)):
		a.outcome = verdict.Forced // by the wrapper or the end of its shell, and not by Docker
	case a.outcome != verdict.Forced && a.outcome != verdict.Terminated && a.Signal != value.SIGKILL:
		return nil, true
	}
	switch {
	case a.InvalidSignal():
		return a.insteadOf(NoSuchSignal), true
	case a.Signal == value.SIGKILL || a.Signal == value.SIGSTOP:
		return a.insteadOf(Unstoppable), true
	}
	return nil, p == nil
}

// AdviseOn says what to change after a stop that came out as the verdict says. If that is about a program under a wrapper that
// handles the signal, the wrapper's dispositions do not matter.
func AdviseOn(f Facts, v *verdict.Verdict) []Advice {
	p := f.Target.Process()
	deafShell := p != nil && isShell(p) && !p.hasTrap(f.Target.Delivered(f.Signal))
	switch {
	case len(v.Under) == 0 || v.Of == "" || f.Target.Supervisor == "runsvdir" || deafShell:
		return Advise(f, v.Kind)
	case v.Kind == verdict.Killed:
		return []Advice{{Change: NoWrapper, Signal: f.Signal, Program: v.Of, Wrapper: v.Wrappers()}}
	case v.Kind == verdict.Terminated && v.OtherSignal != 0:
		return []Advice{{Change: Handle, Why: NoHandler, Signal: v.OtherSignal, Program: v.Of, Wrapper: v.Wrappers()}}
	case v.Kind == verdict.Terminated && (p == nil || p.Name != v.Of):
		return []Advice{{Change: Handle, Why: NoHandler, Signal: f.Target.Told(f.Signal), Program: v.Of, Wrapper: v.Wrappers()}}
	}
	return Advise(f, v.Kind)
}

// adviser gathers advice on a stop with a known outcome.
type adviser struct {
	Facts
	outcome verdict.Kind
}

// rank says which outcome is better than which.
func rank(kind verdict.Kind) int {
	switch kind {
	case verdict.Graceful:
		return 2
	case verdict.Terminated:
		return 1
	}
	return 0
}

// better returns the likeliest outcome of a stop of changed facts, and whether it is better than the one that is to be improved.
func (a *adviser) better(changed Facts) (verdict.Kind, bool) {
	o := changed.stop()
	kind := o.likeliest()
	return kind, rank(kind) > rank(a.outcome)
}

// onlyTerminated returns an outcome that is certain; "" for graceful, which only the program knows.
func onlyTerminated(kind verdict.Kind) verdict.Kind {
	if kind == verdict.Terminated {
		return kind
	}
	return ""
}

func (a *adviser) targetName() string {
	if p := a.Target.Process(); p != nil {
		return p.label()
	}
	return ""
}

// AdviseOrphans says what to change where processes were left to be killed.
func AdviseOrphans(f Facts) []Advice {
	r := &f.Target
	p := r.Process()
	if p != nil && isShell(p) {
		command, foreground := p.command()
		a := adviser{f, verdict.Forced}
		return a.untrapped(p, command, foreground)
	}
	end := Advice{Change: EndChildren, Signal: f.Signal, Program: r.First.label()}
	if len(r.Forwarders) == 0 {
		return []Advice{end}
	}
	w := &r.Forwarders[0]
	switch apart := len(f.Unsignaled) > 0 && !slices.ContainsFunc(f.Unsignaled, func(m Member) bool { return !m.Apart }); {
	case apart:
		end.Why = Apart
	case w.Name == "dumb-init" && w.Options.From != "" && !w.Options.Group:
		return []Advice{{Change: DropOption, Why: ChildOnly, Option: w.Options.From, Program: w.Name}}
	}
	return []Advice{end}
}
