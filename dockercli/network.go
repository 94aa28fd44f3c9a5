package dockercli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Network is what haltscope needs of `docker network inspect`. Podman's has the same keys, in lower case.
type Network struct {
	ID      string `json:"Id"`
	Name    string
	Created time.Time
	Labels  Keys
}

// CreateNetwork makes a bridge network. labels are KEY=VALUE.
func (c *Client) CreateNetwork(ctx context.Context, name string, labels ...string) error {
	args := []string{"network", "create", "--driver", "bridge"}
	for _, l := range labels {
		args = append(args, "--label", l)
	}
	_, err := c.run(ctx, 0, nil, append(args, "--", name)...)
	return err
}

// Networks asks about the networks that carry a label. One that goes meanwhile is left out.
func (c *Client) Networks(ctx context.Context, label string) ([]Network, error) {
	call, err := c.run(ctx, 0, nil, "network", "ls", "--quiet", "--no-trunc", "--filter", "label="+label)
	if err != nil {
		return nil, fmt.Errorf("listing the networks labelled %s: %w", label, err)
	}
	ids := strings.Fields(string(call.Stdout))
	if len(ids) == 0 {
		return nil, nil
	}
	call, err = c.run(ctx, 0, nil, append([]string{"network", "inspect", "--"}, ids...)...)
	if err != nil && !mentions(err, "no such network", "not found") {
		return nil, fmt.Errorf("inspecting the networks: %w", err)
	}
	var all []Network
	if err := decode(call.Stdout, &all); err != nil {
		return nil, fmt.Errorf("docker network inspect printed what is not the JSON of networks: %w", err)
	}
	for _, n := range all {
		if n.ID == "" {
			return nil, errors.New("docker network inspect printed a network without Id")
		}
	}
	return all, nil
}

// RemoveNetworks removes networks that nothing is connected to.
func (c *Client) RemoveNetworks(ctx context.Context, ids ...string) error {
	if _, err := c.run(ctx, 0, nil, append([]string{"network", "rm", "--"}, ids...)...); err != nil {
		return fmt.Errorf("removing networks: %w", err)
	}
	return nil
}
