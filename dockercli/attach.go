package dockercli

import "context"

// Attach attaches to the output of a container until the container or ctx ends. Only the attach event shows that it has
// attached: a container may have nothing to print.
func (c *Client) Attach(ctx context.Context, id string) error {
	_, err := c.run(ctx, "attach", "--no-stdin", "--sig-proxy=false", "--", id)
	return err
}
