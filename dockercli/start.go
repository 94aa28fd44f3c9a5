package dockercli

import "context"

// Start runs `docker start`.
func (c *Client) Start(ctx context.Context, id string) (Call, error) {
	return c.run(ctx, 0, nil, "start", "--", id)
}
