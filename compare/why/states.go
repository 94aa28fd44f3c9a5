package why

import (
	"cmp"
	"slices"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// change is a moment at which a container was paused, frozen, or neither any more.
type change struct {
	at     time.Time
	paused answer // yes, no, or unknown for as before
	frozen answer // outside Docker
}

// changeOf returns what an action reported by Docker or by a watch changes; ok is false if it changes nothing. Verdict may be "".
func changeOf(at time.Time, action string, verdict value.Kind) (c change, ok bool) {
	switch action {
	case "pause":
		return change{at: at, paused: yes}, true
	case "unpause":
		if verdict == value.FrozenOutsideDocker { // a cgroup above its own is frozen
			return change{at: at, paused: no, frozen: yes}, true
		}
		return change{at: at, paused: no}, true
	case "freeze":
		return change{at: at, frozen: yes}, true
	case "thaw": // outside Docker, also while Docker says paused
		return change{at: at, paused: no, frozen: no}, true
	}
	return change{}, false
}

// changesOf returns the changes that Docker's events and the journal of a watch report, in order.
func changesOf(events []dockercli.Event, w *watchedContainer) (all []change) {
	for _, e := range events {
		if c, ok := changeOf(e.Time, e.Action, ""); ok {
			all = append(all, c)
		}
	}
	if w != nil {
		all = append(all, w.changes...)
	}
	slices.SortStableFunc(all, func(a, b change) int { return a.at.Compare(b.at) })
	return all
}

// stay is a period in which a container was in a state; from is nil if its beginning is not known.
type stay struct {
	state document.SpanState
	from  *time.Time
	to    time.Time
}

// stays returns when a container was paused and frozen within a run. Both may be so at its end: a container that is paused can be killed.
func stays(changes []change, from *time.Time, to time.Time) (all []stay) {
	open := map[document.SpanState]*time.Time{}
	set := func(state document.SpanState, on answer, at time.Time) {
		began := open[state]
		switch {
		case on == yes && began == nil:
			open[state] = &at
		case on == no && began != nil:
			all = append(all, stay{state, began, at})
			delete(open, state)
		}
	}
	for _, c := range changes {
		if from != nil && c.at.Before(*from) || c.at.After(to) {
			continue
		}
		set(document.SpanPaused, c.paused, c.at)
		set(document.SpanFrozen, c.frozen, c.at)
	}
	set(document.SpanPaused, no, to)
	set(document.SpanFrozen, no, to)
	slices.SortStableFunc(all, func(a, b stay) int { return cmp.Compare(a.from.UnixNano(), b.from.UnixNano()) })
	return all
}

// staysOf returns all stays of a container: its runs that have ended, and its current run, if there is one. If Docker does not know the
// container, the current run lasts until the time that the watch reports, and otherwise until now.
func staysOf(sub *subject, runs []run, w *watchedContainer, now, known time.Time) (running, within []stay) {
	changes := changesOf(sub.events, w)
	add := func(from *time.Time, to time.Time) {
		running = append(running, stay{document.SpanRunning, from, to})
		within = append(within, stays(changes, from, to)...)
	}
	var last *time.Time
	for i := range runs {
		r := &runs[i]
		if r.ended == nil {
			continue
		}
		from := r.started
		if from == nil && last != nil { // changes before the run before ended are not of this one
			running = append(running, stay{document.SpanRunning, nil, *r.ended})
			within = append(within, stays(changes, last, *r.ended)...)
		} else {
			add(from, *r.ended)
		}
		last = r.ended
	}
	switch c := sub.container; {
	case c != nil && c.State.Running && c.State.Status != "restarting":
		started := c.State.StartedAt
		add(&started, now)
		if c.State.Paused && !slices.ContainsFunc(within, func(s stay) bool { return s.to.Equal(now) }) {
			within = append(within, stay{document.SpanPaused, nil, now})
		}
	case c == nil && w != nil && w.runsAfter(last):
		add(lastBefore(w.starts, known), known)
	}
	return running, within
}

// knownUntil returns until when a container is known to have run if Docker does not know it and a watch saw it run but not end. If Docker
// answers, the container was removed while no watch ran, or else the watch would have seen its end.
func (s *sources) knownUntil(c *watchedContainer) time.Time {
	until := s.read
	if s.watched.newest.Before(until) {
		until = s.watched.newest
	}
	if c == nil || s.noDocker != nil {
		return until
	}
	for _, b := range s.unwatched(s.read) {
		if !b.from.Before(c.last) && b.from.Before(until) {
			until = b.from
		}
	}
	return until
}

// runsAfter reports whether a watch has seen the container run after its last end, so that it ran on when the journal ended.
func (c *watchedContainer) runsAfter(end *time.Time) bool {
	after := func(t time.Time) bool { return end == nil || t.After(*end) }
	return !c.removed && (slices.ContainsFunc(c.starts, after) || slices.ContainsFunc(c.changes, func(x change) bool { return after(x.at) }))
}
