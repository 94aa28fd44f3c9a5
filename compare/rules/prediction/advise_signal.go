package prediction

import (
	"slices"

	"haltscope/compare/value"
)

// withSignal returns the facts with another stop signal.
func (f Facts) withSignal(signal value.Signal) Facts {
	f.Signal, f.SignalText = signal, ""
	if f.ConfiguredSignal != 0 {
		f.ConfiguredSignal = signal
	}
	return f
}

// useSignal returns advice to use a signal, with an init if it takes one, and whether that makes the stop better.
func (a *adviser) useSignal(signal value.Signal, why Reason) (Advice, bool) {
	advice := Advice{Change: UseSignal, Why: why, Signal: signal, Sent: a.StopSignalName(), Program: a.targetName()}
	kind, better := a.better(a.withSignal(signal))
	if !better {
		kind, better = a.better(a.withSignal(signal).withInit())
		advice.With = []Change{UseInit}
	}
	if advice.Ends = onlyTerminated(kind); why == KnownToEnd {
		advice.Ends = kind
	}
	return advice, better
}

// insteadOf advises another signal in place of a stop signal that cannot do.
func (a *adviser) insteadOf(why Reason) []Advice {
	signal := value.SIGTERM
	if ends := Inits[a.Target.Supervisor].EndsOn; len(ends) > 0 {
		signal = ends[0]
	}
	advice, better := a.useSignal(signal, why)
	p := a.Target.Process()
	switch {
	case better:
		return []Advice{advice}
	case p == nil || why == NoSuchSignal:
		advice.With, advice.Ends = nil, ""
		return []Advice{advice}
	}
	a.Facts = a.withSignal(signal)
	handle := a.handle(p, NoHandler)
	handle.With = []Change{UseSignal}
	return []Advice{handle}
}

// otherSignals advises the first signal, other than the stop signal, that is known to end the program or, if none is known, that it
// handles. SIGHUP and SIGQUIT need be known: a daemon reloads on the one, and some write what they do on the other.
func (a *adviser) otherSignals(p *Process) []Advice {
	h := habitOf(p)
	if h != nil {
		for _, s := range slices.Concat(h.endsOn, h.drainsOn) {
			if disposition, _ := p.Disposition(s, a.Grace); s == a.Signal || disposition != Caught && disposition != Accepted {
				continue
			}
			if advice, better := a.useSignal(s, KnownToEnd); better && len(advice.With) == 0 {
				return []Advice{advice}
			}
		}
	}
	for _, s := range []value.Signal{value.SIGTERM, value.SIGINT} {
		if s == a.Signal || !a.handlesItself(p, s) {
			continue
		}
		if advice, better := a.useSignal(s, Handles); better && len(advice.With) == 0 && advice.Ends == "" {
			return []Advice{advice}
		}
	}
	return nil
}

// handlesItself reports whether the program, and not only its runtime, handles a signal in a way that may end it.
func (f *Facts) handlesItself(p *Process, s value.Signal) bool {
	disposition, _ := p.Disposition(s, f.Grace)
	if disposition != Caught && disposition != Accepted || p.Go != nil && !isTrue(GoAsksFor(p, s)) {
		return false
	}
	h := habitOf(p)
	switch {
	case h == nil:
		return true
	case slices.Contains(h.survives, s) || slices.Contains(h.runtimeCatches, s):
		return false
	}
	// SIGINT is handled by the interpreter itself, for a keyboard.
	return s != value.SIGINT || !h.is("python*") && !h.is("dash")
}

// handle advises a handler in the program, in its language.
func (a *adviser) handle(p *Process, why Reason) Advice {
	advice := Advice{Change: Handle, Why: why, Signal: a.Signal, Program: p.label()}
	h := habitOf(p)
	switch {
	case p.Go != nil:
		advice.Runtime = "go"
	case h.is("node"):
		advice.Runtime = "node"
	case h.is("python*"):
		advice.Runtime = "python"
	}
	return advice
}

func isTrue(b *bool) bool { return b != nil && *b }
