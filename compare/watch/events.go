package watch

import (
	"time"

	"haltscope/dockercli"
)

// event passes an event to the timeline of its container.
func (w *watch) event(n *dockercli.Event, now time.Time) {
	key := keyOf(n)
	if w.connected {
		w.retry = time.Time{} // Docker works
		w.dockerAnswered(now)
	}
	w.passedResumePoint(key, now)
	if _, taken := dockerEvents[n.Action]; !w.recentEvents.add(key) || !taken {
		return
	}
	w.senders.name(n.ID, n.Name)
	if n.Action == "kill" {
		w.askers.look(n.ID, now)
	}
	t := w.timelines[n.ID]
	if t == nil {
		if !w.matchesName(n.Name) || n.Action == "create" || n.Action == "rename" {
			return
		}
		t = w.follow(n.ID, n.Name, false)
	}
	if n.Action == "start" {
		w.takeSample(t, now) // the previous run has ended
	}
	t.Event(*n, now)
	switch n.Action {
	case "start":
		w.findWithoutDocker(t, now) // it may have ended before docker inspect answers
	case "kill":
		w.readDispositions(n.ID) // as they are now, unless the signal is being handled already
	}
	w.advance(t, now)
}

// follow begins the timeline of a container.
func (w *watch) follow(id, name string, baseline bool) *Timeline {
	t := NewTimeline(id, name, baseline)
	t.DaemonGrace, t.NoSenders = w.daemonGrace, w.senders.err
	t.PastVictims(w.past.kills[id], w.past.missing)
	t.NameOf = w.senders.nameOf
	t.NoAskers, t.AllClients = w.askers.err, w.askers.complete
	t.Others = func(id string) *Timeline { return w.timelines[id] }
	if w.started && !w.eventsLostSince.IsZero() && (w.resumePoint != nil || !w.hadResumePoint) {
		t.EventsLost()
	}
	w.timelines[id] = t
	return t
}

// matchesName reports whether a container of this name is to be watched.
func (w *watch) matchesName(name string) bool {
	for _, n := range w.Names {
		if n.MatchString(name) {
			return true
		}
	}
	return len(w.Names) == 0
}
