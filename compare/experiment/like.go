package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
}

// findLike reads how a container was set up. It does not touch the container.
func findLike(ctx context.Context, docker *dockercli.Client, name string) (*like, error) {
	found, err := docker.Find(ctx, name)
	if err != nil {
		return nil, err
	}
	id := found[0].ID
	setups, err := docker.Setups(ctx, id)
	if err != nil {
		return nil, err
	}
	setup, ok := setups[id]
	if !ok {
		return nil, fmt.Errorf("container %s: %w: it was removed in the meantime", value.Clean(name), dockercli.ErrNotFound)
	}
	inherited, err := inheritsHealthcheck(ctx, docker, &setup)
	if err != nil {
		return nil, err
	}
	environment, err := docker.Environment(ctx, id, setup.Image)
	if err != nil {
		return nil, err
	}
	flags, skipped := likeFlags(&setup, inherited)
	return &like{
		name:        value.Clean(strings.TrimPrefix(found[0].Name, "/")),
		image:       setup.Image,
		reference:   value.Clean(found[0].Config.Image),
		entrypoint:  setup.Config.Entrypoint,
		command:     likeCommand(&setup),
		flags:       flags,
		environment: environment,
		skipped:     skipped,
	}, nil
}

// likeCommand is what follows the image in docker run: the rest of the entrypoint, and the command, for --entrypoint drops both.
func likeCommand(s *dockercli.Setup) []string {
	return slices.Concat(tail(s.Config.Entrypoint), s.Config.Cmd)
}

// inheritsHealthcheck reports whether a container's health check is its image's.
func inheritsHealthcheck(ctx context.Context, docker *dockercli.Client, s *dockercli.Setup) (bool, error) {
	h := s.Config.Healthcheck
	if h == nil {
		return false, nil
	}
	image, err := docker.ImageStop(ctx, s.Image)
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
