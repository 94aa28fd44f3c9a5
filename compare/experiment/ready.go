package experiment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"haltscope/compare/value"
)

// Ready is when a twin counts as ready. Without any of it, it does as soon as it runs.
type Ready struct {
	Log     *regexp.Regexp // a line of its log, on either output
	Healthy bool           // its health check says so
	Within  time.Duration  // how long Log and Healthy may take; 0 for readyLimit
}

// NotReadyError is a twin that did not get ready: nothing was tried on it.
type NotReadyError struct{ Text, Next string }

func (e *NotReadyError) Error() string { return e.Text }

// Hint is what to do next.
func (e *NotReadyError) Hint() string { return e.Next }

// awaitImage waits until the twins of an image are ready.
func (x *experiment) awaitImage(ctx context.Context) error {
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
	var mu sync.Mutex
	var failed []error
	x.each(func(a *arm) {
		var err error
		if x.Ready.Log != nil {
			err = x.awaitLine(limit, a, within)
		}
		if err == nil && x.Ready.Healthy {
			err = x.awaitHealth(limit, a, within)
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = append(failed, err)
		}
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(failed) > 0 {
		return failed[0] // the others' would say the same
	}
	return nil
}

// awaitLine waits for a line of the log.
func (x *experiment) awaitLine(ctx context.Context, a *arm, within time.Duration) error {
	found, ended := make(chan struct{}), make(chan error, 1)
	var once sync.Once
	follow, cancel := context.WithCancel(ctx)
	defer cancel()
	err := x.docker.FollowBothLogs(follow, a.id, func(line []byte) {
		if x.Ready.Log.Match(bytes.TrimRight(line, "\r")) {
			once.Do(func() { close(found) })
		}
	}, func(err error) { ended <- err })
	if err != nil {
		return err
	}
	select {
	case <-found:
		cancel()
		<-ended
		return nil
	case <-ctx.Done():
		<-ended
	case <-ended:
		select {
		case <-found:
			return nil
		default:
		}
		if code, over := x.endedCode(ctx, a); over {
			return &NotReadyError{fmt.Sprintf("the twin ended before its log had a line that matches %q: exit code %d (its last line: %s)",
				x.Ready.Log, code, orNothing(x.docker.LastWords(ctx, a.id))), "see what it needs to run: docker logs, haltscope check --help"}
		}
	}
	return &NotReadyError{fmt.Sprintf("the twin's log had no line that matches %q within %s (its last line: %s)",
		x.Ready.Log, within, orNothing(x.docker.LastWords(context.WithoutCancel(ctx), a.id))),
		"is the expression right (it is Go's: regexp/syntax), or the time too short (--ready-within)?"}
}

func orNothing(words string) string {
	if words == "" {
		return "it wrote nothing"
	}
	return words
}

// endedCode tells whether a twin has ended.
func (x *experiment) endedCode(ctx context.Context, a *arm) (int, bool) {
	found, err := x.docker.Inspect(ctx, a.id)
	c, ok := found[a.id]
	return c.State.ExitCode, err == nil && ok && !c.State.Running
}

// awaitHealth waits for the health check to say healthy.
func (x *experiment) awaitHealth(ctx context.Context, a *arm, within time.Duration) error {
	health := ""
	for {
		setups, err := x.docker.Setups(ctx, a.id)
		if ctx.Err() != nil {
			return &NotReadyError{fmt.Sprintf("the twin's health check did not say healthy within %s (it says %s)", within, orNothing(health)),
				"look at the check itself (HEALTHCHECK), or allow more time: --ready-within"}
		}
		if err != nil {
			return err
		}
		setup, ok := setups[a.id]
		switch {
		case !ok:
			return errors.New("the twin was removed by somebody else")
		case setup.State.Health == nil || setup.State.Health.Status == "none":
			return &NotReadyError{"the twin has no health check, so it can never be healthy", "wait for a line of its log instead (--ready-log), or for a time (--ready-after)"}
		}
		if health = value.Clean(setup.State.Health.Status); health == "healthy" {
			return nil
		}
		if code, over := x.endedCode(ctx, a); over {
			return &NotReadyError{fmt.Sprintf("the twin ended before it was healthy: exit code %d (its last line: %s)", code, orNothing(x.docker.LastWords(ctx, a.id))), ""}
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}
