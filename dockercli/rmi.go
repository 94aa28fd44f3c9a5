package dockercli

import (
	"context"
	"fmt"

	"haltscope/compare/value"
)

// Untag removes a name from an image, and the image with its last name. Docker refuses that, without --force, if a container
// or another image is made from it.
func (c *Client) Untag(ctx context.Context, name string) error {
	if _, err := c.run(ctx, "rmi", "--", name); err != nil {
		return fmt.Errorf("removing image %s: %w", value.Clean(name), err)
	}
	return nil
}
