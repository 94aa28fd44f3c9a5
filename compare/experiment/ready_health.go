package experiment

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// healthSource is what awaitHealth asks Docker.
type healthSource interface {
	inspector
	Setups(ctx context.Context, ids ...string) (map[string]dockercli.Setup, error)
}

// healthInterval is the polling interval: docker has no command that waits for a health check.
const healthInterval = 200 * time.Millisecond

// awaitHealth waits until the twin's health check reports healthy.
func awaitHealth(ctx context.Context, docker healthSource, id string, within time.Duration) error {
	health := ""
	for {
		setups, err := docker.Setups(ctx, id)
		if ctx.Err() != nil {
			return &NotReadyError{fmt.Sprintf("the twin's health check did not report healthy within %s (it reports %s)", within, cmp.Or(health, "nothing")),
				"look at the check itself (HEALTHCHECK), or allow more time: --ready-within"}
		}
		if err != nil {
			return err
		}
		setup, ok := setups[id]
		switch {
		case !ok:
			return errRemoved
		case setup.State.Health == nil || setup.State.Health.Status == "none":
			return &NotReadyError{"the twin has no health check, so it can never be healthy",
				"wait for a line of its log instead (--ready-log), or for a fixed time (--ready-after)"}
		}
		if health = value.Clean(setup.State.Health.Status); health == "healthy" {
			return nil
		}
		switch code, ended, err := exitCode(ctx, docker, id); {
		case err != nil && ctx.Err() == nil:
			return err
		case err == nil && ended:
			return &NotReadyError{fmt.Sprintf("the twin ended before it was healthy: exit code %d (its last line: %s)",
				code, orNothing(docker.LastWords(ctx, id))), ""}
		}
		if wait(ctx, healthInterval) != nil {
			continue // the next reading reports the time limit
		}
	}
}
