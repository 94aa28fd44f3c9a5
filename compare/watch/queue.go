package watch

import (
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// item is something that a source reports. Exactly one of what it can hold is set.
type item struct {
	at           time.Time // when it was received
	event        *dockercli.Event
	malformed    error      // a line of docker events that cannot be parsed
	disconnected error      // the event stream has ended
	connected    *time.Time // events are followed since this time
	pastRead     bool       // all events of the past have come
	sample       *cgroupfs.Sample
	key          string        // of sample: see [watchedRun]; of sent and asked: the container's id
	sent         *kernelSignal // a signal to a process of a container
	asked        *askedReading // who was connected to Docker when it acted
}

// queue passes items from the sources, which must not wait, to the loop.
type queue struct {
	ready chan struct{} // has an element when there are items

	mu      sync.Mutex
	items   []item
	dropped bool // since the last take
}

// queueLimit bounds the items that wait while the output takes no lines: about 30 MB.
const queueLimit = 100_000

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

// put adds an item, and drops it if the queue is full. It never blocks.
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

// take returns all items, and whether some were dropped since the last time. It reuses the memory of into, which may be nil.
func (q *queue) take(into []item) (items []item, dropped bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	items, q.items = q.items, into[:0]
	dropped, q.dropped = q.dropped, false
	return items, dropped
}
