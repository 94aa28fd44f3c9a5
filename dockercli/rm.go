package dockercli

import (
	"context"
	"fmt"
)

// Remove removes containers, running or not, with their anonymous volumes. Those that are gone already do not matter.
func (c *Client) Remove(ctx context.Context, names ...string) error {
	if _, err := c.run(ctx, 0, nil, append([]string{"rm", "--force", "--volumes", "--"}, names...)...); err != nil {
		return fmt.Errorf("removing containers: %w", err)
	}
	return nil
}
