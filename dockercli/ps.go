package dockercli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// PsLine is a line of `docker ps`.
type PsLine struct {
	ID     string // full
	Name   string
	State  string // created, running, paused, restarting, removing, exited, dead
	Status string // prose: "Exited (137) 4 seconds ago", "Up 5 seconds (Paused)"
	By     string // the type that the engine's client fills the template from, which tells clients apart
}

// Ps lists the containers that one of the filters of docker ps lets pass (label=KEY, label=KEY=VALUE, ancestor=IMAGE,
// network=NETWORK; several must be of one key), in any state.
//
// The template names its fields: `{{json .}}` would make the engine compute sizes.
func (c *Client) Ps(ctx context.Context, filters ...string) ([]PsLine, error) {
	args := []string{"--all"}
	for _, filter := range filters {
		args = append(args, "--filter", filter)
	}
	lines, err := c.list(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("listing the containers with %s: %w", strings.Join(filters, ", "), err)
	}
	return lines, nil
}

const psFields = `"ID":{{json .ID}},"Name":{{json .Names}},"State":{{json .State}},"Status":{{json .Status}},"By":{{json (printf "%T" .)}}`

// List lists the containers that run or, with all, those in any state.
func (c *Client) List(ctx context.Context, all bool) ([]PsLine, error) {
	var args []string
	if all {
		args = append(args, "--all")
	}
	lines, err := c.list(ctx, args...)
	if err != nil {
		if mentions(err, "cannot connect to the docker daemon", "is the docker daemon running", "error during connect") {
			err = fmt.Errorf("%w: %w", ErrNoDaemon, err)
		}
		return nil, fmt.Errorf("listing the containers: %w", err)
	}
	return lines, nil
}

// list runs docker ps, and in podman's form where that turns out to be the engine.
func (c *Client) list(ctx context.Context, args ...string) ([]PsLine, error) {
	if !c.podman {
		call, err := c.run(ctx, 0, nil, slices.Concat([]string{"ps", "--no-trunc", "--format", "{" + psFields + "}"}, args)...)
		if err != nil {
			return nil, err
		}
		lines, err := parsePs(call.Stdout)
		if err != nil || !c.printedByPodman(ctx, lines) {
			return lines, err
		}
	}
	return c.podmanPs(ctx, args...)
}

func parsePs(data []byte) ([]PsLine, error) {
	lines, err := parseLines[PsLine]("docker ps", data)
	for _, l := range lines {
		if l.ID == "" || l.State == "" {
			return nil, errors.New("docker ps printed a container without ID or State")
		}
	}
	return lines, err
}

// parseLines parses output that has one JSON document a line.
func parseLines[T any](what string, data []byte) ([]T, error) {
	var all []T
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var one T
		if err := decode(line, &one); err != nil {
			return all, fmt.Errorf("%s printed a line that is not the JSON asked for: %w", what, err)
		}
		all = append(all, one)
	}
	return all, nil
}
