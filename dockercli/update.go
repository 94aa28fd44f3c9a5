package dockercli

import (
	"context"
	"strconv"
)

// UpdatePids limits the number of tasks of a container; −1 for no limit.
func (c *Client) UpdatePids(ctx context.Context, id string, limit int64) error {
	_, err := c.run(ctx, "update", "--pids-limit", strconv.FormatInt(limit, 10), "--", id)
	return err
}
