package watch

import (
	"time"

	"golang.org/x/sys/unix"
)

// Suspended records that the watch did not run for a while: when something ended that is learned now is not known.
func (t *Timeline) Suspended(from, to time.Time) { t.suspendedFrom, t.suspendedTo = from, to }

// EventsLost records that events may be missing from now on.
func (t *Timeline) EventsLost() {
	t.eventsLost = true
	for _, r := range t.runs() {
		r.lostAfterEnd = r.lostAfterEnd || r.end != nil && !r.isWritten()
		if r.end == nil || r.end.source != sourceDieEvent { // signals before a die event came before it
			r.eventsLost, r.eventsLostUntil = true, time.Time{}
		}
	}
}

// TakeMissingEvents returns since when events are missing, if docker inspect has shown an end for so long that its events should
// have come: those of a docker stop begin a grace before the end. It does so once for each run, and not while events are lost anyway.
func (t *Timeline) TakeMissingEvents(now time.Time) (since time.Time, missing bool) {
	r := t.current
	if r == nil || r.state != provisional || r.end.source != sourceInspect || r.eventsRequested || r.eventsLost ||
		now.Before(r.end.learned.Add(maxSkew)) {
		return time.Time{}, false
	}
	r.eventsRequested = true
	return r.end.at.Add(-max(0, t.grace())), true
}

// EventsRestored records that events come again; complete means that those of the meantime have come as well.
func (t *Timeline) EventsRestored(complete bool, now time.Time) {
	t.eventsLost = false
	for _, r := range t.runs() {
		switch {
		case !r.eventsLost || !r.eventsLostUntil.IsZero():
		case complete:
			r.eventsLost = false
		default:
			r.eventsLostUntil = now
		}
	}
}

// mayMissSignal reports whether a signal whose event is missing may have ended a run.
func (t *Timeline) mayMissSignal(r *run) bool {
	end := r.end.learned
	if r.exitedAt != nil && r.exitLearned.Before(end) {
		end = r.exitLearned
	}
	return r.eventsLost && (r.eventsLostUntil.IsZero() || end.Before(r.eventsLostUntil.Add(t.maxEffect(r))))
}

// maxEffect is how long after a signal it may still have ended a run. A handler may take its time, and docker stop sends
// SIGKILL after the grace; SIGKILL itself only waits for a thaw.
func (t *Timeline) maxEffect(r *run) time.Duration {
	killed := r.waitStatus != nil && r.waitStatus.Signaled() && r.waitStatus.Signal() == unix.SIGKILL
	if killed && r.freezer.state() == thawed && len(r.signals) == 0 {
		return forcedSettleTime
	}
	return max(0, t.grace()) + maxSkew
}
