package dockercli

import "context"

// CopyOut reads a file of a container as a tar archive.
func (c *Client) CopyOut(ctx context.Context, id, path string) (Call, error) {
	return c.run(ctx, 0, nil, "cp", "--", id+":"+path, "-")
}
