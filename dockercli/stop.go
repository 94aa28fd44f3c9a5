package dockercli

import (
	"context"
	"strconv"
	"time"
)

// Stop stops a container. grace is what `docker stop -t` takes, in whole seconds; nil leaves it to the container's
// configuration. wait is how long the stop may take by design; it comes on top of the call's deadline.
func (c *Client) Stop(ctx context.Context, id string, grace *time.Duration, wait time.Duration) (Call, error) {
	args := []string{"stop"}
	if grace != nil {
		// -t: the long form was renamed in 28.0.
		args = append(args, "-t", strconv.Itoa(int(*grace/time.Second)))
	}
	return c.run(ctx, wait+engineWait, nil, append(args, "--", id)...)
}
