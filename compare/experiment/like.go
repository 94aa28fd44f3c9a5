package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// like is how twins are made that are modeled on a container.
type like struct {
	name        string
	image       string // its id: the tag may belong to another image by now
	reference   string // the image, as the container names it
	entrypoint  []string
	command     []string
	flags       []string // of docker run
	environment dockercli.Environment
	skipped     []string // what the twins lack, as text
	replaced    []document.ReplacedMount
	sources     map[string]string // see mountPlan
}

// findLike reads how a container was set up. It does not touch the container.
func findLike(ctx context.Context, docker *dockercli.Client, name string, s *Service) (*like, error) {
	found, err := docker.Find(ctx, name)
	if err != nil {
		return nil, err
	}
	c := &found[0]
	inherited, err := inheritsHealthcheck(ctx, docker, c)
	if err != nil {
		return nil, err
	}
	environment, err := docker.Environment(ctx, c.ID, c.Image)
	if err != nil {
		return nil, err
	}
	plan := newMountPlan(s, docker.Engine())
	flags, skipped := likeFlags(c, inherited, plan)
	return &like{
		name:        c.DisplayName(),
		image:       c.Image,
		reference:   value.Clean(c.Config.Image),
		entrypoint:  c.Config.Entrypoint,
		command:     likeCommand(c),
		flags:       flags,
		environment: environment,
		skipped:     skipped,
		replaced:    plan.replaced,
		sources:     plan.sources,
	}, nil
}

// likeCommand is what follows the image in docker run: the rest of the entrypoint, and the command, for --entrypoint drops both.
func likeCommand(c *dockercli.Container) []string {
	return slices.Concat(tail(c.Config.Entrypoint), c.Config.Cmd)
}

// inheritsHealthcheck reports whether a container's health check is its image's.
func inheritsHealthcheck(ctx context.Context, docker *dockercli.Client, c *dockercli.Container) (bool, error) {
	h := c.Config.Healthcheck
	if h == nil {
		return false, nil
	}
	image, err := docker.ImageInspect(ctx, c.Image)
	switch {
	case errors.Is(err, dockercli.ErrNotFound):
		return false, nil // docker run reports it
	case err != nil:
		return false, err
	}
	return image.Config.Healthcheck != nil && slices.Equal(image.Config.Healthcheck.Test, h.Test), nil
}

// refusedShown is how many environment variables are named that the twins do not get.
const refusedShown = 20

// copied reports whether a twin gets a copy of what the container has in a mount.
func (l *like) copied() bool { return l != nil && len(l.sources) > 0 }

// lacks lists what the twins lack of the container.
func (l *like) lacks() []string {
	all := append([]string{}, l.skipped...)
	refused := l.environment.Refused()
	for i, r := range refused {
		if i == refusedShown {
			all = append(all, fmt.Sprintf("%d more environment variables", len(refused)-i))
			break
		}
		all = append(all, fmt.Sprintf("the environment variable %s, which docker's env file cannot express: %s", r.Name, r.Why))
	}
	return append(all, "its network and ports, and the files written to its file system since it was created")
}

func head(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

func tail(all []string) []string {
	if len(all) == 0 {
		return nil
	}
	return all[1:]
}
