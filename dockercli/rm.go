package dockercli

import (
	"context"
	"fmt"
)

// Remove is `docker rm --force --volumes`: it kills a container if it runs, and removes it with its anonymous volumes.
type Remove struct{}

// Args returns the arguments of `docker rm`.
func (Remove) Args(container string) []string { return removeArgs(container) }

func (r Remove) do(ctx context.Context, c *Client, container string) (Call, error) {
	return c.act(ctx, 0, r.Args(container))
}

func removeArgs(containers ...string) []string {
	return append([]string{"rm", "--force", "--volumes", "--"}, containers...)
}

// Remove removes several containers in one call, as the action [Remove] does. It is no error if some are gone already.
func (c *Client) Remove(ctx context.Context, containers ...string) error {
	if _, err := c.run(ctx, removeArgs(containers...)...); err != nil {
		return fmt.Errorf("removing containers: %w", err)
	}
	return nil
}
