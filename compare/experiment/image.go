package experiment

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"haltscope/compare/fault"
	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// image is what the twins are made from.
type image struct {
	reference string // a name, or an id
	command   []string
	embedded  bool  // the twins run the embedded workload
	like      *like // nil unless the twins are modeled on a container
}

// findImage finds the image, or makes that of the embedded workload.
func (x *experiment) findImage(ctx context.Context) (image, error) {
	switch {
	case x.Like != "":
		l, err := findLike(ctx, x.docker, x.Like, &x.Service)
		if err != nil {
			return image{}, err
		}
		command := l.command
		if len(x.Command) > 0 { // it replaces the container's command, and keeps its entrypoint
			command = slices.Concat(tail(l.entrypoint), x.Command)
		}
		return image{reference: l.image, command: command, like: l}, nil
	case x.Image == "":
		done := x.progress.Step("preparing the image of the embedded workload", 0)
		defer done()
		reference, err := twin.EmbeddedImage(ctx, x.docker)
		return image{reference: reference, command: x.Command, embedded: true}, err
	}
	if _, err := x.docker.ImageInspect(ctx, x.Image); err != nil {
		if errors.Is(err, dockercli.ErrNotFound) {
			err = fault.WithHint(err, "haltscope does not pull images: run docker pull first, or list the local images with `docker images`")
		}
		return image{}, err
	}
	return image{reference: x.Image, command: x.Command}, nil
}

// recipe is how docker run makes the twins.
type recipe struct {
	image       string
	command     []string
	network     string
	flags       []string // beyond those that every twin has
	environment dockercli.Environment
}

// environment returns the variables of a twin, beyond those of its image.
func (x *experiment) environment() (e dockercli.Environment) {
	if l := x.image.like; l != nil {
		e = l.environment
	}
	return e.With(x.Service.Env, x.Service.EnvFiles)
}

func (x *experiment) recipe(probes probePlan) recipe {
	r := recipe{image: x.image.reference, command: slices.Concat(x.image.command, probes.arguments),
		network: cmp.Or(x.Network, x.Service.network())}
	if probes.network != "" {
		r.network = probes.network
	}
	if l := x.image.like; l != nil {
		r.flags = slices.Clone(l.flags)
	}
	r.environment = x.environment()
	r.flags = append(r.flags, x.Service.flags()...)
	r.flags = append(r.flags, probes.flags()...)
	if x.Init {
		r.flags = append(r.flags, "--init")
	}
	if x.Memory != "" {
		r.flags = append(r.flags, "--memory", x.Memory, "--memory-swap", x.Memory)
	}
	return r
}
