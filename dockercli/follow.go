package dockercli

import (
	"bufio"
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

// maxEventLine bounds a line of the events, in bytes. Labels are in there: a few hundred KiB of them have been seen.
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
	stream, err := c.stream(ctx, append(args, "--format", "{{json .}}")...)
	if err != nil {
		return fmt.Errorf("following the events: %w", err)
	}
	err = stream.readOn(func(line []byte) {
		notice, err := c.notice(line)
		if err != nil {
			bad(&FollowError{err})
			return
		}
		see(notice)
	}, bad)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil:
		err = errors.New("the daemon hung up without a word")
	}
	return fmt.Errorf("docker events ended: %w", err)
}

func moment(t time.Time) string { return fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond()) }

// readOn is read for a stream of which no line may end the following: one that is too long is passed over.
func (s *stream) readOn(line func([]byte), bad func(error)) error {
	in := bufio.NewReaderSize(s.stdout, 64<<10)
	var long []byte // a line that is longer than the reader's buffer
	skipped := 0    // bytes of a line that is longer than the bound
	var failed error
	for {
		part, err := in.ReadSlice('\n')
		switch {
		case skipped > 0:
			skipped += len(part)
		case len(long)+len(part) > maxEventLine:
			skipped, long = len(long)+len(part), nil
		case len(long) > 0 || errors.Is(err, bufio.ErrBufferFull):
			long = append(long, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		switch {
		case skipped > 0:
			bad(&FollowError{fmt.Errorf("docker events printed a line of %d bytes, more than the %d that are read", skipped, maxEventLine)})
		case long != nil:
			line(long)
		case len(part) > 1:
			line(part)
		}
		skipped, long = 0, nil
		if err != nil {
			failed = err
			break
		}
	}
	err := s.cmd.Wait()
	s.client.logCall(s.args, time.Since(s.started), s.cmd)
	if err != nil {
		return s.client.callError(context.Background(), s.cmd, err, s.stderr.String())
	}
	if failed.Error() != "EOF" {
		return fmt.Errorf("reading what docker prints: %w", failed)
	}
	return nil
}

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
	lines, err := c.list(ctx, psFields, "", args...)
	if err != nil {
		return nil, fmt.Errorf("listing the containers: %w", err)
	}
	return lines, nil
}
