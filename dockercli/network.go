package dockercli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"haltscope/compare/value"
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
	for _, label := range labels {
		args = append(args, "--label", label)
	}
	_, err := c.run(ctx, append(args, "--", name)...)
	return err
}

// Networks lists the ids of the networks that carry a label.
func (c *Client) Networks(ctx context.Context, label string) ([]string, error) {
	call, err := c.run(ctx, "network", "ls", "--quiet", "--no-trunc", "--filter", "label="+label)
	if err != nil {
		return nil, fmt.Errorf("listing the networks with label %s: %w", label, err)
	}
	return strings.Fields(string(call.Stdout)), nil
}

// NetworkInspect asks about one network. The error is [ErrNotFound] if there is no such network.
func (c *Client) NetworkInspect(ctx context.Context, id string) (Network, error) {
	call, err := c.run(ctx, "network", "inspect", "--", id)
	if err != nil {
		err = orNotFound(err, func() (bool, error) { return c.networkAbsent(ctx, id) })
		return Network{}, fmt.Errorf("inspecting network %s: %w", value.Clean(id), err)
	}
	var all []Network
	switch err := decode(call.Stdout, &all); {
	case err != nil:
		return Network{}, fmt.Errorf("docker network inspect did not print the JSON of networks: %w", err)
	case len(all) != 1 || all[0].ID == "":
		return Network{}, fmt.Errorf("docker network inspect did not print one network with an Id for %s", value.Clean(id))
	}
	return all[0], nil
}

// RemoveNetworks removes networks that nothing is connected to.
func (c *Client) RemoveNetworks(ctx context.Context, ids ...string) error {
	if _, err := c.run(ctx, append([]string{"network", "rm", "--"}, ids...)...); err != nil {
		return fmt.Errorf("removing networks: %w", err)
	}
	return nil
}
