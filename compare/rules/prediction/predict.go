package prediction

import (
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Prediction is what stop, kill and pause would come to, what else that would mean, and what could be better.
type Prediction struct {
	Stop, Kill, Pause Outcome
	Consequences      []Evidence
	Advice            []Advice // on the stop
	Reboot            Reboot
	Risks             []Risk // of the stop
}

// Predict decides what stop, kill and pause would do to a running container.
func Predict(f Facts) Prediction {
	p := Prediction{Stop: f.stop(), Kill: f.kill(), Pause: f.pause()}
	p.Consequences, p.Reboot, p.Risks = f.consequences(), f.afterReboot(&p.Stop), f.risks()
	p.Advice = f.advise(p.Stop.likeliest())
	if len(p.Advice) == 0 {
		p.Advice = f.hindered()
	}
	return p
}

func (f *Facts) kill() Outcome {
	at := time.Duration(0)
	o := Outcome{Kind: verdict.Killed, ExitCodes: []int{sigkillExitCode}, After: &at}
	o.note("docker kill", "sends SIGKILL, which no process can handle, block or ignore")
	if f.unreachable() {
		f.endUnreachable(&o, verdict.Killed)
		return o
	}
	if f.frozenByAncestor() {
		f.keepFrozen(&o)
	} else if f.Paused {
		o.note("docker inspect", "it is paused: the signal stays pending until docker kill itself thaws the container")
	}
	f.endStuck(&o)
	f.endFrozenBelow(&o)
	return o
}

func (f *Facts) pause() Outcome {
	at := time.Duration(0)
	o := Outcome{Kind: verdict.Paused, After: &at}
	switch {
	case f.unreachable():
		o.Kind, o.After = Refused, nil
		f.noteUnreachable(&o)
	case f.Paused:
		o.note("docker inspect", "it is already paused: docker pause refuses, and it stays paused")
	case f.frozen() && !f.frozenByAncestor():
		o.Kind = verdict.FrozenOutsideDocker
		o.note("cgroup freezer", "it is already frozen, but not by Docker: docker pause and docker unpause both fail")
	case f.frozen():
		o.note("cgroup freezer", "an ancestor cgroup is already frozen: docker pause succeeds, but docker unpause will not thaw the container")
	case f.freezing():
		o.Kind, o.After = Refused, nil
		o.note("cgroup freezer",
			"a freeze that Docker knows nothing of is requested, and not complete: docker pause and docker unpause both fail")
	default:
		o.note("cgroup freezer", "freezing needs no cooperation from the processes: no signal is sent, and no process can prevent it")
		f.pauseStuck(&o)
	}
	return o
}

// stop decides what docker stop does, also if SIGKILL cannot end a thread.
func (f *Facts) stop() Outcome {
	o := Outcome{}
	if f.unreachable() {
		f.noteStopSignal(&o)
		f.endUnreachable(&o, verdict.Forced)
		return o
	}
	if f.InvalidSignal() {
		f.stopUnsent(&o)
	} else {
		f.stopSignaled(&o)
	}
	f.endStuck(&o)
	f.endFrozenBelow(&o)
	return o
}

// noteStopSignal notes the stop signal and the grace.
func (f *Facts) noteStopSignal(o *Outcome) {
	o.note(f.SignalFrom, "the stop signal is %s", f.StopSignalName())
	if f.Grace < 0 {
		o.note(f.GraceFrom, "the grace is unlimited")
	} else {
		o.note(f.GraceFrom, "the grace is %s", f.Grace)
	}
}

func (f *Facts) stopSignaled(o *Outcome) {
	f.noteStopSignal(o)
	switch {
	case f.Signal == value.SIGKILL:
		at := time.Duration(0)
		o.Kind, o.ExitCodes, o.After, o.Reason = verdict.Killed, []int{sigkillExitCode}, &at, Unstoppable
		return
	case f.frozen() && !f.Paused:
		f.stopFrozenOutsideDocker(o)
		return
	case f.staysPaused():
		f.notePaused(o, value.Stop)
		if p := f.endsWhileFrozen(); p != nil {
			f.deliver(o, p)
		} else {
			f.survive(o, IsFrozen)
		}
		return
	case f.Paused:
		o.note("docker inspect", "it is paused: the signal stays pending until docker stop itself thaws the container")
	}
	f.deliverToTarget(o)
	if f.freezing() {
		f.undecided(o, "whether the freeze that is requested reaches the process before the signal does",
			append([]verdict.Kind{verdict.Forced}, without(o.candidates(), verdict.Forced)...)...)
		o.Reason = IsFrozen
		o.note("cgroup freezer", "a freeze is requested, and not complete: a frozen process does not act on the signal until a thaw")
	}
	if f.Grace == 0 && o.Kind != verdict.Forced {
		// SIGKILL follows the signal at once: it is a race which of the two ends the program.
		o.Candidates = append([]verdict.Kind{verdict.Forced}, without(o.candidates(), verdict.Forced)...)
		o.Kind, o.DecidedBy, o.Reason = Undecided, "a grace above 0: without one, SIGKILL follows at once", NoGrace
		o.ExitCodes = sortCodes(append(o.ExitCodes, sigkillExitCode))
		o.note(f.GraceFrom, "no grace: SIGKILL follows at once")
	}
}

// stopFrozenOutsideDocker decides what docker stop does to a container that is frozen, but not by Docker.
func (f *Facts) stopFrozenOutsideDocker(o *Outcome) {
	if p := f.endsWhileFrozen(); p != nil {
		o.note("cgroup freezer",
			"it is frozen, but not by Docker; on cgroup v2, a signal whose default action ends a process ends a frozen process too")
		f.deliver(o, p)
		return
	}
	f.survive(o, IsFrozen)
	o.note("cgroup freezer",
		"it is frozen, but not by Docker: the signal stays pending until a thaw, and docker stop does not thaw the container")
	if f.frozenByAncestor() {
		f.keepFrozen(o)
	}
}

// unsentGrace is what Docker waits in place of the grace when the stop signal could not be sent.
const unsentGrace = 2 * time.Second

// stopUnsent decides what docker stop does if its signal cannot be sent.
func (f *Facts) stopUnsent(o *Outcome) {
	after := unsentGrace
	o.Kind, o.ExitCodes, o.After, o.Reason = verdict.Forced, []int{sigkillExitCode}, &after, NoSuchSignal
	o.note(f.SignalFrom, "the stop signal is %s, which is not a valid signal: Docker cannot send it", f.StopSignalName())
	o.note("moby daemon/stop.go", "Docker then waits %s, whatever the grace, and sends SIGKILL", unsentGrace)
	if !f.Paused && f.frozenByAncestor() {
		f.keepFrozen(o)
	}
}

// keepFrozen decides what SIGKILL does while a cgroup above is frozen: v1 delivers no signal at all before the thaw.
func (f *Facts) keepFrozen(o *Outcome) {
	if f.CgroupVersion != 1 {
		o.note("cgroup.events: frozen", "an ancestor cgroup is frozen; SIGKILL ends frozen processes too")
		return
	}
	o.Kind, o.Candidates = Undecided, []verdict.Kind{verdict.FrozenOutsideDocker, o.likeliest()}
	o.After, o.DecidedBy, o.Reason = nil, "when the ancestor cgroup is thawed", IsFrozen
	o.note("freezer.state", "an ancestor cgroup is frozen: cgroup v1 delivers no signal until it is thawed")
}

// staysPaused reports whether a paused container stays paused: Docker thaws it for SIGKILL and for its configured stop signal,
// and for any signal where none is configured. Source: moby daemon/kill.go, killWithSignal.
func (f *Facts) staysPaused() bool {
	return f.Paused && f.ConfiguredSignal != 0 && f.Signal != f.ConfiguredSignal
}

func (f *Facts) notePaused(o *Outcome, verb value.Verb) {
	o.note("docker inspect; moby daemon/kill.go",
		"it is paused, and docker %s thaws it only for its configured stop signal, %s: %s stays pending until a thaw",
		verb, value.SignalName(f.ConfiguredSignal), value.SignalName(f.Signal))
}

// endsWhileFrozen returns the process that the signal ends although it is frozen; nil if the signal does not.
func (f *Facts) endsWhileFrozen() *Process {
	p := f.Target.Process()
	if f.CgroupVersion != 2 || f.Target.Init != "" || p == nil || p.NamespaceInit || p.stopped() || slices.Contains(harmlessByDefault,
		f.Signal) {
		return nil
	}
	if disposition, _ := p.Disposition(f.Signal, f.Grace); disposition != DefaultAction {
		return nil
	}
	return p
}
