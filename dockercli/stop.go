package dockercli

import (
	"context"
	"strconv"
	"time"
)

// Stop is `docker stop`: it sends the container's stop signal, and SIGKILL if the container still runs after the grace.
type Stop struct {
	Signal   string         // instead of the container's own; "" for that. Engines before 23.0 (API 1.42) ignore it
	Grace    *time.Duration // in whole seconds; nil for the container's own, below 0 for no limit
	Expected time.Duration  // how long docker may take by design. It is added to the deadline of the call
}

// Args returns the arguments of `docker stop`.
func (s Stop) Args(container string) []string {
	return append(append([]string{"stop"}, stopFlags(s.Signal, s.Grace)...), "--", container)
}

func (s Stop) do(ctx context.Context, c *Client, container string) (Call, error) {
	return c.act(ctx, s.Expected, s.Args(container))
}

// stopFlags returns the flags that docker stop and docker restart have in common. The grace is -t, because its long form was
// renamed in 28.0.
func stopFlags(signal string, grace *time.Duration) (flags []string) {
	if signal != "" {
		flags = append(flags, "--signal", signal)
	}
	if grace != nil {
		flags = append(flags, "-t", strconv.Itoa(int(*grace/time.Second)))
	}
	return flags
}
