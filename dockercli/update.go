package dockercli

import (
	"context"
	"strconv"
)

// UpdatePids sets how many tasks a container may have; −1 for no limit.
func (c *Client) UpdatePids(ctx context.Context, id string, limit int64) (Call, error) {
	return c.run(ctx, 0, nil, "update", "--pids-limit", strconv.FormatInt(limit, 10), "--", id)
}
