package dockercli

import (
	"context"
	"errors"
	"fmt"
)

// Network is a line of `docker network ls`.
type Network struct{ ID, Owner string }

// CreateNetwork makes a bridge network. labels are KEY=VALUE.
func (c *Client) CreateNetwork(ctx context.Context, name string, labels ...string) error {
	args := []string{"network", "create", "--driver", "bridge"}
	for _, l := range labels {
		args = append(args, "--label", l)
	}
	_, err := c.run(ctx, 0, nil, append(args, "--", name)...)
	return err
}

// Networks lists the networks that carry a label, with the value of another one.
func (c *Client) Networks(ctx context.Context, label, owner string) ([]Network, error) {
	call, err := c.run(ctx, 0, nil, "network", "ls", "--no-trunc", "--filter", "label="+label,
		"--format", fmt.Sprintf(`{"ID":{{json .ID}},"Owner":{{json (.Label %q)}}}`, owner))
	if err != nil {
		return nil, fmt.Errorf("listing the networks: %w", err)
	}
	networks, err := parseLines[Network]("docker network ls", call.Stdout)
	for _, n := range networks {
		if n.ID == "" {
			return nil, errors.New("docker network ls printed a network without ID")
		}
	}
	return networks, err
}

// RemoveNetworks removes networks that nothing is connected to.
func (c *Client) RemoveNetworks(ctx context.Context, ids ...string) error {
	if _, err := c.run(ctx, 0, nil, append([]string{"network", "rm", "--"}, ids...)...); err != nil {
		return fmt.Errorf("removing networks: %w", err)
	}
	return nil
}
