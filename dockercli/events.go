package dockercli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"haltscope/compare/value"
)

// Event is a line of `docker events` about a container.
//
// A container's labels share the attributes' map and win: a label named `signal` or `exitCode` replaces the real value
// (daemon/events.go, copyAttributes). So both are hints, for the caller to trust only when it knows the labels' keys.
type Event struct {
	Action   string // kill, die, stop, pause, unpause, oom, start, restart, destroy, …
	ID       string // the container's full id
	Time     time.Time
	Signal   string // of a kill: a decimal number
	ExitCode string // of a die: a decimal number
}

// Events follows the events of the containers that pass filters, from a moment on, until ctx ends or the daemon hangs
// up. It is read by a goroutine of its own, for the engine drops what a slow reader does not take.
type Events struct {
	mu     sync.Mutex
	seen   []Event
	change chan struct{} // closed and made anew with each event and at the end
	ended  bool
	err    error
	cancel context.CancelFunc
	done   chan struct{}
}

// Events starts to follow. Events since the moment given are included, wherever the call itself comes to be later. The
// filters are docker's, label=KEY=VALUE or container=ID.
func (c *Client) Events(ctx context.Context, since time.Time, filters ...string) (*Events, error) {
	ctx, cancel := context.WithCancel(ctx)
	args := []string{"events", "--since", moment(since), "--filter", "type=container"}
	for _, filter := range filters {
		args = append(args, "--filter", filter)
	}
	stream, err := c.stream(ctx, append(args, "--format", c.eventFormat())...)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("following the events: %w", err)
	}
	e := &Events{change: make(chan struct{}), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(e.done)
		err := stream.read(maxOutput, func(line []byte, length int) error {
			if length > len(line) {
				return longEvent(length, maxOutput)
			}
			event, err := c.event(line)
			if err == nil {
				e.add(event)
			}
			return err
		})
		switch {
		case ctx.Err() != nil:
			err = nil // it was asked to end
		case err == nil:
			err = errors.New("the daemon hung up without a word")
		}
		if err != nil {
			err = fmt.Errorf("docker events ended: %w", err)
		}
		e.end(err)
	}()
	return e, nil
}

// eventFormat has docker print an event in the form of `{{json .}}`, but without the labels, which may be megabytes and hold
// secrets. A label that replaces one of these attributes is printed all the same. Podman knows other fields, and gets
// `{{json .}}`.
func (c *Client) eventFormat() string {
	if c.podman {
		return "{{json .}}"
	}
	return `{"Action":{{json .Action}},"Actor":{"ID":{{json .Actor.ID}},"Attributes":{` +
		`"name":{{json (index .Actor.Attributes "name")}},"signal":{{json (index .Actor.Attributes "signal")}},` +
		`"exitCode":{{json (index .Actor.Attributes "exitCode")}},"execID":{{json (index .Actor.Attributes "execID")}}}},` +
		`"timeNano":{{.TimeNano}}}`
}

func longEvent(length, bound int) error {
	return fmt.Errorf("docker events printed a line of %d bytes, more than the %d that are read", length, bound)
}

func (e *Events) add(event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	// The engine's buffer and its live stream may overlap.
	for _, s := range e.seen {
		if s == event {
			return
		}
	}
	e.seen = append(e.seen, event)
	close(e.change)
	e.change = make(chan struct{})
}

func (e *Events) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended, e.err = true, err
	close(e.change)
	e.change = make(chan struct{})
}

// Of returns the events of one container so far, in the order in which Docker sent them.
func (e *Events) Of(id string) []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.of(id)
}

func (e *Events) of(id string) []Event {
	var all []Event
	for _, event := range e.seen {
		if event.ID == id {
			all = append(all, event)
		}
	}
	return all
}

// Await waits until the events of a container since a moment satisfy enough, and reports whether they came to.
func (e *Events) Await(ctx context.Context, id string, since time.Time, enough func([]Event) bool) bool {
	for {
		e.mu.Lock()
		events, change, ended := Since(e.of(id), since), e.change, e.ended
		e.mu.Unlock()
		if enough(events) {
			return true
		}
		if ended {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-change:
		}
	}
}

// Since drops the events before a moment.
func Since(events []Event, moment time.Time) []Event {
	var later []Event
	for _, event := range events {
		if !event.Time.Before(moment) {
			later = append(later, event)
		}
	}
	return later
}

// Err says why the following has ended, or nil while it goes on.
func (e *Events) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// Close ends the following and returns what went wrong with it, if anything did.
func (e *Events) Close() error {
	e.cancel()
	<-e.done
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// parseEvent parses one line. Action and Actor are read, not the legacy `status` and `id`, which API 1.52 drops.
//
//	{"Type":"container","Action":"kill","Actor":{"ID":"4f1c…","Attributes":{"image":"…","name":"web","signal":"15"}},"timeNano":1716212345678901234, …}
func parseEvent(line []byte) (Event, error) {
	var raw struct {
		Action string
		Actor  struct {
			ID string
			// A map, for a struct's keys would match in any case, and so a label named EXITCODE.
			Attributes map[string]json.RawMessage
		}
		TimeNano int64 `json:"timeNano"`
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return Event{}, fmt.Errorf("docker events printed a line that is not the JSON asked for: %w", err)
	}
	if raw.Action == "" || raw.Actor.ID == "" || raw.TimeNano <= 0 {
		return Event{}, fmt.Errorf("docker events printed an event without Action, Actor.ID or timeNano: %s", value.Clean(string(line[:min(len(line), 120)])))
	}
	action, _, _ := strings.Cut(raw.Action, ":") // "exec_create: /bin/sh …", "health_status: healthy"
	return Event{Action: value.Clean(action), ID: raw.Actor.ID, Time: time.Unix(0, raw.TimeNano),
		Signal: text(raw.Actor.Attributes["signal"]), ExitCode: text(raw.Actor.Attributes["exitCode"])}, nil
}

func text(raw json.RawMessage) (s string) {
	json.Unmarshal(raw, &s) // what is no text stays ""
	return s
}

// SignalNumber reads the attribute of a kill event.
func (e Event) SignalNumber() (int, bool) { return number(e.Signal) }

// ExitStatus reads the attribute of a die event.
func (e Event) ExitStatus() (int, bool) { return number(e.ExitCode) }

func number(text string) (int, bool) {
	v, err := strconv.Atoi(text)
	return v, err == nil
}
