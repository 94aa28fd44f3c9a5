package action

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Facts returns what a verdict on the run before the action rests on.
func (a *Action) Facts() verdict.Facts {
	f := a.FactsNow()
	f.State, f.StateError = a.stateOfRun()
	f.Events = untilStart(f.Events)
	if signal, ok := a.anotherSignal(f.Events); ok {
		f.Verb, f.Signal, f.Grace, f.Target = value.Stop, signal, nil, a.Dispositions.For(signal)
	}
	return f
}

// anotherRun reports whether the container has been started since the action began: inspect is then about that run, even if it has ended
// as well.
func (a *Action) anotherRun() bool {
	return a.After != nil && a.After.State.StartedAt.After(a.Before.State.StartedAt)
}

// untilStart leaves out what happened to the runs after the first one, except that they began.
func untilStart(events []verdict.Event) (all []verdict.Event) {
	later := false
	for _, e := range events {
		starts := e.Action == "start" || e.Action == "restart"
		if later = later || starts; !later || starts {
			all = append(all, e)
		}
	}
	return all
}

// anotherSignal returns the signal that Docker had sent to the run before the action for another client, if the action's own came
// after that run. SIGKILL does not count: it leaves no question, whoever requested it.
func (a *Action) anotherSignal(events []verdict.Event) (first value.Signal, ok bool) {
	if !a.anotherRun() || a.Signal == 0 {
		return 0, false
	}
	for _, e := range events {
		switch {
		case e.Action != "kill":
		case e.Signal == a.Signal, e.Signal == 0:
			return 0, false
		case first == 0:
			first = e.Signal
		}
	}
	return first, first != 0 && first != value.SIGKILL
}

// laterRuns says what is known about the runs after the one before the action.
func (a *Action) laterRuns() (all []verdict.Observation) {
	if !a.anotherRun() {
		return nil
	}
	if _, ok := a.anotherSignal(untilStart(a.verdictEvents())); ok {
		text := fmt.Sprintf("%s %s came after it", a.Docker.Engine(), a.Verb)
		if a.Verb != value.Restart {
			text += ", and reached the run that another client had begun"
		}
		all = append(all, verdict.Observation{Source: "docker events", Value: text})
	}
	if s := &a.After.State; !s.Running {
		all = append(all, verdict.Observation{Source: "docker inspect",
			Value: fmt.Sprintf("the run after it has ended as well, with exit code %d", s.ExitCode)})
	}
	return all
}

// FactsBefore returns what a verdict on the run before the action rests on, as if verb had been meant to end it. It leaves out
// the container's present state, and the events since another run began: neither is about the end of that run.
func (a *Action) FactsBefore(verb value.Verb) verdict.Facts {
	f := a.FactsNow()
	f.Verb, f.State, f.StateError, f.CommandError = verb, nil, "", ""
	if a.EffectAt == nil {
		f.StateError = "the previous run has not ended"
	} else if code, source, ok := a.exitCode(); ok {
		f.State = &verdict.State{Status: "exited", ExitCode: code, Source: source}
	}
	if i := slices.IndexFunc(f.Events, func(e verdict.Event) bool { return e.Action == "start" }); i >= 0 {
		f.Events = f.Events[:i:i]
	}
	return f
}

// FactsNow returns what a verdict rests on, with the container's present state, which may be that of a later run.
func (a *Action) FactsNow() verdict.Facts {
	f := verdict.Facts{Verb: a.Verb, Signal: a.Signal, Wait: a.Wait, Target: a.Target, Events: a.verdictEvents(), Shim: a.shimFacts(),
		Freezer: a.freezerFacts(), Alive: a.alive(), FrozenBelow: a.frozenBelow(), Ends: a.Processes, FineCodes: a.FineCodes}
	f.SharesNamespace = strings.HasPrefix(a.Before.HostConfig.PidMode, "container:")
	f.NamespaceInit = a.Before.HostConfig.PidMode == "" // Docker gives it a PID namespace of its own
	if a.Stops() {
		f.Grace = &a.Grace
	}
	f.EventsError = a.Docker.Engine().EventsLack(a.Verb)
	if a.EventsErr != nil {
		f.EventsError = a.EventsErr.Error()
	}
	if a.CommandErr != nil {
		f.CommandError = dockercli.Cause(a.CommandErr)
	}
	if a.AfterErr != nil {
		f.StateError = dockercli.Cause(a.AfterErr)
	} else if a.After != nil {
		f.State = a.stateNow()
	}
	if kills, ok := a.OOMKills.Value(); ok {
		f.OOMKills, f.OOMSource = &kills, a.Now.Sources()["oom_kill"]
	}
	if a.Ends() {
		f.EndedAt = a.since(a.EffectAt)
	}
	if a.CommandErr == nil && a.Call.Elapsed > 0 {
		f.ReturnedAt = &a.Call.Elapsed
	}
	return f
}

// since returns the time since the command began; nil for nil.
func (a *Action) since(at *time.Time) *time.Duration {
	if at == nil {
		return nil
	}
	d := at.Sub(a.Began)
	return &d
}

// verdictEvents returns the events for the verdict. A label named signal replaces the signal of an event, which then is not known.
func (a *Action) verdictEvents() (all []verdict.Event) {
	hidden := a.Before.Config.Labels.Has("signal")
	for _, e := range a.EventsSeen {
		event := verdict.Event{Action: e.Action, At: e.Time.Sub(a.Began)}
		if n, ok := e.SignalNumber(); ok && !hidden {
			event.Signal = unix.Signal(n)
		}
		all = append(all, event)
	}
	return all
}

func (a *Action) shimFacts() *verdict.Shim {
	if a.Shim == nil {
		return nil
	}
	return &verdict.Shim{PID: a.Shim.PID, LostAt: a.since(a.ShimGoneAt)}
}

func (a *Action) freezerFacts() *verdict.Freezer {
	f := a.ReadAfter.Freezer
	if a.Now == nil || f.Frozen.State() != figure.Present {
		return nil
	}
	sources := a.Now.Sources()
	requested := sources["requested"]
	if f.By != "" && f.By != a.Now.Path {
		requested += " of " + value.Quote(f.By)
	}
	return &verdict.Freezer{Requested: f.Requested.Bool(), Frozen: f.Frozen.Bool(), RequestedSource: requested,
		FrozenSource: sources["frozen"]}
}

// stateOfRun returns the state of the run before the action. If another run has begun, inspect is about that one, and it says
// nothing about a removed container: the kernel's or the event's exit code then stands in. The text says why the state is nil; ""
// with a nil state means that the container is gone.
func (a *Action) stateOfRun() (*verdict.State, string) {
	if a.AfterErr != nil {
		return nil, dockercli.Cause(a.AfterErr)
	}
	ended := a.Ends() && (a.EffectAt != nil || a.anotherRun())
	runsAgain := a.After != nil && (a.After.State.Running || a.anotherRun())
	removed := a.After == nil && (a.CommandErr == nil || a.Before.HostConfig.AutoRemove)
	if !ended || !runsAgain && !removed {
		if a.After == nil {
			return nil, ""
		}
		return a.stateNow(), ""
	}
	code, source, ok := a.exitCode()
	switch {
	case ok:
		return &verdict.State{Status: "exited", ExitCode: code, Source: source}, ""
	case runsAgain:
		return nil, "the container was started again before Docker could be asked for the exit code of the previous run"
	case a.Before.HostConfig.AutoRemove:
		return nil, "--rm removed the container before Docker could be asked for its exit code"
	}
	return nil, "" // removed by somebody
}

func (a *Action) stateNow() *verdict.State {
	s := a.After.State
	return &verdict.State{Status: value.Clean(s.Status), ExitCode: s.ExitCode, OOMKilled: s.OOMKilled}
}

// exitCode returns the exit code of the run before the action from other sources than inspect: the kernel, or Docker's event. After
// reboot(2), the kernel's word is not the exit code.
func (a *Action) exitCode() (code int, source string, ok bool) {
	code, ok = a.eventExitCode()
	switch {
	case a.Wait != nil && !(ok && verdict.IsReboot(code, a.Wait)):
		return value.WaitExitCode(*a.Wait), verdict.WaitSource, true
	case ok:
		return code, "docker events: die", true
	}
	return 0, "", false
}

// eventExitCode returns the exit code in the die event. A label named exitCode replaces it, and then it is not known.
func (a *Action) eventExitCode() (code int, ok bool) {
	if a.Before.Config.Labels.Has("exitCode") {
		return 0, false
	}
	for _, e := range a.EventsSeen {
		if code, ok := e.ExitStatus(); ok && e.Action == "die" {
			return code, true
		}
	}
	return 0, false
}
