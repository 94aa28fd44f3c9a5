package dockercli

import (
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
	By     string // the Go type that the client fills the template from, which tells docker from podman
}

// psFormat names its fields: `{{json .}}` would make the engine compute sizes.
const psFormat = `{"ID":{{json .ID}},"Name":{{json .Names}},"State":{{json .State}},"Status":{{json .Status}},` +
	`"By":{{json (printf "%T" .)}}}`

// Ps lists the containers that pass the filter: those that run or, with all, those in any state. The error is [ErrNoDaemon] if
// no daemon answers.
func (c *Client) Ps(ctx context.Context, all bool, filter Filter) ([]PsLine, error) {
	flags := filter.psFlags()
	what := "listing the containers"
	if len(flags) > 0 {
		what += " with " + strings.Join(slices.DeleteFunc(slices.Clone(flags), func(flag string) bool { return flag == "--filter" }), ", ")
	}
	lines, err := c.ps(ctx, all, flags)
	if err != nil {
		if Refused(err) && !c.Answers(ctx, c.Timeout) { // docker's words for it differ from version to version
			err = fmt.Errorf("%w: %w", ErrNoDaemon, err)
		}
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return lines, nil
}

// ps runs docker ps and, if podman turns out to be the engine, podman's own form of it.
func (c *Client) ps(ctx context.Context, all bool, flags []string) ([]PsLine, error) {
	if c.engine.known() == Podman {
		return c.podmanPs(ctx, all, flags)
	}
	args := []string{"ps", "--no-trunc", "--format", psFormat}
	if all {
		args = append(args, "--all")
	}
	call, err := c.run(ctx, append(args, flags...)...)
	if err != nil {
		return nil, err
	}
	lines, err := parsePs(call.Stdout)
	if err != nil {
		return nil, err
	}
	if len(lines) > 0 && lines[0].fromDocker() {
		c.engine.settle(func() Engine { return Docker })
	}
	if c.isPodman(ctx) {
		return c.podmanPs(ctx, all, flags)
	}
	return lines, nil
}

// parsePs parses a JSON document on each line, as psFormat prints it.
//
//	{"ID":"4f1c…","Name":"web","State":"paused","Status":"Up 5 seconds (Paused)","By":"*formatter.ContainerContext"}
func parsePs(data []byte) ([]PsLine, error) {
	lines, err := decodeLines[PsLine]("docker ps", data)
	for _, l := range lines {
		if l.ID == "" || l.State == "" {
			return nil, errors.New("docker ps printed a container without ID or State")
		}
	}
	return lines, err
}

// fromDocker reports whether a line was printed by docker's own client (cli, command/formatter/container.go).
func (l *PsLine) fromDocker() bool {
	return strings.HasSuffix(strings.ToLower(l.By), ".containercontext")
}
