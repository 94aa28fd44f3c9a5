package watch

import (
	"time"

	"golang.org/x/sys/unix"
)

// Deaf takes that events may be missing from now on.
func (l *Timeline) EventsLost() {
	l.eventsLost = true
	for _, i := range l.runs() {
		if i.end == nil || i.end.source != sourceDieEvent { // else what was sent before its end was heard before
			i.eventsLost, i.eventsLostUntil = true, time.Time{}
		}
	}
}

// Hears takes that events come again, and whether all that happened meanwhile have come, too.
func (l *Timeline) EventsRestored(all bool, now time.Time) {
	l.eventsLost = false
	for _, i := range l.runs() {
		switch {
		case !i.eventsLost || !i.eventsLostUntil.IsZero():
		case all:
			i.eventsLost = false
		default:
			i.eventsLostUntil = now
		}
	}
}

// misses reports whether a signal may have ended a run whose event is missing.
func (l *Timeline) misses(i *run) bool {
	end := i.end.learned
	if i.exitedAt != nil && i.exitLearned.Before(end) {
		end = i.exitLearned
	}
	return i.eventsLost && (i.eventsLostUntil.IsZero() || end.Before(i.eventsLostUntil.Add(l.effect(i))))
}

// effect is how long after a signal it may still have ended a run. A handler may take its time, and a docker stop sends
// SIGKILL once the grace is over; SIGKILL itself waits for a thaw only.
func (l *Timeline) effect(i *run) time.Duration {
	killed := i.waitStatus != nil && i.waitStatus.Signaled() && i.waitStatus.Signal() == unix.SIGKILL
	frozen := i.pause != nil || i.frozenOutside != nil
	if killed && !frozen && len(i.signals) == 0 {
		return forcedSettleTime
	}
	return max(0, l.grace()) + maxSkew
}
