package watch

import (
	"time"

	"golang.org/x/sys/unix"
)

// Deaf takes that events may be missing from now on.
func (l *Life) Deaf() {
	l.deaf = true
	for _, i := range l.runs() {
		if i.died == nil || i.died.source != dieEvent { // else what was sent before its end was heard before
			i.deaf, i.until = true, time.Time{}
		}
	}
}

// Hears takes that events come again, and whether all that happened meanwhile have come, too.
func (l *Life) Hears(all bool, now time.Time) {
	l.deaf = false
	for _, i := range l.runs() {
		switch {
		case !i.deaf || !i.until.IsZero():
		case all:
			i.deaf = false
		default:
			i.until = now
		}
	}
}

// misses reports whether a signal may have ended a run whose event is missing.
func (l *Life) misses(i *instance) bool {
	end := i.died.came
	if i.ended != nil && i.endSeen.Before(end) {
		end = i.endSeen
	}
	return i.deaf && (i.until.IsZero() || end.Before(i.until.Add(l.effect(i))))
}

// effect is how long after a signal it may still have ended a run. A handler may take its time, and a docker stop sends
// SIGKILL once the grace is over; SIGKILL itself waits for a thaw only.
func (l *Life) effect(i *instance) time.Duration {
	killed := i.wait != nil && i.wait.Signaled() && i.wait.Signal() == unix.SIGKILL
	frozen := i.pause != nil || i.outside != nil
	if killed && !frozen && len(i.kills) == 0 {
		return settleForced
	}
	return max(0, l.grace()) + giveUp
}
