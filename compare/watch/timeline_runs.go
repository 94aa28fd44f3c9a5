package watch

import (
	"slices"
	"time"

	"haltscope/dockercli"
)

// at finds the run that an event belongs to: an earlier one that is still kept, if the event is older than the current
// one's start.
func (l *Timeline) runAt(t time.Time) *run {
	if l.current == nil {
		l.current = &run{}
	}
	if len(l.earlier) == 0 || !t.Before(l.current.started) {
		return l.current
	}
	for _, i := range slices.Backward(l.earlier) {
		if !t.Before(i.started) {
			return i
		}
	}
	return l.earlier[0]
}

// owes reports whether something about the end of a run is still to be written, or Docker's late word on it may come.
func (i *run) owes() bool { return !i.told || i.open() || i.provisionalLine != nil }

// begin begins a run, and leaves the one before to be told of.
func (l *Timeline) begin(t, now time.Time) *run {
	if c := l.current; c != nil && c.told {
		l.earlier = append(l.earlier, c)
	} else if c != nil && !c.told && (c.end != nil || !c.started.IsZero() || len(c.signals) > 0) {
		if c.end == nil { // its end was not heard of, or not yet
			c.end = &pending{at: t, learned: now, due: now.Add(settleTime), source: "docker events: start"}
			c.answered = now
		}
		l.earlier = append(l.earlier, c)
	}
	i := &run{started: t, eventsLost: l.eventsLost}
	if c := l.current; c != nil && c.end != nil {
		// Signals that came when this run was not known yet.
		mine := func(k sentSignal) bool {
			return !k.outlived && !k.at.Before(t) && (c.end.source == sourceInspect || k.learned.After(c.end.learned))
		}
		for _, k := range c.signals {
			if mine(k) {
				i.signals = append(i.signals, k)
			}
		}
		c.signals = slices.DeleteFunc(c.signals, mine)
	}
	l.current = i
	return i
}

// startGap is how far apart the end of a run and the start of the next one are at least: the runtime takes longer.
const startGap = 50 * time.Millisecond

// startedBy reports whether a start event is that of a run which was found or inspected before the event came.
func (i *run) startedBy(t time.Time) bool {
	switch {
	case i.startEvent || t.Sub(i.started).Abs() > maxSkew || t.Before(i.started):
		return false
	case i.exitedAt != nil && t.After(i.exitedAt.Add(startGap)), i.end != nil && t.After(i.end.at.Add(startGap)):
		return false
	}
	return !i.told || i.end != nil
}

// startedBefore reports whether a start event is older than the current run, of which inspect has told.
func (l *Timeline) startedBefore(c *run, t time.Time) bool {
	if c.startEvent || c.startGuessed || c.started.IsZero() || !t.Before(c.started) {
		return false
	}
	n := len(l.earlier)
	return c.started.Sub(t) <= maxSkew || n > 0 && t.After(l.earlier[n-1].started)
}

// missed takes the start of a run that was over before inspect was asked. The event of its end may come yet.
func (l *Timeline) missed(t time.Time, start *pending, now time.Time) {
	i := &run{started: t, startEvent: true, start: start}
	i.end = &pending{at: l.current.started, learned: now, due: now.Add(settleTime), source: sourceInspect}
	i.answered = now
	l.earlier = append(l.earlier, i)
}

// startToCome reports whether the event of the start of the next run is still to come: neither has the kernel told the end
// of this one in Docker's place, nor has the die event of that one come.
func (i *run) startToCome(next time.Time) bool {
	if i.end != nil && i.end.source == sourceDieEvent {
		return next.After(i.end.at)
	}
	return i.exitedAt == nil
}

// release takes a die event from a run which turns out to be of the next one, that began at a time; nil where there is none.
func (i *run) release(next time.Time) (died *pending, code string) {
	word := &i.end
	if i.told {
		word = &i.confirmation
	}
	if *word == nil || (*word).written || (*word).source != sourceDieEvent || (*word).at.Before(next) {
		return nil, ""
	}
	died, code = *word, i.eventCode
	*word, i.eventCode = nil, ""
	return died, code
}

// precedes reports whether Docker speaks of a later run. A start event is never older than what inspect says of the start.
func (i *run) precedes(s *dockercli.State) bool {
	switch {
	case i.started.IsZero() && i.end == nil:
		return i.told && s.Running
	case i.startGuessed && i.exitedAt != nil:
		return s.StartedAt.After(*i.exitedAt) || s.Pid != 0 && s.Pid != i.pid
	case i.startGuessed && i.end == nil:
		return false
	case i.startGuessed, i.started.IsZero():
		return s.StartedAt.After(i.end.at)
	}
	return s.StartedAt.After(i.started.Add(startGap))
}
