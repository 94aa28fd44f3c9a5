package dockercli

import (
	"context"
	"time"
)

// Restart is `docker restart`: it stops the container as [Stop] does, and starts it.
type Restart struct {
	Signal   string         // see [Stop]
	Grace    *time.Duration // see [Stop]
	Expected time.Duration  // see [Stop]
}

// Args returns the arguments of `docker restart`.
func (r Restart) Args(container string) []string {
	return append(append([]string{"restart"}, stopFlags(r.Signal, r.Grace)...), "--", container)
}

func (r Restart) do(ctx context.Context, c *Client, container string) (Call, error) {
	return c.act(ctx, r.Expected, r.Args(container))
}
