package clean

import (
	"context"
	"errors"

	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// orphans finds the twins of runs that are over among the containers that have [twin.RunLabel]. An error is about others than
// those that are returned.
func (c *cleaning) orphans(ctx context.Context, labeled []dockercli.PsLine) (orphans []dockercli.PsLine, err error) {
	inspected := c.docker.InspectMany(ctx, ids(labeled)...)
	failed := []error{inspected.Err()}
	for _, line := range labeled {
		if err := inspected.Failed[line.ID]; err != nil {
			c.uninspected(ctx, "container", line.ID, line.Name, err)
			continue
		}
		container, ok := inspected.Found[line.ID]
		if !ok {
			continue // removed meanwhile
		}
		image, err := c.imageOf(ctx, &container)
		if err != nil {
			c.uninspected(ctx, "container", line.ID, line.Name, err)
			continue
		}
		if c.isOrphan(&container, image) {
			orphans = append(orphans, line)
		}
	}
	for _, image := range c.inspected {
		failed = append(failed, image.err)
	}
	return orphans, errors.Join(failed...)
}

// isOrphan reports whether a container is a twin of a run that is over. It lists or counts all others.
func (c *cleaning) isOrphan(container *dockercli.Container, image *dockercli.Image) bool {
	if reason := twin.NotTwin(container, image); reason != "" {
		c.leave("container", container.ID, container.DisplayName(), reason)
		return false
	}
	made := twin.Object{Running: container.State.Running, Created: container.Created}
	state, why := c.me.RunState(container.Config.Labels.Own("owner"), made)
	switch state {
	case twin.RunOver:
		return true
	case twin.RunActive:
		c.done.TwinsInUse++
	case twin.RunUnknown:
		c.doubtful++
		c.leave("container", container.ID, container.DisplayName(), why)
	}
	return false
}

// imageOf is a container's image; nil if it is gone. Docker is asked about each image once, for it may hang.
func (c *cleaning) imageOf(ctx context.Context, container *dockercli.Container) (*dockercli.Image, error) {
	if known, ok := c.inspected[container.Image]; ok {
		return known.image, known.err
	}
	found, err := c.docker.ImageInspect(ctx, container.Image)
	answer := inspection{&found, err}
	if errors.Is(err, dockercli.ErrNotFound) {
		answer = inspection{}
	}
	c.inspected[container.Image] = answer
	return answer.image, answer.err
}

// remove removes twins, and counts those that are gone.
func (c *cleaning) remove(ctx context.Context, twins []dockercli.PsLine) error {
	failed := twin.Remove(ctx, c.docker, c.kernel, twins)
	c.done.Twins = len(twins)
	if failed == nil {
		return nil
	}
	left := c.docker.InspectMany(ctx, ids(twins)...)
	c.done.Twins -= len(left.Found) + len(left.Failed)
	c.doubtful += len(left.Found) // their images are needed
	for _, twin := range twins {
		if err := left.Failed[twin.ID]; err != nil {
			c.uninspected(ctx, "container", twin.ID, twin.Name, err)
		}
	}
	return errors.Join(failed, left.Err())
}

func ids(lines []dockercli.PsLine) []string {
	all := make([]string, len(lines))
	for i, line := range lines {
		all[i] = line.ID
	}
	return all
}
