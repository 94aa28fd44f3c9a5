package prediction

import (
	"fmt"
	"maps"
	"slices"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// withInit returns the facts with the first process under an init. Only the first process of a PID namespace of its own is put there.
func (f Facts) withInit() Facts {
	if f.Target.Init != "" || !f.Target.First.NamespaceInit {
		return f
	}
	child, init := f.Target.First, Process{PID: f.Target.First.PID, NamespaceInit: true}
	child.NamespaceInit = false
	f.Target.First, f.Target.Init, f.Target.Child = init, "docker-init", &child
	f.Target.Forwarders = []Forwarder{{Name: "docker-init", Process: init}}
	return f
}

// forwarding advises on an init or a wrapper that does not forward the signal as it is; nil where another change is better.
func (a *adviser) forwarding(p *Process) []Advice {
	r := &a.Target
	if r.ProcessFor(a.Signal) != p {
		_, _, at := r.follow(a.Signal)
		return a.notForwarded(at)
	}
	signal := a.Signal
	for i := range r.Forwarders {
		w := &r.Forwarders[i]
		instead, rewritten := w.Options.Rewrites[signal]
		if rewritten && w.Name == "dumb-init" {
			kind, better := a.better(a.withoutRewrite(i, signal))
			if better || instead == 0 {
				return []Advice{{Change: DropOption, Why: RewritesIt, Option: fmt.Sprintf("--rewrite %d:%d", signal, instead), Program: w.Name,
					Signal: signal, Sent: a.StopSignalName(), Ends: onlyTerminated(kind)}}
			}
		}
		if signal = w.forwards(signal); signal == 0 {
			return a.notForwarded(w)
		}
	}
	return nil
}

// notForwarded advises a signal that an init or a wrapper forwards.
func (a *adviser) notForwarded(at *Forwarder) []Advice {
	all := a.insteadOf(NotForwarded)
	if at != nil && all[0].Change == UseSignal {
		all[0].Program = at.Name
	}
	return all
}

// withoutRewrite returns the facts with a forwarder that forwards a signal as it is.
func (f Facts) withoutRewrite(i int, signal value.Signal) Facts {
	f.Target.Forwarders = slices.Clone(f.Target.Forwarders)
	w := &f.Target.Forwarders[i]
	w.Options.Rewrites = maps.Clone(w.Options.Rewrites)
	delete(w.Options.Rewrites, signal)
	return f
}

// arrive makes the facts those of the signal that reaches the target: there are no rewrites on the way of that.
func (a *adviser) arrive() {
	a.Signal = a.Target.Delivered(a.Signal)
	a.Target.Forwarders = slices.Clone(a.Target.Forwarders)
	for i := range a.Target.Forwarders {
		a.Target.Forwarders[i].Options.Rewrites = nil
	}
}

// supervisor advises on a program that stops its services its own way.
func (a *adviser) supervisor(p *Process) []Advice {
	name := a.Target.Supervisor
	ends := Inits[name].EndsOn
	switch {
	case a.Target.Scripts[a.Signal] != "":
		return []Advice{a.grace(p, WorkInHand)}
	case name == "sysvinit":
		return a.withoutSysvinit()
	case name == "openrc-init" && !p.CanReboot:
		return []Advice{{Change: AddCapability, Signal: a.Signal, Program: name, Option: "SYS_BOOT"}}
	case len(ends) > 0 && !slices.Contains(ends, a.Signal):
		return []Advice{{Change: UseSignal, Why: KnownToEnd, Signal: ends[0], Sent: a.StopSignalName(), Program: name, Ends: verdict.Graceful}}
	case a.outcome == verdict.Forced:
		return []Advice{a.grace(p, WorkInHand)}
	}
	return nil
}

// withoutSysvinit advises to run a service without sysvinit, which ends on no signal of Docker's by itself, if the service handles SIGTERM.
func (a *adviser) withoutSysvinit() []Advice {
	for i := range a.Programs {
		if p := &a.Programs[i]; slices.Contains(p.Caught, value.SIGTERM) {
			return []Advice{{Change: NoWrapper, Signal: value.SIGTERM, Program: p.Name, Wrapper: "sysvinit"}}
		}
	}
	return nil
}

// killer returns the wrapper that sends SIGKILL some time after the signal, whatever the grace is; nil if there is none.
func (a *adviser) killer() *Forwarder {
	for i := range a.Target.Forwarders {
		if w := &a.Target.Forwarders[i]; w.killAfter() > 0 {
			return w
		}
	}
	return nil
}
