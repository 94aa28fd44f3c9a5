package dockercli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// podmanPs lists containers in podman's own form, because the templates of 4.3 do not know the state. Without --all, podman
// leaves out paused containers, which docker lists.
func (c *Client) podmanPs(ctx context.Context, all bool, flags []string) ([]PsLine, error) {
	call, err := c.run(ctx, append([]string{"ps", "--no-trunc", "--format", "json", "--all"}, flags...)...)
	if err != nil {
		return nil, err
	}
	lines, err := parsePodmanPs(call.Stdout)
	if !all {
		lines = slices.DeleteFunc(lines, func(l PsLine) bool { return l.State != "running" && l.State != "paused" })
	}
	return lines, err
}

// parsePodmanPs parses one JSON array.
//
//	[{"Id":"4f1c…","Names":["web"],"State":"paused","Status":"Paused", …}]
func parsePodmanPs(data []byte) ([]PsLine, error) {
	var found []struct {
		ID            string `json:"Id"`
		Names         []string
		State, Status string
	}
	if err := decode(data, &found); err != nil {
		return nil, fmt.Errorf("podman ps did not print the JSON of containers: %w", err)
	}
	var all []PsLine
	for _, f := range found {
		if f.ID == "" || f.State == "" {
			return nil, errors.New("podman ps printed a container without Id or State")
		}
		all = append(all, PsLine{ID: f.ID, Name: strings.Join(f.Names, ","), State: podmanState(f.State), Status: f.Status})
	}
	return all, nil
}

// podmanState returns docker's word for a state of podman's (libpod/define/containerstate.go). A container that is "stopped"
// has ended and waits for its cleanup. Docker calls a container that is being stopped running.
func podmanState(state string) string {
	switch state {
	case "configured", "initialized":
		return "created"
	case "stopping":
		return "running"
	case "stopped":
		return "exited"
	}
	return state
}
