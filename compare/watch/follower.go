package watch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"haltscope/dockercli"
)

// resumeOverlap is how much earlier than the last event the event stream is resumed.
const resumeOverlap = 5 * time.Second

// Waits before the daemon is asked again after the event stream has ended.
const (
	firstReconnectWait = 100 * time.Millisecond
	maxReconnectWait   = 5 * time.Second
	stableAfter        = 10 * time.Second // a stream that lasted so long resets the wait
)

// source is what a follower asks Docker.
type source interface {
	Follow(ctx context.Context, since, until time.Time, filter dockercli.Filter) (iter.Seq2[dockercli.Event, error], error)
	Ps(ctx context.Context, all bool, filter dockercli.Filter) ([]dockercli.PsLine, error)
	CallTimeout() time.Duration
}

// follower reads docker events across restarts of the daemon, and puts them into a queue.
type follower struct {
	docker source
	filter dockercli.Filter
	queue  *queue

	past     bool // the events of the past come first, and an item after them
	pastOnly bool // nothing follows them

	begins time.Time // since when the watch reports, by Docker's clock
	began  time.Time // when it began, by ours

	mu       sync.Mutex
	last     time.Time // of the last event, by Docker's clock
	received time.Time // when it came, by ours
	cancel   func()    // ends the present stream
	refetch  time.Time // events since then may have been dropped, and are requested again; zero for none
}

// record notes the last event.
func (f *follower) record(at time.Time) {
	now := time.Now()
	f.mu.Lock()
	f.last, f.received = at, now
	f.mu.Unlock()
}

// resumeAt returns the time from which events are requested again. If a clock was set back, the last event's time is too late:
// then the monotonic time that has passed since counts.
func (f *follower) resumeAt() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.last
	if received := time.Now().Add(-time.Since(f.received)); received.Before(t) {
		t = received
	}
	if !f.refetch.IsZero() && f.refetch.Before(t) {
		t = f.refetch
	}
	f.refetch = time.Time{}
	// Nothing from before the watch is requested. If the clock was set back, the beginning of the watch is set back with it.
	begins, now := f.begins, time.Now()
	if set := now.Round(0).Sub(f.began.Round(0)) - now.Sub(f.began); set < -time.Second {
		begins = begins.Add(set)
	}
	if t = t.Add(-resumeOverlap); t.Before(begins) && !f.last.Before(begins) {
		return begins
	}
	return t
}

// restart ends the present stream, and requests all events since a time.
func (f *follower) restart(since time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refetch = since
	if f.cancel != nil {
		f.cancel()
	}
}

// run follows the events since a time until ctx ends.
func (f *follower) run(ctx context.Context, since time.Time) {
	f.begins, f.began = since, time.Now()
	f.record(since)
	wait := firstReconnectWait
	for from := since; ctx.Err() == nil; from = f.resumeAt() {
		began := time.Now()
		restarted, err := f.follow(ctx, from)
		if restarted || ctx.Err() != nil {
			continue
		}
		if err == nil { // that was the past
			f.past = false
			f.queue.put(item{pastRead: true, at: time.Now()})
			if f.pastOnly {
				return
			}
			continue
		}
		f.queue.put(item{disconnected: err, at: time.Now()})
		if time.Since(began) > stableAfter {
			wait = firstReconnectWait
		}
		for answers := false; !answers; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			wait = min(2*wait, maxReconnectWait)
			_, err := f.docker.Ps(ctx, true, f.filter)
			answers = err == nil
		}
	}
}

// follow follows the events since a time until the stream ends, and reports whether that was because of restart. Those of the past end
// without an error.
func (f *follower) follow(ctx context.Context, from time.Time) (restarted bool, err error) {
	following, cancel := context.WithCancel(ctx)
	var until time.Time
	if f.past {
		until = time.Now()
		following, cancel = context.WithTimeout(ctx, f.docker.CallTimeout())
	}
	defer cancel()
	f.mu.Lock()
	f.cancel = cancel
	f.mu.Unlock()
	f.queue.put(item{connected: &from, at: time.Now()})
	events, err := f.docker.Follow(following, from, until, f.filter)
	if err != nil {
		return false, err
	}
	for event, err := range events {
		var malformed *dockercli.LineError
		switch {
		case errors.As(err, &malformed):
			f.queue.put(item{malformed: err, at: time.Now()})
		case err != nil:
			return false, err
		default:
			f.record(event.Time)
			f.queue.put(item{event: &event, at: time.Now()})
		}
	}
	if errors.Is(following.Err(), context.DeadlineExceeded) {
		return false, fmt.Errorf("docker events did not report the past within %s", f.docker.CallTimeout())
	}
	return following.Err() != nil, nil
}
