package experiment

import (
	"context"
	"fmt"

	"haltscope/compare/action"
	"haltscope/compare/value"
)

// perform performs the action on each twin, concurrently, and waits for its effect and its events.
func (x *experiment) perform(ctx context.Context, twins []*preparedTwin) []action.Action {
	return each(twins, func(_ int, t *preparedTwin) action.Action {
		a := action.Action{
			Request: action.Request{Verb: t.action.Verb, SignalFlag: t.action.Signal, GraceFlag: t.action.Grace,
				Signal: t.signal, Grace: t.grace, SignalWait: x.Hold, FineCodes: x.FineCodes},
			Initial: action.Initial{Before: t.container, Group: t.group, Process: t.process,
				Target: t.baseline.target, ReadBefore: t.baseline.reading},
			Docker: x.docker, Events: x.events, Log: x.docker.Log,
		}
		done := x.actionStep(t)
		defer done()
		a.Do(ctx)
		if a.CommandErr != nil {
			t.failures.add(a.CommandErr)
		}
		if a.EventsErr != nil && ctx.Err() == nil {
			t.failures.add(a.EventsErr)
		}
		return a
	})
}

// actionStep shows the action, and how the grace of a stop runs out.
func (x *experiment) actionStep(t *preparedTwin) (done func()) {
	a := t.action
	switch {
	case a.Verb.Stops():
		return x.progress.Grace("docker "+string(a.Verb), t.grace)
	case a.Verb == value.Remove:
		return x.progress.Step("docker rm --force", 0)
	case a.Signal != "":
		return x.progress.Step(fmt.Sprintf("docker kill, signal %s", a.Signal), 0)
	}
	return x.progress.Step("docker "+string(a.Verb), 0)
}
