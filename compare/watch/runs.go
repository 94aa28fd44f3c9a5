package watch

import (
	"slices"
	"time"

	"haltscope/dockercli"
)

// at finds the run that an event belongs to: an earlier one that is still kept, if the event is older than the current
// one's start.
func (l *Life) at(t time.Time) *instance {
	if l.current == nil {
		l.current = &instance{}
	}
	if len(l.ending) == 0 || !t.Before(l.current.began) {
		return l.current
	}
	for _, i := range slices.Backward(l.ending) {
		if !t.Before(i.began) {
			return i
		}
	}
	return l.ending[0]
}

// owes reports whether something about the end of a run is still to be written, or Docker's late word on it may come.
func (i *instance) owes() bool { return !i.told || i.open() || i.wrote != nil }

// begin begins a run, and leaves the one before to be told of.
func (l *Life) begin(t, now time.Time) *instance {
	if c := l.current; c != nil && c.told {
		l.ending = append(l.ending, c)
	} else if c != nil && !c.told && (c.died != nil || !c.began.IsZero() || len(c.kills) > 0) {
		if c.died == nil { // its end was not heard of, or not yet
			c.died = &pending{at: t, came: now, due: now.Add(settle), source: "docker events: start"}
			c.answered = now
		}
		l.ending = append(l.ending, c)
	}
	i := &instance{began: t, deaf: l.deaf}
	if c := l.current; c != nil && c.died != nil {
		// Signals that came when this run was not known yet.
		mine := func(k sent) bool {
			return !k.told && !k.at.Before(t) && (c.died.source == inspected || k.came.After(c.died.came))
		}
		for _, k := range c.kills {
			if mine(k) {
				i.kills = append(i.kills, k)
			}
		}
		c.kills = slices.DeleteFunc(c.kills, mine)
	}
	l.current = i
	return i
}

// startGap is how far apart the end of a run and the start of the next one are at least: the runtime takes longer.
const startGap = 50 * time.Millisecond

// startedBy reports whether a start event is that of a run which was found or inspected before the event came.
func (i *instance) startedBy(t time.Time) bool {
	switch {
	case i.begunByEvent || t.Sub(i.began).Abs() > giveUp || t.Before(i.began):
		return false
	case i.ended != nil && t.After(i.ended.Add(startGap)), i.died != nil && t.After(i.died.at.Add(startGap)):
		return false
	}
	return !i.told || i.died != nil
}

// startedBefore reports whether a start event is older than the current run, of which inspect has told.
func (l *Life) startedBefore(c *instance, t time.Time) bool {
	if c.begunByEvent || c.guessed || c.began.IsZero() || !t.Before(c.began) {
		return false
	}
	n := len(l.ending)
	return c.began.Sub(t) <= giveUp || n > 0 && t.After(l.ending[n-1].began)
}

// missed takes the start of a run that was over before inspect was asked. The event of its end may come yet.
func (l *Life) missed(t time.Time, start *pending, now time.Time) {
	i := &instance{began: t, begunByEvent: true, start: start}
	i.died = &pending{at: l.current.began, came: now, due: now.Add(settle), source: inspected}
	i.answered = now
	l.ending = append(l.ending, i)
}

// startToCome reports whether the event of the start of the next run is still to come: neither has the kernel told the end
// of this one in Docker's place, nor has the die event of that one come.
func (i *instance) startToCome(next time.Time) bool {
	if i.died != nil && i.died.source == dieEvent {
		return next.After(i.died.at)
	}
	return i.ended == nil
}

// release takes a die event from a run which turns out to be of the next one, that began at a time; nil where there is none.
func (i *instance) release(next time.Time) (died *pending, code string) {
	word := &i.died
	if i.told {
		word = &i.later
	}
	if *word == nil || (*word).told || (*word).source != dieEvent || (*word).at.Before(next) {
		return nil, ""
	}
	died, code = *word, i.code
	*word, i.code = nil, ""
	return died, code
}

// precedes reports whether Docker speaks of a later run. A start event is never older than what inspect says of the start.
func (i *instance) precedes(s *dockercli.State) bool {
	switch {
	case i.began.IsZero() && i.died == nil:
		return i.told && s.Running
	case i.guessed && i.ended != nil:
		return s.StartedAt.After(*i.ended) || s.Pid != 0 && s.Pid != i.pid
	case i.guessed && i.died == nil:
		return false
	case i.guessed, i.began.IsZero():
		return s.StartedAt.After(i.died.at)
	}
	return s.StartedAt.After(i.began.Add(startGap))
}
