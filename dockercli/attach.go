package dockercli

import "context"

// Attach attaches to a container's output, until it or ctx ends. That it has attached is told by the event of that name
// alone: a container may have nothing to say.
func (c *Client) Attach(ctx context.Context, id string) (Call, error) {
	return c.run(ctx, 0, nil, "attach", "--no-stdin", "--sig-proxy=false", "--", id)
}
