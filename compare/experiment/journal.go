package experiment

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"haltscope/compare/workload"
)

// journal is what an instance of the embedded workload has said on its log.
type journal struct {
	mu     sync.Mutex
	told   told
	change chan struct{} // closed and made anew with each line that is not an acknowledgement, and at the end
	quit   func()        // ends the following
}

type told struct {
	acknowledged int // the highest record acknowledged
	started      *workload.Line
	ready        bool
	report       *workload.Line
	atReport     int // acknowledged when the report came: acknowledgements go on behind it
	touched      []workload.Line
	next         bool  // another instance has begun to write, by docker restart: nothing of it is kept
	ended        bool  // no more will be said
	err          error // why not, unless the container has ended
}

// follow reads the log of a twin from a moment on, the zero time being its start, until the clean-up.
func (x *experiment) follow(ctx context.Context, id string, since time.Time) (*journal, error) {
	j := &journal{change: make(chan struct{})}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	if err := x.docker.FollowLogs(ctx, id, since, j.add, func(err error) { j.end(err); close(ended) }); err != nil {
		cancel()
		return nil, err
	}
	j.quit = func() { cancel(); <-ended }
	x.mu.Lock()
	defer x.mu.Unlock()
	x.followers = append(x.followers, j)
	return j, nil
}

// end is called when the log is at its end, or cannot be read on.
func (j *journal) end(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.told.ended, j.told.err = true, err
	j.notify()
}

func (j *journal) notify() {
	close(j.change)
	j.change = make(chan struct{})
}

func (j *journal) add(text []byte) {
	var line workload.Line
	if json.Unmarshal(text, &line) != nil {
		return // not a line of the workload's
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.told.next:
		return
	case j.told.started == nil && line.Event != workload.Started:
		return // of the instance before the one asked for
	case j.told.started != nil && line.Event == workload.Started:
		j.told.next = true
		j.notify()
		return
	}
	if line.Ack > 0 {
		j.told.acknowledged = max(j.told.acknowledged, line.Ack)
		return
	}
	switch line.Event {
	case workload.Started:
		j.told.started = &line
	case workload.Ready:
		j.told.ready = true
	case workload.Report:
		j.told.report, j.told.atReport = &line, j.told.acknowledged
	case workload.Touched:
		j.told.touched = append(j.told.touched, line)
	}
	j.notify()
}

// await waits until what has been said is enough, and reports whether it came to that.
func (j *journal) await(ctx context.Context, enough func(told) bool) (told, bool) {
	for {
		j.mu.Lock()
		t, change := j.told, j.change
		j.mu.Unlock()
		if enough(t) {
			return t, true
		}
		if t.ended {
			return t, false
		}
		select {
		case <-ctx.Done():
			return t, false
		case <-change:
		}
	}
}
