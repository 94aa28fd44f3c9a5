package dockercli

import "context"

// Start is `docker start`: it starts a container that does not run.
type Start struct{}

// Args returns the arguments of `docker start`.
func (Start) Args(container string) []string { return []string{"start", "--", container} }

func (s Start) do(ctx context.Context, c *Client, container string) (Call, error) {
	return c.act(ctx, 0, s.Args(container))
}
