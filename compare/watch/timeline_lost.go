package watch

import (
	"time"

	"golang.org/x/sys/unix"
)

// EventsLost records that events may be missing from now on.
func (t *Timeline) EventsLost() {
	t.eventsLost = true
	for _, r := range t.runs() {
		if r.end == nil || r.end.source != sourceDieEvent { // signals before a die event came before it
			r.eventsLost, r.eventsLostUntil = true, time.Time{}
		}
	}
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
