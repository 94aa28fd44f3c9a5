package target

import (
	"context"
	"errors"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// images is what OrImage asks Docker.
type images interface {
	ImageInspect(ctx context.Context, ref string) (dockercli.Image, error)
}

// OrImage adds to each container that does not exist, but whose name is an image's, how to name that: command, followed by the name. err
// may be of several errors that were joined.
func OrImage(ctx context.Context, docker images, err error, command string) error {
	if err == nil {
		return nil
	}
	var all []error
	for _, one := range fault.Parts(err) {
		var missing *dockercli.NotFoundError
		if errors.As(one, &missing) {
			if _, err := docker.ImageInspect(ctx, missing.Name); err == nil {
				one = fault.WithHint(one, "that is the name of an image: "+command+" "+missing.Name)
			}
		}
		all = append(all, one)
	}
	return errors.Join(all...)
}
