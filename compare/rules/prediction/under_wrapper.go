package prediction

import (
	"fmt"
	"slices"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// underWrapper replaces the end of a signal target that does nothing but wait for others by what may happen to those: a verdict is
// about them.
func (f *Facts) underWrapper(o *Outcome) {
	decides := func(kind verdict.Kind) bool { return kind == verdict.Graceful || kind == verdict.Terminated }
	if len(f.Programs) == 0 || !slices.ContainsFunc(o.candidates(), decides) {
		return
	}
	ends := f.programsMay(o)
	var all []verdict.Kind
	for _, kind := range o.candidates() {
		instead, ok := ends[kind]
		if !ok {
			instead = []verdict.Kind{kind}
		}
		for _, k := range instead {
			if !slices.Contains(all, k) {
				all = append(all, k)
			}
		}
	}
	if len(all) == 1 {
		o.Kind, o.Candidates = all[0], nil
		return
	}
	o.OwnExitCode = o.OwnExitCode || o.Kind == Undecided
	o.Kind, o.Candidates = Undecided, all
	o.DecidedBy = fmt.Sprintf("what %s and %s do on %s%s", f.Target.Process().label(), f.Programs[0].Name, value.SignalName(f.Signal),
		f.ofStop(onTwin))
}

// programsMay returns what the programs under a wrapper may come to if the wrapper ends gracefully, and if the signal's default action
// ends it: then it has told them nothing, and they are killed as soon as the first process ends, unless they got the signal as well.
func (f *Facts) programsMay(o *Outcome) map[verdict.Kind][]verdict.Kind {
	told, untold := []verdict.Kind{}, []verdict.Kind{}
	add := func(to *[]verdict.Kind, kinds ...verdict.Kind) {
		for _, kind := range kinds {
			if !slices.Contains(*to, kind) {
				*to = append(*to, kind)
			}
		}
	}
	for i := range f.Programs {
		p := &f.Programs[i]
		may, does := f.programMay(p)
		o.note(fmt.Sprintf("/proc/%d/status", p.PID), "%s %s; what counts is %s, process %d, which %s", f.Target.Process().label(),
			p.Under[0].Waits, p.Name, p.PID, does)
		add(&told, may...)
		if slices.ContainsFunc(f.Target.Group, func(m Member) bool { return m.PID == p.PID }) {
			add(&untold, may...)
		} else {
			add(&untold, verdict.Killed)
		}
	}
	for _, all := range [][]verdict.Kind{told, untold} {
		slices.SortStableFunc(all, func(a, b verdict.Kind) int {
			return slices.Index(wrapperKinds, a) - slices.Index(wrapperKinds, b)
		})
	}
	return map[verdict.Kind][]verdict.Kind{verdict.Graceful: told, verdict.Terminated: untold}
}

// wrapperKinds are the ends of programs under a wrapper, the likeliest first.
var wrapperKinds = []verdict.Kind{verdict.Terminated, verdict.Graceful, verdict.Killed}

// programMay returns the ends that a program under a wrapper may come to, and what it does with the signal, as a clause.
func (f *Facts) programMay(p *verdict.Program) (kinds []verdict.Kind, does string) {
	t, signal := p.Target, value.SignalName(f.Signal)
	switch {
	case t == nil || t.Caught && t.CatchesAll && t.AsksFor == nil:
		return []verdict.Kind{verdict.Graceful, verdict.Terminated, verdict.Killed}, "may handle " + signal
	case t.Runtime != "" && t.AsksFor == nil:
		return []verdict.Kind{verdict.Graceful, verdict.Terminated, verdict.Killed}, "may handle " + signal + ": " + t.Runtime + " catches it"
	case t.AsksFor != nil && !*t.AsksFor:
		return []verdict.Kind{verdict.Terminated, verdict.Killed}, "has not asked for " + signal
	case t.Caught || t.Accepts != "":
		return []verdict.Kind{verdict.Graceful, verdict.Killed}, "handles " + signal
	case t.Ignored || t.Blocked:
		return []verdict.Kind{verdict.Killed}, "does not take " + signal
	}
	kinds = []verdict.Kind{verdict.Terminated, verdict.Killed}
	if slices.ContainsFunc(p.Caught, func(s value.Signal) bool { // the wrapper may send another signal
		return s == value.SIGINT || s == value.SIGQUIT || s == value.SIGHUP
	}) {
		kinds = append(kinds, verdict.Graceful)
	}
	return kinds, "does not handle " + signal
}

// adviceUnderWrapper says what to change where a verdict would be about the programs under a wrapper; nil where it would not.
func (f *Facts) adviceUnderWrapper(likeliest verdict.Kind) []string {
	if len(f.Programs) == 0 || likeliest != verdict.Terminated && likeliest != verdict.Killed {
		return nil
	}
	p := &f.Programs[0]
	return AdviceOn(*f, &verdict.Verdict{Kind: likeliest, Of: p.Name, Under: p.Under[len(p.Under)-1].Name})
}
