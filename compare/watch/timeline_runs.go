package watch

import (
	"slices"
	"time"

	"haltscope/dockercli"
)

// startGap is the least time between the end of a run and the start of the next one: the runtime takes longer.
const startGap = 50 * time.Millisecond

// runs are all runs that are kept, oldest first.
func (t *Timeline) runs() []*run {
	if t.current == nil {
		return t.earlier
	}
	return append(slices.Clone(t.earlier), t.current)
}

// runSince finds a run by its key; nil if it is not kept any more.
func (t *Timeline) runSince(key time.Time) *run {
	for _, r := range t.runs() {
		if r.key().Equal(key) {
			return r
		}
	}
	return nil
}

// state returns the state of a run, and false if it is not kept any more.
func (t *Timeline) state(key time.Time) (state runState, ok bool) {
	if r := t.runSince(key); r != nil {
		return r.state, true
	}
	return final, false
}

// isCurrent reports whether a run is the current one.
func (t *Timeline) isCurrent(key time.Time) bool {
	return t.current != nil && t.runSince(key) == t.current
}

// runAt finds the run that an event belongs to: an earlier one if the event is older than the current one's start.
func (t *Timeline) runAt(at time.Time) *run {
	if t.current == nil {
		t.current = &run{}
	}
	if len(t.earlier) == 0 || !at.Before(t.current.started) {
		return t.current
	}
	for _, r := range slices.Backward(t.earlier) {
		if !at.Before(r.started) {
			return r
		}
	}
	return t.earlier[0]
}

// begin begins a run, and keeps the previous one until its end is written.
func (t *Timeline) begin(started, now time.Time) *run {
	r := &run{state: running, started: started, eventsLost: t.eventsLost}
	if previous := t.current; previous != nil {
		t.keep(previous, started, now)
		r.takeSignals(previous)
	}
	t.current = r
	return r
}

// keep makes the current run an earlier one. One of which nothing is known but a freeze is forgotten.
func (t *Timeline) keep(r *run, nextStarted time.Time, now time.Time) {
	if r.state == unseen && len(r.signals) == 0 || r.state == disproved { // the kernel is asked about one run only
		return
	}
	t.apply(r, occurrence{input: nextRunStarted, at: nextStarted, learned: now, source: "docker events: start"})
	t.earlier = append(t.earlier, r)
}

// takeSignals moves the signals that came before this run was known, and were counted as the previous run's.
func (r *run) takeSignals(previous *run) {
	if previous.end == nil {
		return
	}
	mine := func(s sentSignal) bool {
		return !s.outlived && !s.at.Before(r.started) && (previous.end.source == sourceInspect || s.learned.After(previous.end.learned))
	}
	for _, s := range previous.signals {
		if mine(s) {
			r.signals = append(r.signals, s)
		}
	}
	previous.signals = slices.DeleteFunc(previous.signals, mine)
}

// dropWritten forgets the runs about which nothing more can be written.
func (t *Timeline) dropWritten() {
	if len(t.earlier) == 0 {
		return
	}
	last := t.earlier[len(t.earlier)-1]
	// If inspect reported the current run before its start event, events of the previous one may still come.
	keep := last.state != final || !t.current.startEvent
	t.earlier = slices.DeleteFunc(t.earlier, func(r *run) bool {
		return r.state == disproved || (r.state == provisional || r.state == final) && (r != last || !keep)
	})
}

// startedBy reports whether a start event is that of this run, which was found or inspected before the event came.
func (r *run) startedBy(at time.Time) bool {
	switch {
	case r.startEvent || at.Sub(r.started).Abs() > maxSkew || at.Before(r.started):
		return false
	case r.exitedAt != nil && at.After(r.exitedAt.Add(startGap)), r.end != nil && at.After(r.end.at.Add(startGap)):
		return false
	}
	return !r.isWritten() || r.end != nil
}

// startedBefore reports whether a start event belongs to a run before the current one, which inspect has reported.
func (t *Timeline) startedBefore(at time.Time) bool {
	c := t.current
	if c.startEvent || c.startGuessed || c.started.IsZero() || !at.Before(c.started) {
		return false
	}
	n := len(t.earlier)
	return c.started.Sub(at) <= maxSkew || n > 0 && at.After(t.earlier[n-1].started)
}

// insertEarlier adds a run that was over before inspect was asked. The event of its end may still come.
func (t *Timeline) insertEarlier(o occurrence) {
	end := occurrence{at: t.current.started, learned: o.learned, source: sourceInspect}
	r := &run{state: ended, started: o.at, startEvent: true, start: o.pending(), end: end.pending(), answered: o.learned}
	t.earlier = append(t.earlier, r)
}

// startEventDue reports whether the start event of the next run is still to come: neither has the kernel reported the end of
// this run instead of Docker, nor has the next run's die event come.
func (r *run) startEventDue(next time.Time) bool {
	if r.end != nil && r.end.source == sourceDieEvent {
		return next.After(r.end.at)
	}
	return r.exitedAt == nil
}

// precedes reports whether an inspection shows a later run. A start event is never older than inspect's time of the start.
func (r *run) precedes(s *dockercli.State) bool {
	switch {
	case r.started.IsZero() && r.end == nil:
		return r.isWritten() && s.Running
	case r.startGuessed && r.exitedAt != nil:
		return s.StartedAt.After(*r.exitedAt) || s.Pid != 0 && s.Pid != r.pid
	case r.startGuessed && r.end == nil:
		return false
	case r.startGuessed, r.started.IsZero():
		return s.StartedAt.After(r.end.at)
	}
	return s.StartedAt.After(r.started.Add(startGap))
}
