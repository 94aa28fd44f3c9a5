package dockercli

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Notice is an event as a watch takes it: with the container's name.
type Notice struct {
	Event
	Name   string
	ExecID string // of the exec_… actions; with the rest it tells two events of the same instant apart
}

// Filter narrows what is listed and followed, as docker's own filters do: of one key any, of several keys all.
type Filter struct {
	Labels, Images []string
}

// FollowError is a line of the events that could not be understood. The following goes on behind it.
type FollowError struct{ Err error }

func (e *FollowError) Error() string { return e.Err.Error() }
func (e *FollowError) Unwrap() error { return e.Err }

// maxEventLine bounds a line of the events, in bytes.
const maxEventLine = 1 << 20

// Follow passes on the events of containers from a moment on, until ctx ends, which is no error, or the daemon hangs up,
// which always is one: engines from 29 do so with exit code 0. Lines that cannot be understood go to bad.
//
// see is called from the goroutine that drains the pipe, so it must not wait: the engine drops what is not taken.
func (c *Client) Follow(ctx context.Context, since time.Time, filter Filter, see func(Notice), bad func(error)) error {
	args := []string{"events", "--since", moment(since), "--filter", "type=container"}
	for _, label := range filter.Labels {
		args = append(args, "--filter", "label="+label)
	}
	for _, image := range filter.Images {
		args = append(args, "--filter", "image="+image)
	}
	stream, err := c.stream(ctx, append(args, "--format", c.eventFormat())...)
	if err != nil {
		return fmt.Errorf("following the events: %w", err)
	}
	err = stream.read(maxEventLine, func(line []byte, length int) error {
		if length > len(line) {
			bad(&FollowError{longEvent(length, maxEventLine)})
			return nil
		}
		if length == 0 {
			return nil
		}
		notice, err := c.notice(line)
		if err != nil {
			bad(&FollowError{err})
			return nil
		}
		see(notice)
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil:
		err = errors.New("the daemon hung up without a word")
	}
	return fmt.Errorf("docker events ended: %w", err)
}

func moment(t time.Time) string { return fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond()) }

// History tells how far back the daemon's own memory of events goes, of all types together: since when, and how many.
// The daemon keeps 256 (daemon/events/events.go, eventsLimit) and none across a restart.
func (c *Client) History(ctx context.Context) (oldest time.Time, n int, err error) {
	call, err := c.run(ctx, 0, nil, "events", "--since", "0", "--until", moment(time.Now()), "--format", "{{.TimeNano}}")
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("asking for the daemon's history of events: %w", err)
	}
	var first int64
	for _, nano := range splitNumbers(call.Stdout) {
		if first == 0 || nano < first {
			first = nano
		}
		n++
	}
	return time.Unix(0, first), n, nil
}

// HistoryLimit is how many events the daemon keeps.
const HistoryLimit = 256

// Listed lists the containers that pass a filter, in any state.
func (c *Client) Listed(ctx context.Context, filter Filter) ([]PsLine, error) {
	args := []string{"--all"}
	for _, label := range filter.Labels {
		args = append(args, "--filter", "label="+label)
	}
	for _, image := range filter.Images {
		args = append(args, "--filter", "ancestor="+image)
	}
	lines, err := c.list(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("listing the containers: %w", err)
	}
	return lines, nil
}
