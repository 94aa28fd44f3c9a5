package act

import (
	"errors"
	"time"

	"haltscope/compare/report"
	"haltscope/compare/verdict"
	"haltscope/dockercli"
)

// Command is the docker command, as the JSON contract has it.
func (a *Act) Command() report.Command {
	c := report.Command{Argv: a.Call.Argv, ExitCode: report.Known(0)}
	var failed *dockercli.CallError
	if errors.As(a.CommandErr, &failed) {
		c.Error = failed.Cause()
		c.ExitCode = report.Known(failed.ExitCode)
		if failed.ExitCode < 0 {
			c.ExitCode = report.Absent[int](report.Failed, failed.Cause())
		}
	}
	return c
}

// State is Docker's account after the action. ps is left to those who ask for it.
func (a *Act) State() report.State {
	reason, detail := GoneOr(a.AfterErr, "no such container")
	s := report.State{
		Status:    report.Absent[string](reason, detail),
		ExitCode:  report.Absent[int](reason, detail),
		OOMKilled: report.Absent[bool](reason, detail),
		Ps:        report.Absent[string](report.NotMeasured, "docker ps was not asked"),
	}
	if a.After == nil {
		return s
	}
	s.Status = report.Known(dockercli.Clean(a.After.State.Status))
	s.OOMKilled = report.Known(a.After.State.OOMKilled)
	s.ExitCode = report.Known(a.After.State.ExitCode)
	if a.After.State.Running {
		s.ExitCode = report.Absent[int](report.NotMeasured, "it has not ended")
	}
	return s
}

// EndedWith is the exit code of the run that was there before, wherever it is known from.
func (a *Act) EndedWith() report.Maybe[int] {
	switch s, why := a.state(); {
	case s == nil && why == "":
		return report.Absent[int](report.Vanished, "no such container")
	case s == nil:
		return report.Absent[int](report.Failed, why)
	case a.ShimGoneAt != nil && a.Wait == nil:
		return report.Absent[int](report.Failed, "its shim had ended before it, so that nobody waited for its exit code: Docker's is made up")
	case s.Status != "exited" && s.Status != "dead" && s.Status != "removing":
		return report.Absent[int](report.NotMeasured, "it has not ended")
	default:
		code, _ := verdict.MadeUp(s.ExitCode, a.Wait)
		return report.Known(code)
	}
}

// Effect is when it took effect, in milliseconds since the command began.
func (a *Act) Effect() report.Maybe[float64] {
	if a.EffectAt == nil {
		return report.Absent[float64](report.NotMeasured, "no effect was seen")
	}
	return report.Known(Ms(a.EffectAt.Sub(a.Began)))
}

// lifecycle holds the events that a report lists. The others are about haltscope's own questions (`top`) or about what
// happens inside.
var lifecycle = map[string]bool{"create": true, "start": true, "restart": true, "kill": true, "die": true, "stop": true,
	"oom": true, "pause": true, "unpause": true, "destroy": true}

// List lists the events of the container's life, their times since the command began. A number that a label of its name
// has replaced is not told.
func (a *Act) List(events []dockercli.Event) []report.Event {
	all := []report.Event{}
	labels := a.Before.Config.Labels
	for _, e := range events {
		if !lifecycle[e.Action] {
			continue
		}
		all = append(all, report.Event{
			Action:   e.Action,
			Signal:   attribute(e.Action == "kill", labels.Has("signal"), e.SignalNumber),
			ExitCode: attribute(e.Action == "die", labels.Has("exitCode"), e.ExitStatus),
			AtMs:     Ms(e.Time.Sub(a.Began)),
		})
	}
	return all
}

func attribute(carried, replaced bool, read func() (int, bool)) report.Maybe[int] {
	switch v, ok := read(); {
	case !carried:
		return report.Absent[int](report.Unsupported, "events of this action carry none")
	case replaced:
		return report.Absent[int](report.Failed, "a label of the container replaces it")
	case !ok:
		return report.Absent[int](report.Failed, "the event tells no number")
	default:
		return report.Known(v)
	}
}

// Verdict is a verdict, as the JSON contract has it.
func (a *Act) Verdict(v verdict.Verdict) report.Verdict {
	here := report.Host{Engine: a.Docker.Engine()}
	doc := report.Verdict{Kind: string(v.Kind), Missing: v.Missing, Because: []report.Observation{}}
	for _, o := range v.Because {
		at := report.Absent[float64](report.NotMeasured, "the time says nothing")
		if o.At != nil {
			at = report.Known(Ms(*o.At))
		}
		doc.Because = append(doc.Because, report.Observation{Source: here.Of(o.Source), AtMs: at, Value: o.Value})
	}
	return doc
}

// GoneOr tells a container that is gone from one that could not be asked about.
func GoneOr(err error, gone string) (reason, detail string) {
	if err != nil {
		return report.Failed, dockercli.Cause(err)
	}
	return report.Vanished, gone
}

// Ms is a duration in milliseconds, to the microsecond.
func Ms(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}
