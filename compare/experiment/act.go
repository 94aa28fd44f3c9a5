package experiment

import (
	"context"
	"fmt"

	"haltscope/compare/action"
)

// act does the action to each twin, all at once, and waits for its effect and its events.
func (x *experiment) act(ctx context.Context) {
	x.each(func(a *arm) {
		done := x.step(a)
		a.Do(ctx)
		if a.CommandErr != nil {
			a.fail(a.CommandErr)
		}
		if a.EventsErr != nil && ctx.Err() == nil {
			a.fail(a.EventsErr)
		}
		done()
	})
}

// step shows the action, and of a stop how its grace runs out.
func (x *experiment) step(a *arm) (done func()) {
	switch {
	case a.Stops():
		return x.progress.Grace("docker "+string(a.Verb), a.Grace)
	case a.Verb == "rm":
		return x.progress.Step("docker rm --force", 0)
	case a.action.Signal != "":
		return x.progress.Step(fmt.Sprintf("docker kill, signal %s", a.action.Signal), 0)
	}
	return x.progress.Step("docker "+a.action.Verb, 0)
}

const (
	effectLimit = action.EffectLimit
	sigkill     = 9
)
