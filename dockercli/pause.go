package dockercli

import (
	"context"
	"fmt"
	"time"
)

// pauseTries is how often docker pause is run before its failure to freeze is believed.
const pauseTries = 5

// Pause runs `docker pause`. On cgroup v1 the runtime gives a freeze up, and takes it back, where the processes do not get a
// processor in time; it is asked again then, a few times, and each is logged. The [Call] that is returned is the last one,
// its Started and Elapsed those of all. Source: runc, libcontainer/cgroups/fs/freezer.go.
func (c *Client) Pause(ctx context.Context, id string) (Call, error) {
	var began time.Time
	for try := 1; ; try++ {
		call, err := c.run(ctx, engineWait, nil, "pause", "--", id)
		if began.IsZero() {
			began = call.Started
		}
		call.Elapsed += call.Started.Sub(began)
		call.Started = began
		if !mentions(err, "unable to freeze") {
			return call, err
		}
		if try == pauseTries || ctx.Err() != nil {
			return call, fmt.Errorf("tried %d times: %w", try, err)
		}
		c.Log.Warn().Str("container", id).Msgf("the runtime gave up the freeze, as it does on a busy host of cgroup v1: docker pause is tried again (%d of %d)", try+1, pauseTries)
	}
}
