package experiment

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"haltscope/compare/workload"
	"haltscope/dockercli"
)

// workloadLog follows what an instance of the embedded workload writes to its log.
type workloadLog struct {
	mu     sync.Mutex
	state  logState
	change chan struct{} // closed and replaced with each line that is not an acknowledgement, and at the end
	quit   func()        // stops following
}

// logState is what the log has said so far.
type logState struct {
	acknowledged         int // the highest record acknowledged
	started              *workload.Line
	ready                bool
	report               *workload.Line
	acknowledgedAtReport int // acknowledgements go on after the report
	touched              []workload.Line
	restarted            bool  // another instance writes to the same log, after docker restart: its lines are not kept
	ended                bool  // no more lines will come
	err                  error // why not, unless the container has ended
}

// follow reads the log of a twin until the clean-up. It begins at a time, or at the twin's start if that is zero.
func (x *experiment) follow(ctx context.Context, id string, since time.Time) (*workloadLog, error) {
	l := &workloadLog{change: make(chan struct{})}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	err := x.docker.FollowLogs(ctx, id, dockercli.LogOptions{Since: since}, l.add, func(err error) { l.end(err); close(ended) })
	if err != nil {
		cancel()
		return nil, err
	}
	l.quit = func() { cancel(); <-ended }
	x.leftovers.atEnd(l.quit)
	return l, nil
}

// end records that the log has ended, or cannot be read any further.
func (l *workloadLog) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.ended, l.state.err = true, err
	l.notify()
}

func (l *workloadLog) notify() {
	close(l.change)
	l.change = make(chan struct{})
}

func (l *workloadLog) add(text []byte) {
	var line workload.Line
	if json.Unmarshal(text, &line) != nil {
		return // the workload did not write this line
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.state
	switch {
	case s.restarted:
		return
	case s.started == nil && line.Event != workload.Started:
		return // an earlier instance wrote this
	case s.started != nil && line.Event == workload.Started:
		s.restarted = true
		l.notify()
		return
	}
	if line.Ack > 0 {
		s.acknowledged = max(s.acknowledged, line.Ack)
		return
	}
	switch line.Event {
	case workload.Started:
		s.started = &line
	case workload.Ready:
		s.ready = true
	case workload.Report:
		s.report, s.acknowledgedAtReport = &line, s.acknowledged
	case workload.Touched:
		s.touched = append(s.touched, line)
	}
	l.notify()
}

// current returns what the log has said so far.
func (l *workloadLog) current() (logState, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.change
}

// await waits until the log has said enough. It reports false if the log or ctx ended first.
func (l *workloadLog) await(ctx context.Context, enough func(logState) bool) (logState, bool) {
	for {
		s, change := l.current()
		if enough(s) {
			return s, true
		}
		if s.ended {
			return s, false
		}
		select {
		case <-ctx.Done():
			return s, false
		case <-change:
		}
	}
}
