package action

import (
	"errors"

	"haltscope/compare/document"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Command is the docker command, as the JSON contract has it.
func (a *Action) Command() document.Command {
	c := document.Command{Argv: a.Call.Argv, ExitCode: value.Known(0)}
	var failed *dockercli.CallError
	if errors.As(a.CommandErr, &failed) {
		c.Error = failed.Cause()
		c.ExitCode = value.Known(failed.ExitCode)
		if failed.ExitCode < 0 {
			c.ExitCode = value.Absent[int](value.Failed, failed.Cause())
		}
	}
	return c
}

// State is Docker's account after the action. ps is left to those who ask for it.
func (a *Action) State() document.State {
	reason, detail := GoneOr(a.AfterErr, "no such container")
	s := document.State{
		Status:    value.Absent[string](reason, detail),
		ExitCode:  value.Absent[int](reason, detail),
		OOMKilled: value.Absent[bool](reason, detail),
		Ps:        value.Absent[string](value.NotMeasured, "docker ps was not asked"),
	}
	if a.After == nil {
		return s
	}
	s.Status = value.Known(value.Clean(a.After.State.Status))
	s.OOMKilled = value.Known(a.After.State.OOMKilled)
	s.ExitCode = value.Known(a.After.State.ExitCode)
	if a.After.State.Running {
		s.ExitCode = value.Absent[int](value.NotMeasured, "it has not ended")
	}
	return s
}

// EndedWith is the exit code of the run that was there before, wherever it is known from.
func (a *Action) EndedWith() value.Maybe[int] {
	switch s, why := a.state(); {
	case s == nil && why == "":
		return value.Absent[int](value.Vanished, "no such container")
	case s == nil:
		return value.Absent[int](value.Failed, why)
	case a.ShimGoneAt != nil && a.Wait == nil:
		return value.Absent[int](value.Failed, "its shim had ended before it, so that nobody waited for its exit code: Docker's is made up")
	case s.Status != "exited" && s.Status != "dead" && s.Status != "removing":
		return value.Absent[int](value.NotMeasured, "it has not ended")
	default:
		code, _ := verdict.MadeUp(s.ExitCode, a.Wait)
		return value.Known(code)
	}
}

// Effect is when it took effect, in milliseconds since the command began.
func (a *Action) Effect() value.Maybe[float64] {
	if a.EffectAt == nil {
		return value.Absent[float64](value.NotMeasured, "no effect was seen")
	}
	return value.Known(value.Milliseconds(a.EffectAt.Sub(a.Began)))
}

// lifecycle holds the events that a report lists. The others are about haltscope's own questions (`top`) or about what
// happens inside.
var lifecycle = map[string]bool{"create": true, "start": true, "restart": true, "kill": true, "die": true, "stop": true,
	"oom": true, "pause": true, "unpause": true, "destroy": true}

// List lists the events of the container's life, their times since the command began. A number that a label of its name
// has replaced is not told.
func (a *Action) List(events []dockercli.Event) []document.Event {
	all := []document.Event{}
	labels := a.Before.Config.Labels
	for _, e := range events {
		if !lifecycle[e.Action] {
			continue
		}
		all = append(all, document.Event{
			Action:   e.Action,
			Signal:   attribute(e.Action == "kill", labels.Has("signal"), e.SignalNumber),
			ExitCode: attribute(e.Action == "die", labels.Has("exitCode"), e.ExitStatus),
			AtMs:     value.Milliseconds(e.Time.Sub(a.Began)),
		})
	}
	return all
}

func attribute(carried, replaced bool, read func() (int, bool)) value.Maybe[int] {
	switch v, ok := read(); {
	case !carried:
		return value.Absent[int](value.Unsupported, "events of this action carry none")
	case replaced:
		return value.Absent[int](value.Failed, "a label of the container replaces it")
	case !ok:
		return value.Absent[int](value.Failed, "the event tells no number")
	default:
		return value.Known(v)
	}
}

// Verdict is a verdict, as the JSON contract has it.
func (a *Action) Verdict(v verdict.Verdict) document.Verdict {
	here := document.Host{Engine: a.Docker.Engine()}
	doc := document.Verdict{Kind: string(v.Kind), Missing: v.Missing, Because: []document.Observation{}}
	for _, o := range v.Because {
		at := value.Absent[float64](value.NotMeasured, "the time says nothing")
		if o.At != nil {
			at = value.Known(value.Milliseconds(*o.At))
		}
		doc.Because = append(doc.Because, document.Observation{Source: here.Of(o.Source), AtMs: at, Value: o.Value})
	}
	return doc
}

// GoneOr tells a container that is gone from one that could not be asked about.
func GoneOr(err error, gone string) (reason, detail string) {
	if err != nil {
		return value.Failed, dockercli.Cause(err)
	}
	return value.Vanished, gone
}
