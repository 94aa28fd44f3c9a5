package action

import (
	"context"
	"fmt"
	"slices"
	"time"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// afterDie is how long the other events of an end are waited for after the end itself was reported.
const afterDie = 5 * time.Second

// awaitEvents waits for events of the container. The error says why they may be incomplete.
func (a *Action) awaitEvents(ctx context.Context, since time.Time, want []string) error {
	events, id := a.Events, a.Before.ID
	limited, cancel := context.WithTimeout(ctx, a.Docker.CallTimeout())
	defer cancel()
	has := func(actions ...string) func([]dockercli.Event) bool {
		return func(events []dockercli.Event) bool { return HasEvents(events, actions...) }
	}
	if slices.Contains(want, "die") {
		// Docker has returned, so the events are on their way. There is no kill for a signal that the runtime did not send, and no
		// stop if another client's kill came first.
		events.Await(limited, id, since, has("die"))
		soon, cancel := context.WithTimeout(limited, afterDie)
		defer cancel()
		if !events.Await(soon, id, since, has(want...)) && events.Err() == nil && ctx.Err() == nil {
			want = slices.DeleteFunc(slices.Clone(want), func(action string) bool { return action == "kill" || action == "stop" })
		}
	}
	if events.Await(limited, id, since, has(want...)) {
		return nil
	}
	if err := events.Err(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("docker events did not report all events of the action within %s (--timeout)", a.Docker.CallTimeout())
}

// expectedEvents returns the events that the engine is known to send for the action; none where there was nothing to do. running
// says that the container was running before.
func expectedEvents(engine dockercli.Engine, r *Request, before *dockercli.Container, result *Result, running bool) []string {
	ended := r.Ends() && running && result.EffectAt != nil
	switch {
	case result.CommandErr != nil && ended:
		return []string{"die"} // by this or by something else; which events follow it is not known
	case result.CommandErr != nil:
		return nil
	case ended:
		return eventsOfEnd(engine, r.Verb, before)
	case r.Verb == value.Kill && running, r.Verb == value.Start && !running:
		return []string{string(r.Verb)}
	case r.Verb == value.Restart, r.Verb == value.Pause, r.Verb == value.Unpause:
		return []string{string(r.Verb)}
	}
	return nil
}

// eventsOfEnd returns the events that the engine is known to send for a verb that has ended a container.
func eventsOfEnd(engine dockercli.Engine, verb value.Verb, before *dockercli.Container) (want []string) {
	switch verb {
	case value.Restart:
		return []string{"die", "start", "restart"}
	case value.Remove:
		return []string{"die", "destroy"}
	case value.Kill:
		want = []string{"kill"}
	}
	policy := before.HostConfig.RestartPolicy.Name
	want = append(want, engine.EndEvents(verb, policy != "" && policy != "no")...)
	if before.HostConfig.AutoRemove {
		want = append(want, "destroy")
	}
	return want
}

// HasEvents reports whether all the actions are among the events.
func HasEvents(events []dockercli.Event, actions ...string) bool {
	for _, action := range actions {
		if !slices.ContainsFunc(events, func(e dockercli.Event) bool { return e.Action == action }) {
			return false
		}
	}
	return true
}
