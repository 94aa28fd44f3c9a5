package dockercli

import (
	"context"
	"iter"
	"sync"
	"time"
)

// EventLog follows the events of containers and keeps them, each once, for goroutines that wait for one of them. It reads what
// [Client.Follow] yields in a goroutine of its own, so it is never slow. A line that cannot be understood ends it, because the log would
// have a gap.
type EventLog struct {
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	events []Event
	seen   map[Event]struct{}
	change chan struct{} // closed and replaced with each event and at the end
	ended  bool
	err    error
}

// LogEvents starts to follow as [Client.Follow] does. Call [EventLog.Close] when done.
func (c *Client) LogEvents(ctx context.Context, since time.Time, filter Filter) (*EventLog, error) {
	ctx, cancel := context.WithCancel(ctx)
	events, err := c.Follow(ctx, since, time.Time{}, filter)
	if err != nil {
		cancel()
		return nil, err
	}
	l := &EventLog{cancel: cancel, done: make(chan struct{}), seen: map[Event]struct{}{}, change: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.end(l.follow(events))
	}()
	return l, nil
}

// follow adds events until they end.
func (l *EventLog) follow(events iter.Seq2[Event, error]) error {
	for event, err := range events {
		if err != nil {
			return err // also of a single line
		}
		l.add(event)
	}
	return nil
}

func (l *EventLog) add(event Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, again := l.seen[event]; again {
		return
	}
	l.seen[event] = struct{}{}
	l.events = append(l.events, event)
	close(l.change)
	l.change = make(chan struct{})
}

func (l *EventLog) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended, l.err = true, err
	close(l.change)
	l.change = make(chan struct{})
}

// Since returns the events of a container from a moment on, in the order in which Docker sent them.
func (l *EventLog) Since(id string, moment time.Time) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.since(id, moment)
}

func (l *EventLog) since(id string, moment time.Time) (all []Event) {
	for _, event := range l.events {
		if event.ID == id && !event.Time.Before(moment) {
			all = append(all, event)
		}
	}
	return all
}

// Await waits until the events of a container since a moment satisfy enough, and reports whether they did before ctx or the
// log ended.
func (l *EventLog) Await(ctx context.Context, id string, since time.Time, enough func([]Event) bool) bool {
	for {
		l.mu.Lock()
		events, change, ended := l.since(id, since), l.change, l.ended
		l.mu.Unlock()
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

// Err returns why the log has ended; nil while it is followed, and if it was closed.
func (l *EventLog) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Close ends the log and returns what went wrong with it, if anything did.
func (l *EventLog) Close() error {
	l.cancel()
	<-l.done
	return l.Err()
}
