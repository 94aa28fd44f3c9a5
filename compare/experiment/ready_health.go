package experiment

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"haltscope/compare/value"
)

// healthInterval is the polling interval: docker has no command that waits for a health check.
const healthInterval = 200 * time.Millisecond

// awaitHealth waits until the twin's health check reports healthy.
func awaitHealth(ctx context.Context, docker inspector, id string, within time.Duration) error {
	health := ""
	for {
		found, err := docker.Inspect(ctx, id)
		if ctx.Err() != nil {
			return &NotReadyError{fmt.Sprintf("the twin's health check did not report healthy within %s (it reports %s)", within,
				cmp.Or(health, "nothing")),
				"look at the check itself (HEALTHCHECK), or allow more time: --ready-within", false}
		}
		if err != nil {
			return err
		}
		twin, ok := found[id]
		switch {
		case !ok:
			return removedTwin(nil)
		case twin.State.Health == nil || twin.State.Health.Status == "none":
			return &NotReadyError{"the twin has no health check, so it can never be healthy",
				"wait for a line of its log instead (--ready-log), or for a fixed time (--ready-after)", false}
		}
		if health = value.Clean(twin.State.Health.Status); health == "healthy" {
			return nil
		}
		if !twin.State.Running {
			return &NotReadyError{fmt.Sprintf("the twin ended before it was healthy: exit code %d (its last line: %s)",
				twin.State.ExitCode, orNothing(lastLine(ctx, docker, id))), "", true}
		}
		if wait(ctx, healthInterval) != nil {
			continue // the next reading reports the time limit
		}
	}
}
