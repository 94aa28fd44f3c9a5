package watch

import "time"

// lastWords is how long a watch that is to end goes on at most, for what it has heard of and not yet told: a line waits
// for other words on the same thing.
const shutdownLimit = 10 * time.Second

// said reports whether nothing is left to be waited for. A stop that is under way is not: its end may be far.
func (w *watch) nothingPending(now time.Time) bool {
	passed := now.Sub(w.stoppingSince)
	switch {
	case !w.started || passed > shutdownLimit:
		return true
	case passed < tickInterval: // an event may be on its way
		return false
	case w.connected && !w.dockerSilent(now) && (w.batches > 0 || w.awaitingInspect()):
		return false
	}
	for _, l := range w.active {
		if due, any := l.Due(); any && (passed < settleTime || due.Before(w.stoppingSince.Add(shutdownLimit))) {
			return false
		}
	}
	return true
}

// waitedFor reports whether inspections are wanted of containers about which Docker answers.
func (w *watch) awaitingInspect() bool {
	for id := range w.inspectWanted {
		if w.unresponsive[id] == nil {
			return true
		}
	}
	return false
}
