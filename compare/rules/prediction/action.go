package prediction

import (
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Action is a docker command on a container, with the flags that change its outcome.
type Action struct {
	Verb   value.Verb     // any but rm
	Signal value.Signal   // of --signal; 0 for the usual one
	Grace  *time.Duration // of -t; nil for the container's own, below 0 for no end
}

// PredictAction decides what an action would do to a running container, by the rules of [Predict]. For a restart it decides what
// its stop would do.
func PredictAction(f Facts, a Action) Outcome {
	switch a.Verb {
	case value.Kill:
		if a.Signal != 0 && a.Signal != value.SIGKILL {
			return f.killWithSignal(a.Signal)
		}
		return f.kill()
	case value.Pause:
		o := f.pause()
		if f.Paused {
			o.Kind, o.After = Refused, nil
		}
		return o
	case value.Unpause:
		return f.unpause()
	case value.Start:
		return f.start()
	}
	f = f.WithFlags(a)
	return f.stop()
}

// WithFlags returns the facts of a stop whose signal or grace is given to docker.
func (f Facts) WithFlags(a Action) Facts {
	if a.Signal != 0 {
		f.Signal, f.SignalFrom = a.Signal, "docker "+string(a.Verb)+" --signal"
	}
	if a.Grace != nil {
		f.Grace, f.GraceFrom = *a.Grace, "docker "+string(a.Verb)+" -t"
	}
	return f
}

// killWithSignal decides what docker kill does with a signal that need not end anything: no SIGKILL follows it.
func (f Facts) killWithSignal(signal value.Signal) Outcome {
	f.Signal, f.Grace, f.signalOnly = signal, -1, true
	o := Outcome{}
	o.note("docker kill --signal", "sends %s, and no SIGKILL after it", value.SignalName(signal))
	outsideDocker := f.frozen() && !f.Paused
	switch {
	case f.unreachable():
		f.signalUnreachable(&o)
		return o
	case outsideDocker || f.staysPaused():
		f.killFrozen(&o, outsideDocker)
		return o
	case f.Paused:
		o.note("docker inspect", "it is paused: docker kill thaws it for this signal")
	}
	f.deliverToTarget(&o)
	return o
}

// killFrozen decides what the signal does to a container that is frozen, and that docker kill does not thaw.
func (f *Facts) killFrozen(o *Outcome, outsideDocker bool) {
	if p := f.endsWhileFrozen(); p != nil {
		o.note("cgroup freezer", "it is frozen; on cgroup v2, a signal whose default action ends a process ends a frozen process too")
		f.deliver(o, p)
		return
	}
	if outsideDocker {
		o.Kind = verdict.FrozenOutsideDocker
		o.note("cgroup freezer",
			"it is frozen, but not by Docker: the signal stays pending until a thaw, and docker kill does not thaw the container")
		return
	}
	o.Kind = verdict.Paused
	f.notePaused(o, value.Kill)
}

func (f *Facts) unpause() Outcome {
	o := Outcome{Kind: Refused}
	switch {
	case !f.Paused && f.frozen():
		o.note("cgroup freezer", "it is frozen, but not by Docker: docker unpause refuses a container that docker pause did not pause")
		return o
	case !f.Paused:
		o.note("docker inspect", "it is not paused")
		return o
	case f.Frozen != nil && !*f.Frozen:
		o.note("cgroup freezer",
			"Docker calls it paused, but the kernel has not frozen it: the runtime refuses to resume it, and Docker keeps calling it paused")
		return o
	case f.frozenByAncestor():
		o.Kind = verdict.FrozenOutsideDocker
		o.note("cgroup freezer", "an ancestor cgroup is frozen: docker unpause succeeds, but the container stays frozen")
		return o
	}
	at := time.Duration(0)
	o.Kind, o.After = verdict.Resumed, &at
	switch {
	case f.Frozen == nil:
		o.note("docker inspect", "it is paused; whether the kernel froze it is unknown")
	case f.PendingKill != "":
		o.Kind, o.ExitCodes = verdict.Killed, []int{sigkillExitCode}
		o.note(f.PendingKill, "a SIGKILL is pending: the container ends as soon as it is thawed")
	default:
		o.note("cgroup freezer",
			"the same processes continue where they were frozen, with their memory intact; signals sent while they were frozen reach them then")
	}
	return o
}

func (f *Facts) start() Outcome {
	o := Outcome{Kind: Unchanged}
	if f.Paused {
		o.Kind = Refused
		o.note("docker inspect", "it is paused: docker start refuses; docker unpause resumes it")
		return o
	}
	o.note("docker inspect", "it is already running: docker start reports success and does nothing")
	return o
}
