package dockercli

import "context"

// Unpause is `docker unpause`: it thaws the processes of a container.
type Unpause struct{}

// Args returns the arguments of `docker unpause`.
func (Unpause) Args(container string) []string { return []string{"unpause", "--", container} }

func (u Unpause) do(ctx context.Context, c *Client, container string) (Call, error) {
	return c.act(ctx, 0, u.Args(container))
}
