package watch

import (
	"slices"
	"time"
)

// holdLimit is how long a line waits at most for lines about earlier things.
const holdLimit = time.Second

// pastLimit is how long other lines wait at most for those of the past, if docker does not answer.
const pastLimit = 30 * time.Second

// order holds lines back, so that they are written in order of time: all of the past until it is known, and others as long as an
// earlier one is due soon.
type order struct {
	held    []heldLine
	places  map[string]time.Time // of the last line that waits about each container
	pastAt  time.Time            // when all events of the past had come, and docker inspect had answered; zero before
	pastBy  time.Time            // when others are written anyway
	allPast bool                 // all lines of the past are written, or none were asked for
}

type heldLine struct {
	line *Line
	// place is the time of the line, or that of the line before it about the same container, if that is later: their order stays.
	place  time.Time
	queued time.Time
}

// hold adds a line to those that wait.
func (o *order) hold(line *Line, now time.Time) {
	place := line.At
	if before := o.places[line.ID]; before.After(place) {
		place = before
	}
	if o.places == nil {
		o.places = map[string]time.Time{}
	}
	o.places[line.ID] = place
	o.held = append(o.held, heldLine{line, place, now})
}

// take removes those lines that need not wait, in order of time. Earliest is when the earliest thing happened that will be written soon;
// zero for none.
func (o *order) take(earliest, now time.Time) (all []*Line) {
	slices.SortStableFunc(o.held, func(a, b heldLine) int { return a.place.Compare(b.place) })
	n := len(o.held)
	for ; n > 0; n-- {
		h := &o.held[n-1]
		waited := now.Sub(h.queued) >= holdLimit || now.Sub(h.line.At) >= holdLimit
		if waited || earliest.IsZero() || !h.place.After(earliest) {
			break
		}
	}
	for i := range n {
		h := &o.held[i]
		all = append(all, h.line)
		if o.places[h.line.ID].Equal(h.place) {
			delete(o.places, h.line.ID)
		}
	}
	o.held = slices.Delete(o.held, 0, n)
	return all
}

// release writes the lines that need not wait for others.
func (w *watch) release(now time.Time) {
	if len(w.held) == 0 || w.pastMayCome(now) {
		return
	}
	var earliest time.Time
	for _, t := range w.active {
		if at, ok := t.earliestPending(); ok && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
	}
	w.writeHeld(earliest, now)
}

// releaseAll writes all lines that wait.
func (w *watch) releaseAll(now time.Time) { w.writeHeld(time.Time{}, now) }

func (w *watch) writeHeld(earliest, now time.Time) {
	for _, line := range w.take(earliest, now) {
		if w.writeErr != nil {
			return
		}
		if line.ID != "" && !w.Until.IsZero() && line.At.After(w.Until) {
			continue
		}
		w.writeErr = w.Write(line)
		if w.Observe != nil {
			w.Observe.Line(line)
		}
	}
}

// pastMayCome reports whether lines of the past are still to come.
func (w *watch) pastMayCome(now time.Time) bool {
	if w.allPast {
		return false
	}
	w.allPast = !w.pastAt.IsZero() && w.nothingPending(w.pastAt, now) || now.After(w.pastBy)
	return !w.allPast
}

// notePast notes when all of the past is known. A watch of nothing else ends then.
func (w *watch) notePast(now time.Time) {
	if !w.pastAt.IsZero() || !w.started || !w.pastRead {
		return
	}
	w.pastAt = now
	if w.PastOnly && w.stoppingSince.IsZero() {
		w.stoppingSince = now
	}
}

// earliestPending returns when the earliest thing happened that will be written within seconds; false for none. Signals do not count,
// because they may take long to end the container.
func (t *Timeline) earliestPending() (first time.Time, ok bool) {
	add := func(all ...*pending) {
		for _, p := range all {
			if p != nil && !p.written && (!ok || p.at.Before(first)) {
				first, ok = p.at, true
			}
		}
	}
	add(t.removal, t.cancelledRestart)
	for _, r := range t.runs() {
		add(r.start)
		switch r.state {
		case unseen, running, exited, ended:
			add(r.oomPending, r.pause, r.unpause, r.freezeOutside, r.thawOutside)
			if at := r.exitedAt; at != nil {
				add(&pending{at: *at})
			}
			add(r.end)
		}
	}
	return first, ok
}
