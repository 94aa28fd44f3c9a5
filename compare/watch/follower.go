package watch

import (
	"context"
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// slack is how much older than the last known event the events are that are asked for again.
const resumeOverlap = 5 * time.Second

// item is something that a source has to say.
type item struct {
	event        *dockercli.Notice
	key          string // of a sight
	sample       *cgroupfs.Sight
	malformed    error      // a line of the events that cannot be understood
	disconnected error      // the daemon hung up
	connected    *time.Time // it answers again, and events are followed since this moment
	at           time.Time
}

// queue hands items from the goroutines that must not wait to the one that judges.
type queue struct {
	mu      sync.Mutex
	items   []item
	ready   chan struct{}
	dropped bool // items were dropped
}

// queued bounds what waits to be judged, while nobody takes the lines: about 30 MB.
const queueLimit = 100_000

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

func (q *queue) put(i item) {
	q.mu.Lock()
	if len(q.items) < queueLimit {
		q.items = append(q.items, i)
	} else {
		q.dropped = true
	}
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take takes all, and tells whether some were dropped before.
func (q *queue) take(into []item) (items []item, dropped bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	items, q.items = q.items, into[:0]
	dropped, q.dropped = q.dropped, false
	return items, dropped
}

// follower follows the events across the daemon's restarts.
type follower struct {
	docker *dockercli.Client
	filter dockercli.Filter
	queue  *queue

	mu      sync.Mutex
	last    time.Time // of the last event that came, by Docker's clock
	arrived time.Time // when that was, by ours
	cancel  func()    // ends the present following
	asleep  time.Time // we did not run since then: ask for all since
}

// heard notes the last event.
func (f *follower) heard(t time.Time) {
	now := time.Now()
	f.mu.Lock()
	f.last, f.arrived = t, now
	f.mu.Unlock()
}

// since is from when on events are to be asked for again. Where a clock was set back meanwhile, the last event's time
// says too much: then the time that has passed since counts, by a clock that nobody sets.
func (f *follower) since() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.last
	if passed := time.Now().Add(-time.Since(f.arrived)); passed.Before(t) {
		t = passed
	}
	if !f.asleep.IsZero() && f.asleep.Before(t) {
		t = f.asleep
	}
	f.asleep = time.Time{}
	return t.Add(-resumeOverlap)
}

// again has the following begin anew, with all since a moment: events may have been dropped while we did not run.
func (f *follower) again(since time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asleep = since
	if f.cancel != nil {
		f.cancel()
	}
}

// run follows until ctx ends. since is where the watch begins.
func (f *follower) run(ctx context.Context, since time.Time) {
	f.last, f.arrived = since, time.Now()
	first := true
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		following, cancel := context.WithCancel(ctx)
		f.mu.Lock()
		f.cancel = cancel
		f.mu.Unlock()
		from := since // and nothing older
		if !first {
			from = f.since()
		}
		first = false
		f.queue.put(item{connected: &from, at: time.Now()})
		began := time.Now()
		err := f.docker.Follow(following, from, f.filter,
			func(n dockercli.Notice) { f.heard(n.Time); f.queue.put(item{event: &n, at: time.Now()}) },
			func(err error) { f.queue.put(item{malformed: err, at: time.Now()}) })
		slept := err == nil && following.Err() != nil // we asked for it
		cancel()
		if ctx.Err() != nil {
			return
		}
		if slept {
			continue
		}
		f.queue.put(item{disconnected: err, at: time.Now()})
		if time.Since(began) > 10*time.Second {
			pause = 100 * time.Millisecond
		}
		// A daemon that does not answer is asked again, less and less often.
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, 5*time.Second)
			if _, err := f.docker.Listed(ctx, f.filter); err == nil {
				break
			}
		}
	}
}
