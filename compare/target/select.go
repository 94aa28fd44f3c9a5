package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// Selection says which containers a command is about: those with the names or, if there are none, those that docker ps lists.
type Selection struct {
	Names  []string // names or ids
	Filter dockercli.Filter
	States []string // the states that the command is for, as docker ps calls them
	// By are the flags of the selection, such as --project shop; "" for all containers in the states.
	By string
}

// Named returns the selection of containers by name or id.
func Named(names ...string) Selection { return Selection{Names: names} }

// ByName reports whether the containers were named.
func (s *Selection) ByName() bool { return len(s.Names) > 0 }

// notRunning are the states of the containers that docker ps lists only with --all.
var notRunning = []string{"created", "exited", "dead"}

// selector is what [Selection.Find] asks Docker.
type selector interface {
	inspector
	host.Versions
	Find(ctx context.Context, names ...string) ([]dockercli.Container, error)
	Ps(ctx context.Context, all bool, filter dockercli.Filter) ([]dockercli.PsLine, error)
}

// Find inspects the containers. It may return both containers and an error, if only some could not be found. Of those that were not named,
// twins are left out, and what is gone or in another state meanwhile. The error wraps [dockercli.ErrNotFound] if no container passes a
// filter; that there is none at all is no error.
func (s *Selection) Find(ctx context.Context, docker selector) ([]dockercli.Container, error) {
	if s.ByName() {
		return docker.Find(ctx, s.Names...)
	}
	lines, err := docker.Ps(ctx, s.anyEnded(), s.Filter)
	if err != nil {
		return nil, ListError(ctx, docker, err, s.Filter)
	}
	ids := s.listed(lines)
	inspected := docker.InspectMany(ctx, ids...)
	found := s.chosen(ids, inspected.Found)
	err = inspected.Err()
	if len(found) == 0 && err == nil && s.By != "" {
		err = s.noMatch()
	}
	return found, err
}

// anyEnded reports whether one of the states is that of a container that is not running.
func (s *Selection) anyEnded() bool {
	return slices.ContainsFunc(s.States, func(state string) bool { return slices.Contains(notRunning, state) })
}

// listed returns the ids of the lines of docker ps whose state is one of the selection's.
func (s *Selection) listed(lines []dockercli.PsLine) (ids []string) {
	for _, l := range lines {
		if slices.Contains(s.States, l.State) {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// chosen returns the containers with the ids that are still in one of the states and are no twins.
func (s *Selection) chosen(ids []string, inspected map[string]dockercli.Container) (all []dockercli.Container) {
	for _, id := range ids {
		if c, ok := inspected[id]; ok && slices.Contains(s.States, c.State.Status) && !c.Config.Labels.Has(twin.RunLabel) {
			all = append(all, c)
		}
	}
	return all
}

// noMatch is the error for a filter that no container passes.
func (s *Selection) noMatch() error {
	return fault.WithHint(fmt.Errorf("%s: no container is %s: %w", s.By, or(s.States), dockercli.ErrNotFound),
		"see: haltscope ps --all")
}

// or joins words: a, b or c.
func or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// ListError is the error of a command whose list of containers failed with err.
func ListError(ctx context.Context, docker host.Versions, err error, filter dockercli.Filter) error {
	if len(filter.Other) > 0 && dockercli.Refused(err) && !errors.Is(err, dockercli.ErrNoDaemon) {
		return &fault.UsageError{Text: fmt.Sprintf("docker refuses --filter %s: %s", strings.Join(filter.Other, ", "), dockercli.Cause(err)),
			Next: "it takes what docker ps --filter takes"}
	}
	return host.DaemonError(ctx, docker, err, "docker ps")
}
