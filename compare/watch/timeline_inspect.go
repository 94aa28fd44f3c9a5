package watch

import (
	"slices"
	"strings"
	"time"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Inspected takes what inspect says, nil for no such container, by a call that was made at asked. catchUp says that
// events may have been missed, so that a difference is news.
func (l *Timeline) Inspection(c *dockercli.Container, asked, now time.Time, catchUp bool) {
	soon := func(at time.Time) *pending {
		return &pending{at: at, learned: now, due: now.Add(settleTime), source: sourceInspect}
	}
	for _, i := range append(slices.Clone(l.earlier), l.current) {
		if i != nil && i.end != nil && !asked.Before(i.end.learned) {
			i.answered = now
			// With an error, the state is that of a start after this run, which failed.
			if c != nil && !c.State.Running && c.State.Error == "" && i == l.current && !i.precedes(&c.State) {
				state := c.State
				i.inspected = &state
				i.confirm(soon(now), "")
			}
		}
	}
	if asked.Before(l.inspectedAt) {
		return // a later call has answered before
	}
	l.inspectedAt = asked
	if c == nil {
		if catchUp && l.removal == nil {
			l.removal = soon(now)
		}
		return
	}
	silent := l.baseline
	l.container = c
	for _, i := range l.runs() {
		l.reveal(i) // now that the labels are known
	}
	l.Name = value.Clean(strings.TrimPrefix(c.Name, "/"))
	i := l.current
	running := c.State.Running && c.State.Status != "restarting" // between two starts Docker says both
	another := i != nil && i.precedes(&c.State)
	switch {
	case running && !another && (i == nil || i.end == nil && (i.started.IsZero() || i.startGuessed)):
		if i == nil {
			i = l.begin(c.State.StartedAt, now)
		}
		i.started, i.startGuessed = c.State.StartedAt, false
		if !l.baseline && i.start == nil && catchUp && len(i.signals) == 0 {
			i.start, i.startMissed = soon(c.State.StartedAt), true
		}
	case another && !catchUp && i.startToCome(c.State.StartedAt):
		return
	case another && (running || ended(c.State.Status)):
		died, code := i.release(c.State.StartedAt)
		if i.end == nil {
			i.end = soon(c.State.StartedAt)
			i.answered = now
		}
		i = l.begin(c.State.StartedAt, now)
		i.start, i.startMissed = soon(c.State.StartedAt), true
		if i.eventsLost = true; !l.eventsLost {
			i.eventsLostUntil = now
		}
		i.end, i.eventCode = died, code
		if !running { // it came and went
			if died == nil {
				i.end = soon(c.State.FinishedAt)
			}
			state := c.State
			i.inspected, i.answered = &state, now
		}
	case another:
	case !running && i != nil && i.end == nil && !i.started.IsZero() && ended(c.State.Status) && !c.State.FinishedAt.Before(i.started):
		i.end, i.answered = soon(c.State.FinishedAt), now
		state := c.State
		i.inspected = &state
	case !running && i == nil:
		l.current = &run{told: true} // it had ended before
	}
	l.baseline = false
	i = l.current
	if i.start != nil && running && i.end == nil {
		i.restartCount, i.restartPolicy = c.RestartCount, c.HostConfig.RestartPolicy.Name
		if i.start.learned.After(asked) {
			l.wantsInspect = true // it was asked before that start
		}
	}
	if running && i.end == nil {
		if asked.After(i.answered) {
			i.answered = asked
		}
		switch {
		case c.State.Paused && i.pause == nil && i.unpause == nil && asked.After(i.lastUnpause):
			i.pause, i.frozenOutside, l.wantsSample = soon(now), nil, true
			i.pause.written = silent // it was before the watch began, and since when nobody knows
		case !c.State.Paused && i.pause != nil && i.unpause == nil && catchUp && asked.After(i.pause.learned):
			l.resume(i, soon(now))
		}
		l.status = c.State.Status
	}
}

// Found takes that the container runs, by its first process, of which Docker has not told yet, and since when. It returns
// the beginning of the run that this process is the first of; false where that run has ended.
func (l *Timeline) ProcessFound(started time.Time, pid int, now time.Time) (began time.Time, ok bool) {
	i := l.current
	switch {
	case i == nil || i.started.IsZero() && i.end == nil && !i.told:
		if i == nil {
			i = l.begin(started, now)
		}
		i.started, i.startGuessed, i.processStarted, i.pid = started, true, started, pid
	case i.end != nil || i.told || i.exitedAt != nil || started.After(i.started.Add(startGap)):
		return time.Time{}, false // another run, of which Docker will tell
	}
	l.status = "running"
	return i.key(), true
}
