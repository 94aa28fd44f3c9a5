// Package clean removes what interrupted runs have left: twins, their networks, and images of the embedded workload.
package clean

import (
	"context"
	"errors"
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/twin"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Clean removes the twins and networks of runs that are over, and the images of the embedded workload if no other run may need
// them. It leaves, and lists, everything that was not certainly made by haltscope, that a run may still use, or that docker
// could not inspect. It may return both a report and an error if only some could not be removed.
func Clean(ctx context.Context, docker *dockercli.Client) (*document.Clean, error) {
	// Owners on another machine, or of another user, cannot be looked up here: their runs would seem to be over.
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, err
	}
	me, err := twin.NewObserver()
	if err != nil {
		return nil, err
	}
	c := &cleaning{docker: docker, kernel: kernel, me: &me, inspected: map[string]inspection{},
		done: document.Clean{Schema: document.CleanSchema, Host: here, Left: []document.Left{}}}
	labeled, err := c.docker.Ps(ctx, true, dockercli.Filter{Labels: []string{twin.RunLabel}})
	if err != nil {
		return nil, err
	}
	orphans, err := c.orphans(ctx, labeled)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	failed := errors.Join(err, c.remove(ctx, orphans), c.networks(ctx), c.images(ctx))
	return &c.done, failed
}

// engine is what a clean-up asks of Docker.
type engine interface {
	twin.Remover
	InspectMany(ctx context.Context, names ...string) dockercli.Inspections
	Images(ctx context.Context, label string) ([]string, error)
	ImageInspect(ctx context.Context, ref string) (dockercli.Image, error)
	HistorySteps(ctx context.Context, id string) (int, error)
	Untag(ctx context.Context, name string) error
	Networks(ctx context.Context, label string) ([]string, error)
	NetworkInspect(ctx context.Context, id string) (dockercli.Network, error)
	RemoveNetworks(ctx context.Context, ids ...string) error
}

// cleaning is a clean-up in progress.
type cleaning struct {
	docker    engine
	kernel    twin.Cgroups
	me        *twin.Observer
	done      document.Clean
	doubtful  int                   // twins whose run may be active
	inspected map[string]inspection // of images, by id
}

// inspection is docker's answer about an image. Both fields are nil if it is gone.
type inspection struct {
	image *dockercli.Image
	err   error
}

// leave lists something that is not removed.
func (c *cleaning) leave(kind, id, name, reason string) {
	c.done.Left = append(c.done.Left, document.Left{
		Kind:   kind,
		ID:     value.Clean(id),
		Name:   value.Clean(name),
		Reason: value.Clean(reason),
	})
}

// uninspected lists what docker could not inspect, unless it was interrupted, and returns the error.
func (c *cleaning) uninspected(ctx context.Context, kind, id, name string, err error) error {
	if kind == "container" {
		c.doubtful++ // it may be a twin of an active run
	}
	if ctx.Err() == nil {
		c.leave(kind, id, name, err.Error())
	}
	return err
}

// usedBy says which containers use something, given a filter for them; "" for none.
func (c *cleaning) usedBy(ctx context.Context, how string, users dockercli.Filter) (string, error) {
	found, err := c.docker.Ps(ctx, true, users)
	switch {
	case err != nil || len(found) == 0:
		return "", err
	case len(found) == 1:
		return fmt.Sprintf("container %s %s", found[0].Name, how), nil
	}
	return fmt.Sprintf("container %s %s, and %d more", found[0].Name, how, len(found)-1), nil
}

// forEach calls do for all ids, and joins the errors. An object that another client has removed is no error.
func forEach(ctx context.Context, ids []string, do func(ctx context.Context, id string) error) error {
	var failed []error
	for _, id := range ids {
		if err := do(ctx, id); err != nil && !errors.Is(err, dockercli.ErrNotFound) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
