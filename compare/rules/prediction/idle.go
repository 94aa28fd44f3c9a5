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
		o.note("docker inspect", "%s: docker %s begins a new process; nothing of what was in memory comes back", c.Status, a.Verb)
	case a.Verb == value.Stop:
		o.Kind = Unchanged
		o.note("docker inspect", "%s: docker stop reports success, and does nothing", c.Status)
	default:
		o.note("docker inspect", "%s: no process is there", c.Status)
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
		"restarting: no process is there, and its restart policy waits to start one; where it has by then, docker %s meets that", a.Verb)
	if !cancels {
		o.note("moby daemon/kill.go", "only SIGKILL and its configured stop signal, %s, call the start off: %s does not",
			value.SignalName(c.ConfiguredSignal), value.SignalName(a.Signal))
	}
	switch {
	case a.Verb.Stops() && !cancels:
		o.Kind, o.After, o.Candidates = Undecided, nil, []verdict.Kind{Cancelled, verdict.Killed}
		if a.Verb == value.Restart {
			o.Candidates[0] = Started
		}
		o.DecidedBy = "whether its policy starts it within the grace: SIGKILL ends that one"
	case a.Verb == value.Restart:
		o.Kind = Started
		o.note("moby daemon/restart.go", "docker restart starts it at once")
	case a.Verb == value.Start:
		o.Kind, o.After = Unchanged, nil
		o.note("moby daemon/start.go", "docker start reports success, does nothing, and waits for nothing")
	case a.Verb == value.Pause || a.Verb == value.Unpause:
		o.Kind, o.After = Refused, nil
	case a.Verb == value.Kill && !cancels:
		o.Kind, o.After = Unchanged, nil
		if c.RestartPolicy == "unless-stopped" {
			o.note("moby daemon/kill.go", "its policy, unless-stopped, makes that start, and none after it")
		}
	default:
		o.note("moby daemon/kill.go", "docker %s sends nothing, and calls the start off: it stays as it ended", a.Verb)
	}
	return o
}
