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
func (l *Life) Inspected(c *dockercli.Container, asked, now time.Time, catchUp bool) {
	soon := func(at time.Time) *pending {
		return &pending{at: at, came: now, due: now.Add(settle), source: inspected}
	}
	for _, i := range append(slices.Clone(l.ending), l.current) {
		if i != nil && i.died != nil && !asked.Before(i.died.came) {
			i.answered = now
			// With an error, the state is that of a start after this run, which failed.
			if c != nil && !c.State.Running && c.State.Error == "" && i == l.current && !i.precedes(&c.State) {
				state := c.State
				i.state = &state
				i.confirm(soon(now), "")
			}
		}
	}
	if asked.Before(l.asked) {
		return // a later call has answered before
	}
	l.asked = asked
	if c == nil {
		if catchUp && l.gone == nil {
			l.gone = soon(now)
		}
		return
	}
	silent := l.silent
	l.docker = c
	for _, i := range l.runs() {
		l.reveal(i) // now that the labels are known
	}
	l.Name = value.Clean(strings.TrimPrefix(c.Name, "/"))
	i := l.current
	running := c.State.Running && c.State.Status != "restarting" // between two starts Docker says both
	another := i != nil && i.precedes(&c.State)
	switch {
	case running && !another && (i == nil || i.died == nil && (i.began.IsZero() || i.guessed)):
		if i == nil {
			i = l.begin(c.State.StartedAt, now)
		}
		i.began, i.guessed = c.State.StartedAt, false
		if !l.silent && i.start == nil && catchUp && len(i.kills) == 0 {
			i.start, i.unseen = soon(c.State.StartedAt), true
		}
	case another && !catchUp && i.startToCome(c.State.StartedAt):
		return
	case another && (running || ended(c.State.Status)):
		died, code := i.release(c.State.StartedAt)
		if i.died == nil {
			i.died = soon(c.State.StartedAt)
			i.answered = now
		}
		i = l.begin(c.State.StartedAt, now)
		i.start, i.unseen = soon(c.State.StartedAt), true
		if i.deaf = true; !l.deaf {
			i.until = now
		}
		i.died, i.code = died, code
		if !running { // it came and went
			if died == nil {
				i.died = soon(c.State.FinishedAt)
			}
			state := c.State
			i.state, i.answered = &state, now
		}
	case another:
	case !running && i != nil && i.died == nil && !i.began.IsZero() && ended(c.State.Status) && !c.State.FinishedAt.Before(i.began):
		i.died, i.answered = soon(c.State.FinishedAt), now
		state := c.State
		i.state = &state
	case !running && i == nil:
		l.current = &instance{told: true} // it had ended before
	}
	l.silent = false
	i = l.current
	if i.start != nil && running && i.died == nil {
		i.count, i.policy = c.RestartCount, c.HostConfig.RestartPolicy.Name
		if i.start.came.After(asked) {
			l.wants = true // it was asked before that start
		}
	}
	if running && i.died == nil {
		if asked.After(i.answered) {
			i.answered = asked
		}
		switch {
		case c.State.Paused && i.pause == nil && i.resumed == nil && asked.After(i.unpaused):
			i.pause, i.outside, l.look = soon(now), nil, true
			i.pause.told = silent // it was before the watch began, and since when nobody knows
		case !c.State.Paused && i.pause != nil && i.resumed == nil && catchUp && asked.After(i.pause.came):
			l.resume(i, soon(now))
		}
		l.status = c.State.Status
	}
}

// Found takes that the container runs, by its first process, of which Docker has not told yet, and since when. It returns
// the beginning of the run that this process is the first of; false where that run has ended.
func (l *Life) Found(started time.Time, pid int, now time.Time) (began time.Time, ok bool) {
	i := l.current
	switch {
	case i == nil || i.began.IsZero() && i.died == nil && !i.told:
		if i == nil {
			i = l.begin(started, now)
		}
		i.began, i.guessed, i.found, i.pid = started, true, started, pid
	case i.died != nil || i.told || i.ended != nil || started.After(i.began.Add(startGap)):
		return time.Time{}, false // another run, of which Docker will tell
	}
	l.status = "running"
	return i.key(), true
}
