package clean

import (
	"context"
	"errors"

	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// networks removes the networks of runs that are over.
func (c *cleaning) networks(ctx context.Context) error {
	ids, err := c.docker.Networks(ctx, twin.RunLabel)
	if err != nil {
		return err
	}
	return forEach(ctx, ids, c.network)
}

// network removes a network if its run is over and no container needs it.
func (c *cleaning) network(ctx context.Context, id string) error {
	n, err := c.docker.NetworkInspect(ctx, id)
	switch {
	case errors.Is(err, dockercli.ErrNotFound):
		return err
	case err != nil:
		return c.uninspected(ctx, "network", id, "", err)
	}
	reason := twin.NotNetwork(&n)
	if reason == "" {
		state, why := c.me.RunState(n.Labels.Own("owner"), twin.Object{Created: n.Created})
		if state == twin.RunActive {
			return nil
		}
		reason = why
	}
	if reason == "" {
		// Docker would remove it even if a container needs it that does not run, and that could not be started again. A container
		// that never ran knows its network by name.
		if reason, err = c.usedBy(ctx, "is connected to it", dockercli.Filter{Networks: []string{n.ID, n.Name}}); err != nil {
			return c.uninspected(ctx, "network", n.ID, n.Name, err)
		}
	}
	if reason != "" {
		c.leave("network", n.ID, n.Name, reason)
		return nil
	}
	if err := c.docker.RemoveNetworks(ctx, n.ID); err != nil {
		return err
	}
	c.done.Networks++
	return nil
}
