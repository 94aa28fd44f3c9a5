package dockercli

import (
	"context"
	"fmt"
	"time"
)

// Pause is `docker pause`: it freezes the processes of a container.
//
// On cgroup v1 the runtime gives up a freeze, and undoes it, if the processes do not get a CPU in time (runc,
// libcontainer/cgroups/fs/freezer.go). Docker is then run again, up to pauseTries times, and each retry is logged. The
// [Call] that [Client.Do] returns is the last one; Started and Elapsed cover all.
type Pause struct {
	// Thawed reports whether the kernel shows that the container's cgroup is neither frozen nor asked to be. Together with docker's
	// word that the container runs, it shows that a failed freeze was undone. Nil if nobody can tell: docker is not run again then.
	Thawed func() bool
}

// pauseTries is how often docker pause is run before its failure to freeze is final.
const pauseTries = 5

// Args returns the arguments of `docker pause`.
func (Pause) Args(container string) []string { return []string{"pause", "--", container} }

func (p Pause) do(ctx context.Context, c *Client, container string) (Call, error) {
	var began time.Time
	for try := 1; ; try++ {
		call, err := c.act(ctx, 0, p.Args(container))
		if began.IsZero() {
			began = call.Started
		}
		call.Elapsed += call.Started.Sub(began)
		call.Started = began
		if err == nil || !p.undone(ctx, c, container, err) {
			return call, err
		}
		if try == pauseTries || ctx.Err() != nil {
			return call, fmt.Errorf("tried %d times: %w", try, err)
		}
		c.Log.Warn().Str("container", container).Err(err).Msgf(
			"the container was not frozen, as happens on a busy host with cgroup v1: retrying docker pause (%d of %d)", try+1, pauseTries)
	}
}

// undone reports whether docker refused a pause, although the container runs and nothing has frozen it.
func (p Pause) undone(ctx context.Context, c *Client, container string, err error) bool {
	if p.Thawed == nil || !Refused(err) || !p.Thawed() {
		return false
	}
	found, err := c.Inspect(ctx, container)
	one, ok := pick(found, container)
	return err == nil && ok && one.State.Status == "running" && !one.State.Paused
}
