package prediction

import (
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Idle is a container that is not running.
type Idle struct {
	Status           string       // docker inspect's
	ConfiguredSignal value.Signal // its configured stop signal; 0 where it has none
	RestartPolicy    string
}

// PredictIdle decides what an action would do to a container that is not running.
func PredictIdle(c Idle, a Action) Outcome {
	if c.Status == "restarting" {
		return c.predictRestarting(a)
	}
	o := Outcome{Kind: Refused}
	switch starts := a.Verb == value.Start || a.Verb == value.Restart; {
	case starts && c.Status != "removing" && c.Status != "dead":
		at := time.Duration(0)
		o.Kind, o.After = Started, &at
		o.note("docker inspect", "%s: docker %s starts a new process; what was in memory is lost", c.Status, a.Verb)
	case a.Verb == value.Stop:
		o.Kind = Unchanged
		o.note("docker inspect", "%s: docker stop reports success and does nothing", c.Status)
	default:
		o.note("docker inspect", "%s: it has no process", c.Status)
	}
	return o
}

// predictRestarting decides for a container that its restart policy will start again: Docker takes it to be running, without a
// process. Tried with Docker 20.10 and 26.1, except a stop with a signal of its own, which is read. Source: moby
// daemon/kill.go, killWithSignal.
func (c Idle) predictRestarting(a Action) Outcome {
	at := time.Duration(0)
	// A kill is of SIGKILL, and a stop of the stop signal, unless another signal is requested.
	cancels := a.Signal == 0 || a.Signal == value.SIGKILL || c.ConfiguredSignal == 0 || a.Signal == c.ConfiguredSignal
	o := Outcome{Kind: Cancelled, After: &at}
	o.note("docker inspect",
		"restarting: it has no process, and its restart policy is waiting to start one; if one has started by then, docker %s acts on that",
		a.Verb)
	if !cancels {
		o.note("moby daemon/kill.go", "only SIGKILL and its configured stop signal, %s, cancel the pending restart: %s does not",
			value.SignalName(c.ConfiguredSignal), value.SignalName(a.Signal))
	}
	switch {
	case a.Verb.Stops() && !cancels:
		o.Kind, o.After, o.Candidates = Undecided, nil, []verdict.Kind{Cancelled, verdict.Killed}
		if a.Verb == value.Restart {
			o.Candidates[0] = Started
		}
		o.DecidedBy = "whether its policy starts it within the grace: SIGKILL then ends that run"
	case a.Verb == value.Restart:
		o.Kind = Started
		o.note("moby daemon/restart.go", "docker restart starts it at once")
	case a.Verb == value.Start:
		o.Kind, o.After = Unchanged, nil
		o.note("moby daemon/start.go", "docker start reports success, does nothing and does not wait")
	case a.Verb == value.Pause || a.Verb == value.Unpause:
		o.Kind, o.After = Refused, nil
	case a.Verb == value.Kill && !cancels:
		o.Kind, o.After = Unchanged, nil
		if c.RestartPolicy == "unless-stopped" {
			o.note("moby daemon/kill.go", "its policy, unless-stopped, still makes the pending restart, but none after it")
		}
	default:
		o.note("moby daemon/kill.go", "docker %s sends no signal and cancels the pending restart: the container stays down", a.Verb)
	}
	return o
}
