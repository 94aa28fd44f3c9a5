package experiment

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"haltscope/compare/fault"
)

// Ready says when a twin of an image counts as ready. Its zero value means: as soon as it runs.
type Ready struct {
	Log     *regexp.Regexp // a line of its log matches, on either output
	Healthy bool           // its health check succeeds
	Within  time.Duration  // the time limit for both; 0 for readyLimit
}

// readyLimit is how long the embedded workload may take to fill its memory.
const readyLimit = 90 * time.Second

// NotReadyError means that a twin did not become ready. Nothing was tried on it.
type NotReadyError struct {
	Text, Next string
	Ended      bool // it has ended
}

func (e *NotReadyError) Error() string { return e.Text }

// Hint is what to do next.
func (e *NotReadyError) Hint() string { return e.Next }

// awaitReady waits until all twins are ready. It returns the logs of the embedded workload, one per twin; nil ones for an image.
func (x *experiment) awaitReady(ctx context.Context, twins []*runningTwin, command []string) ([]*workloadLog, error) {
	if !x.image.embedded {
		return make([]*workloadLog, len(twins)), x.awaitImage(ctx, twins)
	}
	done := x.progress.Step("waiting for the workload to hold its memory", 0)
	defer done()
	limit, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	var logs []*workloadLog
	for _, t := range twins {
		log, err := x.follow(ctx, t.id, time.Time{})
		if err != nil {
			return nil, err
		}
		logs = append(logs, log)
	}
	for i, t := range twins {
		state, ready := logs[i].await(limit, func(s logState) bool { return s.ready })
		switch {
		case ready:
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case state.err != nil:
			return nil, state.err
		case state.ended:
			return nil, fault.WithHint(fmt.Errorf("the embedded workload ended before it was ready: %s", lastLine(ctx, x.twins(), t.id)),
				"see its flags: haltscope workload --help")
		default:
			return nil, fmt.Errorf("the embedded workload was not ready within %s: is the machine too busy, or %v too much for it?",
				readyLimit, command)
		}
	}
	return logs, nil
}

// awaitImage waits until the twins of an image are ready.
func (x *experiment) awaitImage(ctx context.Context, twins []*runningTwin) error {
	if x.Ready.Log == nil && !x.Ready.Healthy {
		return nil
	}
	within := x.Ready.Within
	if within == 0 {
		within = readyLimit
	}
	done := x.progress.Step("waiting until the twins are ready", within)
	defer done()
	limit, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	errs := each(twins, func(_ int, t *runningTwin) error {
		if x.Ready.Log != nil {
			if err := awaitLine(limit, x.twins(), t.id, x.Ready.Log, within); err != nil {
				return err
			}
		}
		if x.Ready.Healthy {
			return awaitHealth(limit, x.twins(), t.id, within)
		}
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, err := range errs {
		if err == nil {
			continue
		}
		// The others failed for the same reason.
		if notReady := new(NotReadyError); errors.As(err, &notReady) && notReady.Ended {
			return x.image.ended(err)
		}
		return err
	}
	return nil
}

// exitCode returns the exit code of a twin that has ended.
func exitCode(ctx context.Context, docker inspector, id string) (code int, ended bool, err error) {
	found, err := docker.Inspect(ctx, id)
	if err != nil {
		return 0, false, err
	}
	c, ok := found[id]
	if !ok {
		return 0, false, removedTwin(nil)
	}
	return c.State.ExitCode, !c.State.Running, nil
}

func orNothing(words string) string {
	if words == "" {
		return "it wrote nothing"
	}
	return words
}
