package dockercli

import (
	"context"
	"errors"
	"fmt"
)

// ErrGivenUp means that the runtime has taken a freeze back: on cgroup v1 it does where the processes do not get a
// processor in time. Source: runc, libcontainer/cgroups/fs/freezer.go.
var ErrGivenUp = errors.New("the freeze was given up")

// Pause runs `docker pause`; [ErrGivenUp] where it may be tried again.
func (c *Client) Pause(ctx context.Context, id string) (Call, error) {
	call, err := c.run(ctx, engineWait, nil, "pause", "--", id)
	if mentions(err, "unable to freeze") {
		err = fmt.Errorf("%w: %w", ErrGivenUp, err)
	}
	return call, err
}
