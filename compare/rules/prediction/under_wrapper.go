package prediction

import (
	"fmt"
	"slices"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// underWrapper replaces the graceful end of a signal target that does nothing but wait for others, by what may happen to those: a
// verdict is about them.
func (f *Facts) underWrapper(o *Outcome) {
	at := slices.Index(o.candidates(), verdict.Graceful)
	if at < 0 || len(f.Programs) == 0 || f.Target.toAll(f.Signal) != nil {
		return
	}
	kinds, wrapper := f.programKinds(o), f.Target.Process().label()
	all := slices.Clone(o.candidates())
	all = slices.Concat(without(all[:at], verdict.Killed), kinds, without(all[at+1:], verdict.Killed))
	o.Kind, o.Candidates, o.OwnExitCode, o.Reason = Undecided, all, true, WaitsForOthers
	o.DecidedBy = fmt.Sprintf("what %s does to %s on %s%s", wrapper, f.Programs[0].Name, value.SignalName(f.Signal), f.ofStop(onTwin))
}

// programKinds returns the ends that the programs under a wrapper may come to, the likeliest first, and notes why.
func (f *Facts) programKinds(o *Outcome) (kinds []verdict.Kind) {
	elsewhere := 0 // programs that SIGTERM ends in place of the signal
	for i := range f.Programs {
		p := &f.Programs[i]
		text := fmt.Sprintf("what counts is %s, process %d", p.Name, p.PID)
		if f.Target.toAll(f.Signal) == nil {
			text = fmt.Sprintf("%s %s; %s", f.Target.Process().label(), p.Under[0].Waits, text)
		}
		may, does := f.programMay(p)
		o.note(fmt.Sprintf("/proc/%d/status", p.PID), "%s, which %s", text, does)
		for _, kind := range may {
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
		if f.mayGetTERM(p) {
			elsewhere++
		}
	}
	slices.SortStableFunc(kinds, func(a, b verdict.Kind) int { // the worst of several programs counts; one that is killed was not told
		return slices.Index(wrapperKinds, a) - slices.Index(wrapperKinds, b)
	})
	if elsewhere > 0 && elsewhere == len(f.Programs) {
		kinds = append([]verdict.Kind{verdict.Graceful}, without(kinds, verdict.Graceful)...)
	}
	return kinds
}

// wrapperKinds are the ends of programs under a wrapper, the likeliest first.
var wrapperKinds = []verdict.Kind{verdict.Terminated, verdict.Graceful, verdict.Killed}

// programMay returns the ends that a program under a wrapper may come to, and what it does with the signal, as a clause.
func (f *Facts) programMay(p *verdict.Program) (kinds []verdict.Kind, does string) {
	t, signal := p.Target, value.SignalName(f.Target.told(f.Signal))
	switch {
	case t == nil || t.Caught && t.CatchesAll && t.AsksFor == nil:
		return []verdict.Kind{verdict.Graceful, verdict.Terminated, verdict.Killed}, "may handle " + signal
	case t.Runtime != "" && t.AsksFor == nil:
		return []verdict.Kind{verdict.Graceful, verdict.Terminated, verdict.Killed}, "may handle " + signal + ": " + t.Runtime + " catches it"
	case t.AsksFor != nil && !*t.AsksFor:
		return f.unhandled(nil), "has not asked for " + signal
	case t.Caught || t.Accepts != "":
		return []verdict.Kind{verdict.Graceful, verdict.Killed}, "handles " + signal
	case f.mayGetTERM(p):
		kinds = []verdict.Kind{verdict.Graceful, verdict.Killed}
		if !t.Ignored && !t.Blocked {
			kinds = append(kinds, verdict.Terminated)
		}
		return kinds, "does not handle " + signal + ", but SIGTERM, which a handler of the wrapper may send in its place"
	case t.Ignored || t.Blocked:
		return []verdict.Kind{verdict.Killed}, "does not take " + signal
	}
	return f.unhandled(p.Caught), "does not handle " + signal
}

// unhandled returns the ends that a program under a wrapper may come to that does not handle the signal, and catches others.
func (f *Facts) unhandled(caught []value.Signal) []verdict.Kind {
	if f.Target.toAll(f.Signal) != nil { // it gets the signal itself, whatever the wrapper does
		return []verdict.Kind{verdict.Terminated}
	}
	kinds := []verdict.Kind{verdict.Terminated, verdict.Killed}
	if slices.ContainsFunc(caught, func(s value.Signal) bool { // the wrapper may send another signal
		return s == value.SIGINT || s == value.SIGQUIT || s == value.SIGHUP
	}) {
		kinds = append(kinds, verdict.Graceful)
	}
	return kinds
}

// advise says what to change where the stop is likely to come to an outcome, which may be that of the programs under a wrapper.
func (f *Facts) advise(likeliest verdict.Kind) []Advice {
	if len(f.Programs) == 0 || likeliest != verdict.Terminated && likeliest != verdict.Killed {
		return Advise(*f, likeliest)
	}
	p := &f.Programs[0]
	return AdviseOn(*f, &verdict.Verdict{Kind: likeliest, Of: p.Name, Under: []string{p.Under[len(p.Under)-1].Name}})
}

// mayGetTERM reports whether a program handles SIGTERM in place of another stop signal that it does not handle: kill, without the name
// of a signal, sends that, and a background job of a shell ignores SIGINT and SIGQUIT.
func (f *Facts) mayGetTERM(p *verdict.Program) bool {
	t := p.Target
	return t != nil && !t.Caught && t.Accepts == "" && f.Target.told(f.Signal) != value.SIGTERM && slices.Contains(p.Caught, value.SIGTERM)
}
