package experiment

import (
	"context"
	"fmt"

	"haltscope/compare/twin"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// startedTwin is a twin that docker run has started.
type startedTwin struct {
	action   Action // to be performed on it
	name, id string
	failures *failures // those that concern this twin alone
}

// runner is what starting a twin asks of Docker.
type runner interface {
	inspector
	actor
	CreateLike(ctx context.Context, env dockercli.Environment, flags []string, image string, command ...string) (string, error)
	RunLike(ctx context.Context, env dockercli.Environment, flags []string, image string, command ...string) (string, error)
}

// start starts one twin per action, concurrently. An interruption does not cut a `docker run` off: the daemon might still
// finish it, unseen.
func (x *experiment) start(ctx context.Context, docker runner, r recipe) ([]startedTwin, error) {
	done := x.progress.Step(fmt.Sprintf("starting %s of %s", value.Count(len(x.Actions), "twin", "twins"), r.image), 0)
	defer done()
	errs := make([]error, len(x.Actions))
	twins := each(x.Actions, func(i int, action Action) startedTwin {
		t := startedTwin{action: action, name: twin.Name(x.run, i+1, action.Verb), failures: &failures{}}
		t.id, errs[i] = x.runTwin(ctx, docker, r, t.name)
		return t
	})
	for _, err := range errs {
		if err != nil {
			return nil, err // the others failed for the same reason
		}
	}
	return twins, ctx.Err()
}

// runTwin starts a twin, and returns its id. Volumes with a copy of something are filled before the start.
func (x *experiment) runTwin(ctx context.Context, docker runner, r recipe, name string) (string, error) {
	flags := append(twin.Flags(x.run, name, r.network, x.owner), r.flags...)
	begin := docker.RunLike
	if x.image.like.copied() {
		begin = docker.CreateLike
	}
	id, err := begin(context.WithoutCancel(ctx), r.environment, flags, r.image, r.command...)
	x.leftovers.add(id, err)
	if err == nil && x.image.like.copied() {
		err = x.startCopied(ctx, docker, id)
	}
	return id, err
}
