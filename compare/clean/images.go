package clean

import (
	"context"
	"errors"
	"slices"
	"strings"

	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// images removes the images of the embedded workload.
func (c *cleaning) images(ctx context.Context) error {
	ids, err := c.docker.Images(ctx, twin.BuildLabel)
	if err != nil {
		return err
	}
	return forEach(ctx, ids, c.image)
}

// image removes an image by the name that haltscope gave it. Docker keeps it if it has another name, or if a container is made
// from it.
func (c *cleaning) image(ctx context.Context, id string) error {
	image, err := c.docker.ImageInspect(ctx, id)
	switch {
	case errors.Is(err, dockercli.ErrNotFound):
		return err
	case err != nil:
		return c.uninspected(ctx, "image", id, "", err)
	}
	names := strings.Join(image.RepoTags, ", ")
	steps, err := c.docker.HistorySteps(ctx, id)
	if err != nil {
		return c.uninspected(ctx, "image", id, names, err)
	}
	reason := twin.NotImage(&image, steps)
	if reason == "" && c.done.TwinsInUse+c.doubtful > 0 {
		c.done.ImagesInUse++
		return nil
	}
	if reason == "" {
		if reason, err = c.usedBy(ctx, "was created from it", dockercli.Filter{Images: []string{id}}); err != nil {
			return c.uninspected(ctx, "image", id, names, err)
		}
	}
	if reason != "" {
		c.leave("image", id, names, reason)
		return nil
	}
	return c.untag(ctx, id, &image)
}

// untag takes haltscope's name from an image, which removes the image if it has no other.
func (c *cleaning) untag(ctx context.Context, id string, image *dockercli.Image) error {
	own, others := twin.OwnName(image)
	if err := c.docker.Untag(ctx, own); err != nil {
		now, inspectErr := c.docker.ImageInspect(ctx, id)
		switch {
		case errors.Is(inspectErr, dockercli.ErrNotFound), inspectErr == nil && !slices.Contains(now.RepoTags, own):
			return nil // another client has removed it
		case inspectErr != nil:
			return errors.Join(err, c.uninspected(ctx, "image", id, own, inspectErr))
		case !dockercli.Refused(err):
			return err
		}
		c.leave("image", id, own, dockercli.Cause(err))
		return nil
	}
	if len(others) > 0 {
		c.leave("image", id, strings.Join(others, ", "), "it has this name too; haltscope removed its own name from it")
		return nil
	}
	c.done.Images++
	return nil
}
