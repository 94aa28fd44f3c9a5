package action

import (
	"errors"
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Command returns the docker command for the JSON contract.
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

// State returns the container's state after the action for the JSON contract, without docker ps.
func (a *Action) State() document.State {
	reason, detail := WhyMissing(a.AfterErr, "no such container")
	s := document.State{
		Status:    value.Absent[string](reason, detail),
		ExitCode:  value.Absent[int](reason, detail),
		OOMKilled: value.Absent[bool](reason, detail),
		Ps:        value.Absent[string](value.NotMeasured, "docker ps was not run"),
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

// EndedWith returns the exit code of the run before the action, from whichever source has it.
func (a *Action) EndedWith() value.Maybe[int] {
	switch s, why := a.stateOfRun(); {
	case a.alive() != nil:
		return value.Absent[int](value.NotMeasured, "it has not ended, whatever Docker says")
	case s == nil && why == "":
		return value.Absent[int](value.Vanished, "no such container")
	case s == nil:
		return value.Absent[int](value.Failed, why)
	case a.ShimGoneAt != nil && a.Wait == nil:
		return value.Absent[int](value.Failed, "its shim ended before it, so nothing waited for its exit code: Docker made its code up")
	case s.Status != "exited" && s.Status != "dead" && s.Status != "removing":
		return value.Absent[int](value.NotMeasured, "it has not ended")
	default:
		code, _ := verdict.RealExitCode(s.ExitCode, a.Wait)
		return value.Known(code)
	}
}

// Effect returns when the action took effect, in milliseconds since the command began.
func (a *Action) Effect() value.Maybe[float64] {
	if a.EffectAt == nil {
		return value.Absent[float64](value.NotMeasured, "no effect was observed")
	}
	return value.Known(value.Milliseconds(a.EffectAt.Sub(a.Began)))
}

// Lifecycle lists the events that a report lists. The others are caused by haltscope's own questions (top), or about what happens
// inside the container.
var Lifecycle = []string{"create", "start", "restart", "kill", "die", "stop", "oom", "pause", "unpause", "destroy"}

// ListEvents returns the lifecycle events for the JSON contract, with times since the command began. A number is absent if a label
// of the container replaces it.
func (a *Action) ListEvents(events []dockercli.Event) []document.Event {
	all := []document.Event{}
	labels := a.Before.Config.Labels
	for _, e := range events {
		if !slices.Contains(Lifecycle, e.Action) {
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

// attribute returns a number of an event. carried says whether events of that action have it, and replaced whether a label replaces
// it.
func attribute(carried, replaced bool, read func() (int, bool)) value.Maybe[int] {
	switch v, ok := read(); {
	case !carried:
		return value.Absent[int](value.Unsupported, "events of this action have none")
	case replaced:
		return value.Absent[int](value.Failed, "a container label overrides it")
	case !ok:
		return value.Absent[int](value.Failed, "the event has no number")
	default:
		return value.Known(v)
	}
}

// Verdict returns a verdict for the JSON contract.
func (a *Action) Verdict(v verdict.Verdict) document.Verdict {
	here := document.Host{Engine: string(a.Docker.Engine())}
	how := v.How
	if v.GraceRanOut {
		how = "" // forced says so
	}
	doc := document.Verdict{Kind: v.Kind, How: how, Of: v.Of, Under: append([]string{}, v.Under...), Missing: v.Missing,
		Because: []document.Observation{}}
	for _, o := range v.Because {
		at := value.Absent[float64](value.NotMeasured, "the time does not matter")
		if o.At != nil {
			at = value.Known(value.Milliseconds(*o.At))
		}
		doc.Because = append(doc.Because, document.Observation{Source: here.Source(o.Source), AtMs: at, Value: o.Value})
	}
	return doc
}

// ListEnds returns how the container's processes ended, for the JSON contract, and why the list may be incomplete; "" if it is complete.
func (a *Action) ListEnds() (ends value.Maybe[[]document.Ended], missed string) {
	switch {
	case !a.Ends():
		return value.Absent[[]document.Ended](value.Unsupported, "the action ends no process"), ""
	case a.Group == nil:
		return value.Absent[[]document.Ended](value.Vanished, "it was not running"), ""
	case a.Processes == nil:
		return value.Absent[[]document.Ended](value.NotMeasured, "the container's processes were not observed"), ""
	case len(a.Processes.All) == 0 && a.Processes.Missed != "":
		return value.Absent[[]document.Ended](value.Failed, a.Processes.Missed), a.Processes.Missed
	}
	all := []document.Ended{}
	for i := range a.Processes.All {
		p := &a.Processes.All[i]
		e := document.Ended{PID: p.PID, Parent: p.Parent, Name: p.Name, ByExec: p.Injected, EndedBeforeFirst: p.BeforeFirst}
		switch {
		case p.EndedAt == nil:
			const why = "it had not ended"
			e.AtMs = value.Absent[float64](value.NotMeasured, why)
			e.ExitCode, e.Signal = value.Absent[int](value.NotMeasured, why), value.Absent[int](value.NotMeasured, why)
		case p.Wait == nil:
			const why = verdict.NotReported
			e.ExitCode, e.Signal = value.Absent[int](value.Failed, why), value.Absent[int](value.Failed, why)
		case p.Wait.Signaled():
			e.ExitCode, e.Signal = value.Absent[int](value.Unsupported, "a signal ended it"), value.Known(int(p.Wait.Signal()))
		default:
			e.ExitCode, e.Signal = value.Known(p.Wait.ExitStatus()), value.Absent[int](value.Unsupported, "no signal ended it")
		}
		if p.EndedAt != nil {
			e.AtMs = value.Known(value.Milliseconds(*p.EndedAt))
		}
		all = append(all, e)
	}
	return value.Known(all), a.Processes.Missed
}

// WhyMissing returns why there is no answer about a container: the error or, without one, that it is gone.
func WhyMissing(err error, gone string) (reason value.Reason, detail string) {
	if err != nil {
		return value.Failed, dockercli.Cause(err)
	}
	return value.Vanished, gone
}
