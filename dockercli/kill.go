package dockercli

import "context"

// Kill is `docker kill`: it sends a signal to the first process of a container.
type Kill struct {
	Signal string // a name or number; "" for SIGKILL
}

// Args returns the arguments of `docker kill`.
func (k Kill) Args(container string) []string {
	args := []string{"kill"}
	if k.Signal != "" {
		args = append(args, "--signal", k.Signal)
	}
	return append(args, "--", container)
}

func (k Kill) do(ctx context.Context, c *Client, container string) (Call, error) {
	return c.act(ctx, 0, k.Args(container))
}
