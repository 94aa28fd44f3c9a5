package clean

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/twin"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Clean removes the twins and networks of runs that are over, and the images of the embedded workload unless a run that goes
// on may need them. What is not certainly haltscope's, or not certainly of a run that is over, is left and listed, and so is
// what docker could not inspect. The report is there also beside an error that concerns some of them only.
func Clean(ctx context.Context, docker *dockercli.Client) (*document.Clean, error) {
	// Another machine's owners cannot be looked up here, nor by another user: their runs would seem to be over.
	_, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, err
	}
	me, err := twin.NewObserver()
	if err != nil {
		return nil, err
	}
	c := &cleaning{docker: docker, me: &me, done: document.Clean{Schema: document.CleanSchema, Host: here, Left: []document.Left{}}, inspects: map[string]inspect{}}
	labelled, err := c.docker.Ps(ctx, "label="+twin.RunLabel)
	if err != nil {
		return nil, err
	}
	orphans, err := c.orphans(ctx, labelled)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	failed := errors.Join(err, c.remove(ctx, orphans), c.networks(ctx), c.images(ctx))
	return &c.done, failed
}

type cleaning struct {
	docker   *dockercli.Client
	me       *twin.Observer
	done     document.Clean
	doubtful int                // twins whose run may go on
	inspects map[string]inspect // by the image's id
}

// inspect is what docker said of an image; nil and nil where it is gone.
type inspect struct {
	image *dockercli.Image
	err   error
}

func (c *cleaning) leave(kind, id, name, reason string) {
	c.done.Left = append(c.done.Left, document.Left{Kind: kind, ID: value.Clean(id), Name: value.Clean(strings.TrimPrefix(name, "/")), Reason: value.Clean(reason)})
}

// unread lists what docker could not inspect, which is left for that, unless it was interrupted, and returns the error.
func (c *cleaning) unread(ctx context.Context, kind, id, name string, err error) error {
	if kind == "container" {
		c.doubtful++ // it may be a twin of a run that goes on
	}
	if ctx.Err() == nil {
		c.leave(kind, id, name, err.Error())
	}
	return err
}

// orphans finds the twins of runs that are over among the containers with runLabel. They are returned also with an error,
// which is about others.
func (c *cleaning) orphans(ctx context.Context, labelled []dockercli.PsLine) ([]dockercli.PsLine, error) {
	ids := make([]string, len(labelled))
	for i, line := range labelled {
		ids[i] = line.ID
	}
	inspected := c.docker.InspectMany(ctx, ids...)
	failed := []error{inspected.Err()}
	var orphans []dockercli.PsLine
	for _, line := range labelled {
		if err := inspected.Failed[line.ID]; err != nil {
			c.unread(ctx, "container", line.ID, line.Name, err)
			continue
		}
		container, ok := inspected.Found[line.ID]
		if !ok {
			continue // removed meanwhile
		}
		image, err := c.imageOf(ctx, &container)
		if err != nil {
			c.unread(ctx, "container", line.ID, line.Name, err)
			continue
		}
		if reason := twin.NotTwin(&container, image); reason != "" {
			c.leave("container", line.ID, container.Name, reason)
			continue
		}
		switch fate, why := c.me.RunState(container.Config.Labels.Own("owner"), twin.Object{Running: container.State.Running, Created: container.Created}); fate {
		case twin.RunOver:
			orphans = append(orphans, line)
		case twin.RunActive:
			c.done.TwinsInUse++
		case twin.RunUnknown:
			c.doubtful++
			c.leave("container", line.ID, container.Name, why)
		}
	}
	for _, said := range c.inspects {
		failed = append(failed, said.err)
	}
	return orphans, errors.Join(failed...)
}

// imageOf is a container's image; nil where it is gone. Docker is asked about each image once, for it may hang.
func (c *cleaning) imageOf(ctx context.Context, container *dockercli.Container) (*dockercli.Image, error) {
	if said, ok := c.inspects[container.Image]; ok {
		return said.image, said.err
	}
	found, err := c.docker.ImageInspect(ctx, container.Image)
	said := inspect{&found, err}
	if errors.Is(err, dockercli.ErrNotFound) {
		said = inspect{}
	}
	c.inspects[container.Image] = said
	return said.image, said.err
}

// remove removes twins, and counts those that are gone.
func (c *cleaning) remove(ctx context.Context, twins []dockercli.PsLine) error {
	failed := twin.Remove(ctx, c.docker, twins)
	c.done.Twins = len(twins)
	if failed == nil {
		return nil
	}
	ids := make([]string, len(twins))
	for i, twin := range twins {
		ids[i] = twin.ID
	}
	still := c.docker.InspectMany(ctx, ids...)
	c.done.Twins -= len(still.Found) + len(still.Failed)
	c.doubtful += len(still.Found) // their images are needed
	for _, twin := range twins {
		if err := still.Failed[twin.ID]; err != nil {
			c.unread(ctx, "container", twin.ID, twin.Name, err)
		}
	}
	return errors.Join(failed, still.Err())
}

// networks removes the networks of runs that are over.
func (c *cleaning) networks(ctx context.Context) error {
	ids, err := c.docker.Networks(ctx, twin.RunLabel)
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		if err := c.network(ctx, id); err != nil && !errors.Is(err, dockercli.ErrNotFound) { // another clean was faster
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// network removes one network, if its run is over and no container needs it.
func (c *cleaning) network(ctx context.Context, id string) error {
	n, err := c.docker.NetworkInspect(ctx, id)
	switch {
	case errors.Is(err, dockercli.ErrNotFound):
		return err
	case err != nil:
		return c.unread(ctx, "network", id, "", err)
	}
	reason := twin.NotNetwork(&n)
	if reason == "" {
		fate, why := c.me.RunState(n.Labels.Own("owner"), twin.Object{Created: n.Created})
		if fate == twin.RunActive {
			return nil
		}
		reason = why
	}
	if reason == "" {
		// Docker would take it from a container that does not run, which could not be started again. One that never ran knows
		// its network by name.
		if reason, err = c.usedBy(ctx, "is connected to it", "network="+n.ID, "network="+n.Name); err != nil {
			return c.unread(ctx, "network", n.ID, n.Name, err)
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

// usedBy says which containers use something, by filters of docker ps; "" where none does.
func (c *cleaning) usedBy(ctx context.Context, how string, filters ...string) (string, error) {
	users, err := c.docker.Ps(ctx, filters...)
	switch {
	case err != nil || len(users) == 0:
		return "", err
	case len(users) == 1:
		return fmt.Sprintf("container %s %s", users[0].Name, how), nil
	}
	return fmt.Sprintf("container %s %s, and %d more", users[0].Name, how, len(users)-1), nil
}

// images removes the images of the embedded workload.
func (c *cleaning) images(ctx context.Context) error {
	ids, err := c.docker.Images(ctx, twin.BuildLabel)
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		if err := c.image(ctx, id); err != nil && !errors.Is(err, dockercli.ErrNotFound) { // another clean was faster
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// image removes an image by the name that haltscope has given it. Docker keeps it where it has another one, or where a
// container is made of it.
func (c *cleaning) image(ctx context.Context, id string) error {
	image, err := c.docker.ImageInspect(ctx, id)
	switch {
	case errors.Is(err, dockercli.ErrNotFound):
		return err
	case err != nil:
		return c.unread(ctx, "image", id, "", err)
	}
	names := strings.Join(image.RepoTags, ", ")
	steps, err := c.docker.Steps(ctx, id)
	if err != nil {
		return c.unread(ctx, "image", id, names, err)
	}
	own, others := twin.OwnName(&image)
	reason := twin.NotImage(&image, steps)
	if reason == "" && c.done.TwinsInUse+c.doubtful > 0 {
		c.done.ImagesInUse++
		return nil
	}
	if reason == "" {
		if reason, err = c.usedBy(ctx, "is made of it", "ancestor="+id); err != nil {
			return c.unread(ctx, "image", id, names, err)
		}
	}
	if reason != "" {
		c.leave("image", id, names, reason)
		return nil
	}
	if err := c.docker.Untag(ctx, own); err != nil {
		now, again := c.docker.ImageInspect(ctx, id)
		switch {
		case errors.Is(again, dockercli.ErrNotFound), again == nil && !slices.Contains(now.RepoTags, own):
			return nil // it is gone, whoever did that
		case again != nil:
			return errors.Join(err, c.unread(ctx, "image", id, own, again))
		case !dockercli.Refused(err):
			return err
		}
		c.leave("image", id, own, dockercli.Cause(err))
		return nil
	}
	if len(others) > 0 {
		c.leave("image", id, strings.Join(others, ", "), "it has this name as well; haltscope's own was taken from it")
		return nil
	}
	c.done.Images++
	return nil
}
