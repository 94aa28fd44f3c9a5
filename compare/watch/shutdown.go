package watch

import "time"

// shutdownLimit is how long a watch that is to end goes on at most. A line may still wait for related events.
const shutdownLimit = 10 * time.Second

// nothingPending reports whether a watch that is to end need not wait any longer. It does not wait for the end of a stop that
// is under way, which may be far.
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
	for _, t := range w.active {
		if due, ok := t.Due(); ok && (passed < settleTime || due.Before(w.stoppingSince.Add(shutdownLimit))) {
			return false
		}
	}
	return true
}

// awaitingInspect reports whether inspections are wanted of containers about which Docker answers.
func (w *watch) awaitingInspect() bool {
	for id := range w.inspectWanted {
		if w.unresponsive[id] == nil {
			return true
		}
	}
	return false
}

// finish writes what is known and was held back for related events, which will not come any more.
func (w *watch) finish(items []item) {
	items, _ = w.queue.take(items)
	for i := range items {
		if items[i].event != nil || items[i].sample != nil {
			w.handle(&items[i])
		}
	}
	now := time.Now()
	for _, t := range w.active {
		w.takeSample(t, now)
		w.readWaitStatus(t, now)
		w.readVictims()
		t.Flush(now)
		w.writeLines(t, now)
	}
}
