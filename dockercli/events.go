package dockercli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/tidwall/gjson"

	"haltscope/compare/value"
)

// eventStream is a running `docker events`, limited to containers.
type eventStream struct {
	ctx    context.Context
	stream *stream
	parse  func([]byte) (Event, error)
	past   bool // it ends by itself
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
// returns an error if docker cannot be started. The stream has no deadline and ends with ctx, or after the events up to until, which
// must be past; zero for no such end. The events must be ranged over, once; they come in the order in which docker prints them. It
// guarantees:
//
//   - Nothing that docker prints is lost. A line that cannot be understood, or is longer than maxEventLine, yields a [*LineError],
//     and the stream continues.
//   - An event may come twice, because the daemon's history and its live events may overlap.
//   - When ctx ends, so does the stream, without an error. So does one of the past after its last event.
//   - When the daemon hangs up, the last thing yielded is an error that is not a LineError. Engines from 29 on hang up with exit
//     code 0, which is an error as well.
//   - When the loop is left, docker has ended.
//
// The body of the loop must not block for long: the daemon drops events for a reader that is slower than they come (moby,
// pubsub: a queue of 1024, and 100 ms).
func (c *Client) Follow(ctx context.Context, since, until time.Time, filter Filter) (iter.Seq2[Event, error], error) {
	s := &eventStream{ctx: ctx, parse: ParseEvent, past: !until.IsZero()}
	format := eventFormat
	if c.isPodman(ctx) {
		s.parse, format = parsePodmanEvent, podmanEventFormat
	}
	args := []string{"events", "--since", moment(since)}
	if s.past {
		args = append(args, "--until", moment(until))
	}
	args = append(append(args, "--filter", "type=container"), filter.eventFlags()...)
	var err error
	if s.stream, err = c.stream(ctx, append(args, "--format", format)...); err != nil {
		return nil, fmt.Errorf("following the events: %w", err)
	}
	return s.all(), nil
}

// all yields the events, as [Client.Follow] promises.
func (s *eventStream) all() iter.Seq2[Event, error] {
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
		case s.ctx.Err() != nil, errors.Is(err, left), s.past && err == nil:
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

// History is what the daemon has kept of its events.
type History struct {
	Events     int       // how many it has, of all types together
	Oldest     time.Time // of those; zero for none
	Containers []Event   // those about containers, in the daemon's order
}

// Kills returns the signals that the daemon sent to containers, in its order.
func (h *History) Kills() (all []Event) {
	for _, e := range h.Containers {
		if e.Action == "kill" {
			all = append(all, e)
		}
	}
	return all
}

// Complete reports whether the history has all events since a time.
func (h *History) Complete(since time.Time) bool { return h.Events > 0 && !h.Oldest.After(since) }

// EventHistory returns the daemon's history.
func (c *Client) EventHistory(ctx context.Context) (History, error) {
	call, err := c.run(ctx, "events", "--since", "0", "--until", moment(time.Now()), "--format", historyFormat)
	if err != nil {
		return History{}, fmt.Errorf("reading the daemon's event history: %w", err)
	}
	h, err := parseHistory(call.Stdout)
	if err != nil {
		return History{}, fmt.Errorf("reading the daemon's event history: %w", err)
	}
	return h, nil
}

// parseHistory parses events, one a line: see [ParseEvent].
func parseHistory(data []byte) (h History, err error) {
	for line := range bytes.Lines(data) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		nano := gjson.GetBytes(line, "timeNano")
		if !gjson.ValidBytes(bytes.TrimSpace(line)) || nano.Type != gjson.Number {
			return History{}, fmt.Errorf("docker events printed a line that is not the requested JSON: %s",
				value.Clean(string(line[:min(len(line), 60)])))
		}
		if at := time.Unix(0, nano.Int()); h.Events == 0 || at.Before(h.Oldest) {
			h.Oldest = at
		}
		h.Events++
		if gjson.GetBytes(line, "Type").Str != "container" || gjson.GetBytes(line, "Actor.ID").Str == "" {
			continue // docker container prune's have no Actor.ID
		}
		e, err := ParseEvent(line)
		if err != nil {
			return History{}, err
		}
		h.Containers = append(h.Containers, e)
	}
	return h, nil
}
