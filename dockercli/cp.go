package dockercli

import "context"

// Copy reads a file of a container, as a tar archive, and drops it.
func (c *Client) Copy(ctx context.Context, id, path string) error {
	_, err := c.run(ctx, "cp", "--", id+":"+path, "-")
	return err
}
