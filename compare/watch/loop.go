package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"haltscope/compare/value"
)

// tickInterval is how often the loop runs when nothing happens.
const tickInterval = 250 * time.Millisecond

// suspendedAfter is the pause of the loop that counts as suspended: the engine may have dropped events.
const suspendedAfter = 10 * time.Second

// loop handles everything that happens, one item after the other. From is the time since which the watch reports.
func (w *watch) loop(ctx, sources context.Context, from time.Time, watcherEnded <-chan error) error {
	tick := time.NewTicker(tickInterval)
	defer tick.Stop()
	last := time.Now()
	var items []item
	stop := ctx.Done()
	for {
		select {
		case <-stop:
			if cause := context.Cause(ctx); errors.Is(cause, errClosed) || errors.Is(cause, errOutput) {
				return w.writeErr
			}
			stop, w.stoppingSince = nil, time.Now()
		case err := <-watcherEnded:
			if ctx.Err() != nil {
				w.finish(items)
				return w.writeErr
			}
			w.releaseAll(time.Now())
			return err
		case <-w.queue.ready:
			items = w.handleAll(items, last)
		case a := <-w.answers:
			w.answered(a, from)
		case now := <-tick.C:
			if gap := w.noteSuspension(last, now); gap > suspendedAfter {
				w.refetch(last, fmt.Sprintf("haltscope did not run for %s", gap.Round(time.Second)))
			}
			last = now
			w.tick(now)
		}
		w.startInspections(sources)
		if err := errors.Join(w.writeErr, w.pastErr); err != nil {
			return err
		}
		if !w.stoppingSince.IsZero() && w.nothingPending(w.stoppingSince, time.Now()) {
			w.finish(items)
			return w.writeErr
		}
	}
}

// noteSuspension tells all timelines if the loop did not run since last for so long that it counts as suspended. It returns how long.
func (w *watch) noteSuspension(last, now time.Time) (gap time.Duration) {
	// The monotonic clock stands still while the machine sleeps, and the other one may be set: the longer gap counts.
	if gap = max(now.Sub(last), now.Round(0).Sub(last.Round(0))); gap > suspendedAfter {
		for _, t := range w.timelines {
			t.Suspended(last, now)
		}
	}
	return gap
}

// handleAll handles the items in the queue, and returns their memory. Last is when the loop was known to keep up.
func (w *watch) handleAll(items []item, last time.Time) []item {
	w.noteSuspension(last, time.Now())
	items, dropped := w.takeItems(items)
	for i := range items {
		w.handle(&items[i])
		items[i] = item{}
	}
	if dropped {
		w.refetch(last, "events were read too slowly, because the output was blocked")
	}
	return items
}

// takeItems takes all items from the queue. If some were dropped, reports of signals may be among them, and it notes that first.
func (w *watch) takeItems(items []item) ([]item, bool) {
	items, dropped := w.queue.take(items)
	if dropped {
		for _, t := range w.timelines {
			t.SendersIncomplete(time.Now(), "reports of signals were dropped, because the output was blocked")
		}
	}
	return items, dropped
}

func (w *watch) handle(i *item) {
	switch {
	case i.event != nil:
		w.event(i.event, i.at)
	case i.sample != nil:
		w.sample(i.key, *i.sample, i.at)
	case i.sent != nil:
		if t := w.timelines[i.key]; t != nil {
			t.Sent(*i.sent)
		}
	case i.asked != nil:
		if t := w.timelines[i.key]; t != nil {
			t.Asked(*i.asked)
		}
	case i.malformed != nil:
		w.write(&Line{At: i.at, Level: Warn, Action: ActionInput, Message: value.Clean(i.malformed.Error()) + ": skipped",
			RedactedMessage: "docker events printed a line that cannot be parsed: skipped"}) // the error quotes the line
		w.reconcileAt = i.at.Add(settleTime) // it may have been an event
	case i.disconnected != nil:
		w.lostConnection(i.disconnected, i.at)
	case i.pastRead:
		w.pastRead = true
	case i.connected != nil:
		w.connected, w.connectedAt = true, i.at
		w.reconcileAt = i.at.Add(settleTime)
	}
}

// tick does what is due when nothing happens.
func (w *watch) tick(now time.Time) {
	w.reportLost(now)
	for _, t := range w.active {
		if _, wants := t.WantsExiting(now); wants {
			w.readExiting(t.ID, now)
		}
		if due, ok := t.Due(); !ok || !now.Before(due) {
			w.advance(t, now)
		}
	}
	w.refresh(now)
	w.reportSilence(now)
	w.requestMissing(now)
	w.retryUnwatched(now)
	w.observe(now)
	w.notePast(now)
	if w.stoppingSince.IsZero() && !w.Until.IsZero() && !w.PastOnly && now.Round(0).After(w.Until) {
		w.stoppingSince = now
	}
	w.release(now)
	if w.Alive != nil {
		w.Alive()
	}
}

// observe passes on the figures.
func (w *watch) observe(now time.Time) {
	if w.Observe == nil {
		return
	}
	var frozen []Frozen
	for id, f := range w.watched {
		t := w.timelines[id]
		if t == nil || f.exited {
			continue
		}
		if since, memory, ok := t.Frozen(); ok {
			frozen = append(frozen, Frozen{ID: id, Name: t.Name, Since: since, Memory: memory})
		}
	}
	w.Observe.Frozen(frozen)
	w.Observe.Watched(len(w.watched), w.connected && !w.dockerSilent(now))
}

// advance writes what is due of a timeline, and does what it wants.
func (w *watch) advance(t *Timeline, now time.Time) {
	w.active[t.ID] = t
	w.readWaitStatus(t, now)
	w.readNamespaceEnd(t, now)
	if t.TakeWantsSample() {
		w.takeSample(t, now)
		w.readVictims()
	}
	w.writeLines(t, now)
	if t.TakeWantsInspect() {
		w.inspectWanted[t.ID] = true
	}
	w.attach(t, now)
	if t.Done() {
		w.forget(t.ID)
		return
	}
	if _, ok := t.Due(); !ok && !w.inspectWanted[t.ID] {
		delete(w.active, t.ID)
	}
}

// forget ends the timeline of a container that is removed.
func (w *watch) forget(id string) {
	for _, t := range w.timelines {
		if t.sharesNamespaceOf() == id {
			t.LearnNamespaceEnd()
		}
	}
	w.detach(id)
	delete(w.timelines, id)
	delete(w.active, id)
	delete(w.inspectWanted, id)
	delete(w.unresponsive, id)
	delete(w.unwatched.why, id)
	if w.reconciling {
		if w.removedMeanwhile == nil {
			w.removedMeanwhile = map[string]bool{}
		}
		w.removedMeanwhile[id] = true
	}
}

func (w *watch) writeLines(t *Timeline, now time.Time) {
	if due, ok := t.Due(); ok && !due.After(now) {
		w.readVictims() // so that what is written names them
		w.reportLost(now)
	}
	for _, line := range t.Lines(now) {
		w.write(&line)
	}
}

// write writes a line once those about earlier things are written.
func (w *watch) write(line *Line) {
	w.hold(line, time.Now())
}
