package dockercli

import "context"

// Unpause runs `docker unpause`.
func (c *Client) Unpause(ctx context.Context, id string) (Call, error) {
	return c.run(ctx, 0, nil, "unpause", "--", id)
}
