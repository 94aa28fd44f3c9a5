package dockercli

import (
	"context"
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// HistorySteps returns the number of steps in which an image was made: 1 if it was imported, more if it was built on an
// image or committed from a container.
func (c *Client) HistorySteps(ctx context.Context, id string) (int, error) {
	call, err := c.run(ctx, "history", "--quiet", "--no-trunc", "--", id)
	if err != nil {
		return 0, fmt.Errorf("reading the history of image %s: %w", value.Clean(id), err)
	}
	return len(strings.Fields(string(call.Stdout))), nil
}
