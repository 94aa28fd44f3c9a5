package why

import (
	"slices"
	"time"

	"haltscope/compare/document"
)

// addBand notes what a line says about the watch itself and the daemon: gaps, and when there was no watch.
func (w *watched) addBand(line *document.WatchLine, at time.Time) {
	switch line.Action {
	case "gap":
		from, to := lineTime(line.From), lineTime(line.To)
		if !from.IsZero() && !to.Before(from) {
			w.bands = append(w.bands, band{document.BandUnwatched, from, to, line.Message})
		}
	case "daemon":
		switch lost := line.Level != "info"; {
		case lost && w.lost == nil:
			w.lost = &at
		case !lost && w.lost != nil:
			w.answers(at)
		}
	case "watch":
		// Without an end before, it is the same watch, or the one before was killed: the journal does not tell which.
		if w.ended != nil {
			w.bands = append(w.bands, band{document.BandUnwatched, *w.ended, at, "no watch ran"})
		}
		w.ended = nil
	case "watch-end":
		w.ended = &at
		if w.lost != nil {
			w.answers(at)
		}
	}
}

// answers ends a time in which Docker did not answer.
func (w *watched) answers(at time.Time) {
	w.bands = append(w.bands, band{document.BandDaemon, *w.lost, at, "Docker did not answer the watch"})
	w.lost = nil
}

// unwatched returns the times in which no watch saw what happened.
func (w *watched) unwatched() []band {
	return slices.DeleteFunc(slices.Clone(w.bands), func(b band) bool { return b.kind != document.BandUnwatched })
}
