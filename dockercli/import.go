package dockercli

import (
	"context"
	"fmt"
	"io"
)

// Import makes an image, tagged ref, from a tar archive of a file system. changes are Dockerfile instructions.
func (c *Client) Import(ctx context.Context, tar io.Reader, ref string, changes ...string) error {
	args := []string{"import"}
	for _, change := range changes {
		args = append(args, "--change", change)
	}
	if _, err := c.do(ctx, request{args: append(args, "--", "-", ref), stdin: tar}); err != nil {
		return fmt.Errorf("importing image %s: %w", ref, err)
	}
	return nil
}
