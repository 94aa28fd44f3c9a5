package prediction

import (
	"slices"
	"strings"
	"time"

	"haltscope/compare/rules/verdict"
)

// What a verb may come to beside the verdicts.
const (
	Started   verdict.Kind = "started"   // a new first process begins
	Unchanged verdict.Kind = "unchanged" // docker reports success, and nothing is done
	Refused   verdict.Kind = "refused"   // docker reports an error, and nothing is done
	// CalledOff: the start that its restart policy was waiting to make is not made, and it stays as it ended.
	Cancelled verdict.Kind = "called-off"
)

// Verb is an action on a container, with the flags that change what it comes to.
type Action struct {
	Verb   string         // kill, stop, pause, unpause, start, restart
	Signal int            // of --signal; 0 for the usual one
	Grace  *time.Duration // of -t; nil for the container's own, below 0 for ever
}

// Expect says what a verb would come to with a container that runs, by the rules of [Predict]. A restart's is that of its
// stop.
func PredictAction(f Facts, v Action) Outcome {
	switch v.Verb {
	case "kill":
		if v.Signal != 0 && v.Signal != sigkill {
			return f.killWithSignal(v.Signal)
		}
		return f.kill()
	case "pause":
		o := f.pause()
		if f.Paused {
			o.Kind, o.After = Refused, nil
		}
		return o
	case "unpause":
		return f.unpause()
	case "start":
		return f.start()
	}
	f = f.WithFlags(v)
	return f.stop()
}

// By are the facts of a stop whose signal or grace docker is told.
func (f Facts) WithFlags(v Action) Facts {
	if v.Signal != 0 {
		f.Signal, f.SignalFrom = v.Signal, "docker "+v.Verb+" --signal"
	}
	if v.Grace != nil {
		f.Grace, f.GraceFrom = *v.Grace, "docker "+v.Verb+" -t"
	}
	return f
}

// sent is a docker kill with a signal that need not end anything: no SIGKILL follows it.
func (f Facts) killWithSignal(signal int) Outcome {
	f.Signal, f.Grace, f.signalOnly = signal, -1, true
	o := Outcome{}
	o.note("docker kill --signal", "sends %s, and no SIGKILL behind it", Name(signal))
	held := f.Frozen != nil && *f.Frozen && !f.Paused
	switch {
	case held || f.staysPaused():
		if p := f.endsWhileFrozen(); p != nil {
			o.note("cgroup freezer", "it is frozen; on cgroup v2 a signal whose default action ends a process ends a frozen one, too")
			f.deliver(&o, p)
			return o
		}
		o.Kind = verdict.Paused
		if held {
			o.Kind = verdict.FrozenOutsideDocker
			o.note("cgroup freezer", "it is frozen, and not by Docker: the signal waits for a thaw that docker kill does not see to")
		} else {
			f.notePaused(&o, "kill")
		}
		return o
	case f.Paused:
		o.note("docker inspect", "it is paused: docker kill thaws it for this signal")
	}
	f.deliverToTarget(&o)
	// Twins get no signal but their stop's, and there is no grace.
	o.DecidedBy, _, _ = strings.Cut(o.DecidedBy, ": haltscope predict --verify")
	o.DecidedBy = strings.ReplaceAll(o.DecidedBy, " within the grace", "")
	return o
}

// staysPaused: docker thaws a paused container for SIGKILL and for its configured stop signal, and for any signal where
// none is configured. Source: moby daemon/kill.go, killWithSignal.
func (f *Facts) staysPaused() bool { return f.Paused && f.ConfiguredSignal != 0 && f.Signal != f.ConfiguredSignal }

func (f *Facts) notePaused(o *Outcome, verb string) {
	o.note("docker inspect; moby daemon/kill.go", "it is paused, and docker %s thaws it for its configured stop signal, %s, alone: %s waits for a thaw", verb, Name(f.ConfiguredSignal), Name(f.Signal))
}

func (f *Facts) unpause() Outcome {
	at := time.Duration(0)
	o := Outcome{Kind: verdict.Resumed, After: &at}
	frozen := f.Frozen != nil && *f.Frozen
	switch {
	case !f.Paused && frozen:
		o.Kind = Refused
		o.note("cgroup freezer", "it is frozen, and not by Docker: docker unpause refuses what docker pause has not paused")
	case !f.Paused:
		o.Kind = Refused
		o.note("docker inspect", "it is not paused")
	case f.Frozen == nil:
		o.note("docker inspect", "it is paused; whether the kernel has frozen it is not known")
	case !frozen:
		o.Kind = Refused
		o.note("cgroup freezer", "Docker has it paused, and the kernel does not: the runtime refuses to resume what is not frozen, and Docker goes on to call it paused")
	case f.frozenByAncestor():
		o.Kind = verdict.FrozenOutsideDocker
		o.note("cgroup freezer", "a cgroup above is frozen: docker unpause goes through, and it stays frozen")
	case f.PendingKill != "":
		o.Kind, o.ExitCodes = verdict.Killed, []int{forcedCode}
		o.note(f.PendingKill, "a SIGKILL is pending: it ends as soon as it is thawed")
		return o
	default:
		o.note("cgroup freezer", "the same processes go on where they stood, with the memory they had; signals that came meanwhile reach them then")
	}
	if o.Kind != verdict.Resumed {
		o.After = nil
	}
	return o
}

func (f *Facts) start() Outcome {
	o := Outcome{Kind: Unchanged}
	if f.Paused {
		o.Kind = Refused
		o.note("docker inspect", "it is paused: docker start refuses, and docker unpause is what brings it back")
		return o
	}
	o.note("docker inspect", "it runs already: docker start reports success, and does nothing")
	return o
}

// Idle says what a verb would come to with a container that does not run. status is docker inspect's; stopSignal is the
// configured one, 0 where none is; policy the restart policy.
func PredictIdle(status string, v Action, stopSignal int, policy string) Outcome {
	at := time.Duration(0)
	o := Outcome{}
	switch {
	case status == "restarting":
		return predictRestarting(v, stopSignal, policy)
	case slices.Contains([]string{"start", "restart"}, v.Verb) && status != "removing" && status != "dead":
		o.Kind, o.After = Started, &at
		o.note("docker inspect", "%s: docker %s begins a new process; nothing of what was in memory comes back", status, v.Verb)
		return o
	case v.Verb == "stop":
		o.Kind = Unchanged
		o.note("docker inspect", "%s: docker stop reports success, and does nothing", status)
		return o
	default:
		o.Kind = Refused
	}
	o.note("docker inspect", "%s: no process is there", status)
	return o
}

// between is a container that its restart policy will start again: Docker takes it to be running, without a process.
// Tried with Docker 20.10 and 26.1, but for a stop with a signal of its own, which is read. Source: moby daemon/kill.go,
// killWithSignal.
func predictRestarting(v Action, stopSignal int, policy string) Outcome {
	at := time.Duration(0)
	// A kill is of SIGKILL, and a stop of the stop signal, unless another is asked for.
	off := v.Signal == 0 || v.Signal == sigkill || stopSignal == 0 || v.Signal == stopSignal
	o := Outcome{Kind: Cancelled, After: &at}
	o.note("docker inspect", "restarting: no process is there, and its restart policy waits to start one; where it has by then, docker %s meets that", v.Verb)
	if !off {
		o.note("moby daemon/kill.go", "only SIGKILL and its configured stop signal, %s, call the start off: %s does not", Name(stopSignal), Name(v.Signal))
	}
	switch {
	case (v.Verb == "stop" || v.Verb == "restart") && !off:
		o.Kind, o.After, o.Candidates = Undecided, nil, []verdict.Kind{Cancelled, verdict.Killed}
		if v.Verb == "restart" {
			o.Candidates[0] = Started
		}
		o.DecidedBy = "whether its policy starts it within the grace: SIGKILL ends that one"
	case v.Verb == "restart":
		o.Kind = Started
		o.note("moby daemon/restart.go", "docker restart starts it at once")
	case v.Verb == "start":
		o.Kind, o.After = Unchanged, nil
		o.note("moby daemon/start.go", "docker start reports success, does nothing, and waits for nothing")
	case v.Verb == "pause" || v.Verb == "unpause":
		o.Kind, o.After = Refused, nil
	case v.Verb == "kill" && !off:
		o.Kind, o.After = Unchanged, nil
		if policy == "unless-stopped" {
			o.note("moby daemon/kill.go", "its policy, unless-stopped, makes that start, and none after it")
		}
	default:
		o.note("moby daemon/kill.go", "docker %s sends nothing, and calls the start off: it stays as it ended", v.Verb)
	}
	return o
}
