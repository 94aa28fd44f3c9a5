package watch

import (
	"cmp"
	"context"
	"errors"
	"time"

	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// shutdownLimit is how long a watch that is to end goes on at most. A line may still wait for related events.
const shutdownLimit = 10 * time.Second

// nothingPending reports whether a watch that is to end since a time, or reports what happened up to then, need not wait any longer.
// It does not wait for the end of a stop that is under way, which may be far.
func (w *watch) nothingPending(since, now time.Time) bool {
	passed := now.Sub(since)
	switch {
	case !w.started || passed > shutdownLimit:
		return true
	case passed < tickInterval: // an event may be on its way
		return false
	case w.connected && !w.dockerSilent(now) && (w.batches > 0 || w.awaitingInspect()):
		return false
	}
	for _, t := range w.active {
		if due, ok := t.Due(); ok && (passed < settleTime || due.Before(since.Add(shutdownLimit))) {
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
	items, _ = w.takeItems(items) // there is no time left to request dropped events again
	for i := range items {
		if items[i].event != nil || items[i].sample != nil || items[i].sent != nil || items[i].asked != nil {
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
	w.releaseAll(now)
}

// writeEnding writes that the watch has ended, so that a reader of a journal can tell a time without a watch from one in which nothing
// happened. A watch of the past has not begun.
func (w *watch) writeEnding(ctx context.Context, err error) {
	if !w.started || w.PastOnly {
		return
	}
	now := time.Now()
	level, why := Info, "the time of --until has come"
	switch cause := cmp.Or(context.Cause(ctx), err); {
	case errors.Is(cause, fault.ErrInterrupted):
		why = "interrupted (SIGINT)"
	case errors.Is(cause, context.Canceled):
		why = "terminated (SIGTERM)"
	case errors.Is(cause, errClosed):
		why = errClosed.Error()
	case cause != nil:
		level, why = Error, value.Clean(cause.Error())
	}
	line := &Line{At: now, Level: level, Action: ActionWatchEnd, Message: "stopped watching: " + why}
	if failed := w.Write(line); w.writeErr == nil {
		w.writeErr = failed
	}
	if w.Observe != nil {
		w.Observe.Line(line)
	}
}
