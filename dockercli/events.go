package dockercli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"
)

// EventStream is a running `docker events`, limited to containers.
type EventStream struct {
	ctx    context.Context
	stream *stream
	parse  func([]byte) (Event, error)
}

// maxEventLine bounds a line of docker events, in bytes. Labels can make an event a few megabytes long.
const maxEventLine = 4 << 20

// LineError is a line of docker events that could not be understood, or is longer than maxEventLine. Later lines are not
// affected.
type LineError struct{ Err error }

func (e *LineError) Error() string { return e.Err.Error() }
func (e *LineError) Unwrap() error { return e.Err }

// Follow starts to follow the events of the containers that pass the filter. It includes the events since a moment in the
// past, as far as the daemon has kept them ([HistoryLimit]), so nothing is lost between that moment and the start of docker. It
// returns an error if docker cannot be started. The stream has no deadline and ends with ctx. [EventStream.All] must be called.
func (c *Client) Follow(ctx context.Context, since time.Time, filter Filter) (*EventStream, error) {
	s := &EventStream{ctx: ctx, parse: ParseEvent}
	format := eventFormat
	if c.isPodman(ctx) {
		s.parse, format = parsePodmanEvent, podmanEventFormat
	}
	args := append([]string{"events", "--since", moment(since), "--filter", "type=container"}, filter.eventFlags()...)
	var err error
	if s.stream, err = c.stream(ctx, append(args, "--format", format)...); err != nil {
		return nil, fmt.Errorf("following the events: %w", err)
	}
	return s, nil
}

// All yields the events in the order in which docker prints them, and can be used once. It guarantees:
//
//   - Nothing that docker prints is lost. A line that cannot be understood, or is longer than maxEventLine, yields a [*LineError],
//     and the stream goes on.
//   - An event may come twice, because the daemon's history and its live events may overlap.
//   - When ctx ends, so does the stream, without an error.
//   - When the daemon hangs up, the last thing yielded is an error that is not a LineError. Engines from 29 on hang up with exit
//     code 0, which is an error as well.
//   - When the loop is left, docker has ended.
//
// The body of the loop must not block for long: the daemon drops events for a reader that is slower than they come (moby,
// pubsub: a queue of 1024, and 100 ms).
func (s *EventStream) All() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		left := errors.New("the loop was left")
		err := s.stream.read(maxEventLine, func(line []byte, length int) error {
			var event Event
			var err error
			switch {
			case length == 0:
				return nil
			case length > len(line):
				err = fmt.Errorf("docker events printed a line of %d bytes, which is longer than the limit of %d", length, maxEventLine)
			default:
				event, err = s.parse(line)
			}
			if err != nil {
				err = &LineError{err}
			}
			if !yield(event, err) {
				return left
			}
			return nil
		})
		switch {
		case s.ctx.Err() != nil, errors.Is(err, left):
			return
		case err == nil:
			err = errors.New("the daemon closed the stream without an error")
		}
		yield(Event{}, fmt.Errorf("docker events ended: %w", err))
	}
}

// moment is a time as docker's --since takes it.
func moment(t time.Time) string { return fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond()) }

// HistoryLimit is the number of events that the daemon keeps (moby, daemon/events/events.go, eventsLimit). It keeps none
// across a restart.
const HistoryLimit = 256

// EventHistory returns the number of events in the daemon's history, of all types together, and the time of the oldest.
func (c *Client) EventHistory(ctx context.Context) (oldest time.Time, n int, err error) {
	call, err := c.run(ctx, "events", "--since", "0", "--until", moment(time.Now()), "--format", "{{.TimeNano}}")
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("reading the daemon's event history: %w", err)
	}
	first, n := parseTimes(call.Stdout)
	return time.Unix(0, first), n, nil
}

// parseTimes parses a time in nanoseconds on each line, and skips other lines.
func parseTimes(data []byte) (first int64, n int) {
	for line := range bytes.Lines(data) {
		nano, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
		if err != nil {
			continue
		}
		if n == 0 || nano < first {
			first = nano
		}
		n++
	}
	return first, n
}
