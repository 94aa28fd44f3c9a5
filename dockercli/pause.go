package dockercli

import "context"

// Pause runs `docker pause`.
func (c *Client) Pause(ctx context.Context, id string) (Call, error) {
	return c.run(ctx, engineWait, nil, "pause", "--", id)
}
