package prediction

import (
	"fmt"
	"maps"
	"slices"
	"time"

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
		return []Advice{{Change: Handle, Why: NoHandler, Signal: f.Signal, Program: v.Of, Wrapper: v.Wrappers()}}
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

// withSignal returns the facts with another stop signal.
func (f Facts) withSignal(signal value.Signal) Facts {
	f.Signal, f.SignalText = signal, ""
	if f.ConfiguredSignal != 0 {
		f.ConfiguredSignal = signal
	}
	return f
}

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

// onlyTerminated returns an outcome that is certain; "" for graceful, which only the program knows.
func onlyTerminated(kind verdict.Kind) verdict.Kind {
	if kind == verdict.Terminated {
		return kind
	}
	return ""
}

// supervisor advises on a program that stops its services its own way.
func (a *adviser) supervisor(p *Process) []Advice {
	name := a.Target.Supervisor
	ends := Inits[name].EndsOn
	switch {
	case a.Target.Scripts[a.Signal] != "":
		return []Advice{a.grace(p, WorkInHand)}
	case name == "openrc-init" && !p.CanReboot:
		return []Advice{{Change: AddCapability, Signal: a.Signal, Program: name, Option: "SYS_BOOT"}}
	case len(ends) > 0 && !slices.Contains(ends, a.Signal):
		return []Advice{{Change: UseSignal, Why: KnownToEnd, Signal: ends[0], Sent: a.StopSignalName(), Program: name, Ends: verdict.Graceful}}
	case a.outcome == verdict.Forced:
		return []Advice{a.grace(p, WorkInHand)}
	}
	return nil
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
		return []Advice{{Change: NoWrapper, Signal: a.Signal, Program: a.Programs[0].Name, Wrapper: p.label()}}
	}
	all = append(a.otherSignals(p), a.handle(p, NoHandler))
	if kind, better := a.better(a.withInit()); better {
		all = append(all, Advice{Change: UseInit, Signal: a.Signal, Ends: onlyTerminated(kind)})
	}
	if p.Age != nil && *p.Age < starting {
		all = append(all, Advice{Change: LookAgain, Program: p.label(), Age: *p.Age})
	}
	return all
}

// starting is how old a program may be that has yet to install its handlers.
const starting = 3 * time.Second

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

// slow advises on a handler that does not end the program within the grace.
func (a *adviser) slow(p *Process, why Reason) (all []Advice) {
	s := &a.Strain
	if s.CPUs != nil && (*s.CPUs < 1 || s.starved()) {
		advice := Advice{Change: MoreCPU, Signal: a.Signal, CPUs: *s.CPUs, Grace: a.Grace, Program: p.label()}
		if s.starved() {
			advice.Throttle, advice.Grace = *s.During.Throttled, s.During.Took
		}
		all = append(all, advice)
	}
	if a.OverHigh != nil {
		all = append(all, a.higher(p))
	}
	if a.Tasks.full() || s.forksFailed() {
		return append(all, a.noTasks(p)...)
	}
	if s.starved() {
		return all
	}
	if w := a.killer(); w != nil {
		return append(all, Advice{Change: NoWrapper, Signal: a.Signal, Program: p.label(), Wrapper: w.Name})
	}
	return append(all, a.grace(p, why))
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

// higher advises a higher memory.high.
func (a *adviser) higher(p *Process) Advice {
	return Advice{Change: MoreHigh, Signal: a.Signal, Program: p.label(), Paste: a.OverHigh.command()}
}

// hindered advises on what may hinder a handler that, as far as is known, may end the program.
func (f *Facts) hindered() (all []Advice) {
	p := f.Target.Process()
	if p == nil {
		return nil
	}
	if disposition, _ := p.Disposition(f.Signal, f.Grace); disposition != Caught && disposition != Accepted {
		return nil
	}
	a := adviser{*f, verdict.Forced}
	if f.OverHigh != nil {
		all = append(all, a.higher(p))
	}
	if f.Tasks.full() {
		all = append(all, a.noTasks(p)...)
	}
	return all
}

// noTasks advises on a handler that cannot fork.
func (a *adviser) noTasks(p *Process) []Advice {
	all := []Advice{{Change: MoreTasks, Signal: a.Signal, Program: p.label()}}
	if z := a.Tasks.most(); z != nil {
		reap := Advice{Change: Reap, Program: z.Parent, Count: z.Count}
		if a.Target.First.NamespaceInit && z.ParentPID == a.Target.First.PID {
			reap.Why = ForAdopted
		}
		all = append(all, reap)
	}
	return all
}

// grace advises a longer grace.
func (a *adviser) grace(p *Process, why Reason) Advice {
	return Advice{Change: MoreGrace, Why: why, Signal: a.Signal, Grace: a.Grace, Program: p.label()}
}

// heldBy returns what lets a stopped process go on.
func (p *Process) heldBy() Change {
	if p.Threads[0].State == 't' {
		return Detach
	}
	return Continue
}

func (a *adviser) targetName() string {
	if p := a.Target.Process(); p != nil {
		return p.label()
	}
	return ""
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
