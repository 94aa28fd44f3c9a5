package action

import (
	"slices"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Facts lays what was seen of the run that was there before, before the rules.
func (a *Action) Facts() verdict.Facts {
	f := a.FactsNow()
	f.State, f.StateError = a.state()
	return f
}

// FactsBefore are Facts of that run alone, as of a verb that was to end it: neither what the container is now, nor what
// Docker has told since another run began, is about its end.
func (a *Action) FactsBefore(verb string) verdict.Facts {
	f := a.FactsNow()
	f.Verb, f.State, f.StateError, f.CommandError = verb, nil, "", ""
	if a.EffectAt == nil {
		f.StateError = "the run before has not ended"
	} else if code, source, ok := a.ended(); ok {
		f.State = &verdict.State{Status: "exited", ExitCode: code, Source: source}
	}
	if i := slices.IndexFunc(f.Events, func(e verdict.Event) bool { return e.Action == "start" }); i >= 0 {
		f.Events = f.Events[:i:i]
	}
	return f
}

// FactsNow lays what was seen before the rules, and the state in which the container is now, whichever run that is of.
func (a *Action) FactsNow() verdict.Facts {
	f := verdict.Facts{Verb: a.Verb, Signal: a.Signal, Wait: a.Wait, Receiver: a.Receiver}
	if a.Stops() {
		f.Grace = &a.Grace
	}
	f.EventsError = a.Docker.UntoldByEvents(a.Verb)
	if a.EventsErr != nil {
		f.EventsError = a.EventsErr.Error()
	}
	if a.CommandErr != nil {
		f.CommandError = dockercli.Cause(a.CommandErr)
	}
	for _, e := range a.Heard {
		event := verdict.Event{Action: e.Action, At: e.Time.Sub(a.Began)}
		if !a.Before.Config.Labels.Has("signal") {
			event.Signal, _ = e.SignalNumber()
		}
		f.Events = append(f.Events, event)
	}
	if a.AfterErr != nil {
		f.StateError = dockercli.Cause(a.AfterErr)
	} else if a.After != nil {
		f.State = a.stateNow()
	}
	if kills, ok := a.OOMKills.Value(); ok {
		f.OOMKills, f.OOMSource = &kills, a.Now.Sources()["oom_kill"]
	}
	if a.Ends() && a.EffectAt != nil {
		gone := a.EffectAt.Sub(a.Began)
		f.GoneAt = &gone
	}
	if a.CommandErr == nil && a.Call.Elapsed > 0 {
		f.ReturnedAt = &a.Call.Elapsed
	}
	if a.Shim != nil {
		f.Shim = &verdict.Shim{PID: a.Shim.PID}
		if a.ShimGoneAt != nil {
			lost := a.ShimGoneAt.Sub(a.Began)
			f.Shim.LostAt = &lost
		}
	}
	if r := a.ReadAfter.Freezer; a.Now != nil && r.Frozen.State() == figure.Present {
		sources := a.Now.Sources()
		f.Freezer = &verdict.Freezer{Requested: r.Requested.Bool(), Frozen: r.Frozen.Bool(),
			RequestedSource: sources["requested"], FrozenSource: sources["frozen"]}
	}
	return f
}

// state is how the run stands that was there before. Where another has begun, inspect tells of that one, and of what was
// removed it tells nothing.
func (a *Action) state() (*verdict.State, string) {
	if a.AfterErr != nil {
		return nil, dockercli.Cause(a.AfterErr)
	}
	ended := a.Ends() && a.EffectAt != nil
	switch again := a.After != nil && a.After.State.Running; {
	case ended && (again || a.After == nil && (a.CommandErr == nil || a.Before.HostConfig.AutoRemove)):
		code, source, ok := a.ended()
		if !ok && again {
			return nil, "another run of the container has begun before Docker could be asked for the exit code of the one before"
		}
		if !ok && !a.Before.HostConfig.AutoRemove {
			return nil, "" // removed by somebody
		}
		if !ok {
			return nil, "--rm has removed the container before Docker could be asked for its exit code"
		}
		return &verdict.State{Status: "exited", ExitCode: code, Source: source}, ""
	case a.After == nil:
		return nil, ""
	}
	return a.stateNow(), ""
}

func (a *Action) stateNow() *verdict.State {
	s := a.After.State
	return &verdict.State{Status: value.Clean(s.Status), ExitCode: s.ExitCode, OOMKilled: s.OOMKilled}
}

// ended is the exit code of the run that was there before, by others than inspect: the kernel, or Docker's event.
func (a *Action) ended() (code int, source string, ok bool) {
	switch {
	case a.Wait != nil && a.Wait.Signaled():
		return 128 + int(a.Wait.Signal()), verdict.WaitSource, true
	case a.Wait != nil:
		return a.Wait.ExitStatus(), verdict.WaitSource, true
	case a.Before.Config.Labels.Has("exitCode"):
		return 0, "", false
	}
	for _, e := range a.Heard {
		if code, ok := e.ExitStatus(); ok && e.Action == "die" {
			return code, "docker events: die", true
		}
	}
	return 0, "", false
}
