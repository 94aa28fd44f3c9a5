package watch

import "time"

// lastWords is how long a watch that is to end goes on at most, for what it has heard of and not yet told: a line waits
// for other words on the same thing.
const lastWords = 10 * time.Second

// said reports whether nothing is left to be waited for. A stop that is under way is not: its end may be far.
func (w *watch) said(now time.Time) bool {
	passed := now.Sub(w.ending)
	switch {
	case !w.begun || passed > lastWords:
		return true
	case passed < beat: // an event may be on its way
		return false
	case w.connected && !w.mute(now) && (w.asking > 0 || w.waitedFor()):
		return false
	}
	for _, l := range w.open {
		if due, any := l.Due(); any && (passed < settle || due.Before(w.ending.Add(lastWords))) {
			return false
		}
	}
	return true
}

// waitedFor reports whether inspections are wanted of containers about which Docker answers.
func (w *watch) waitedFor() bool {
	for id := range w.wanted {
		if w.reluctant[id] == nil {
			return true
		}
	}
	return false
}
