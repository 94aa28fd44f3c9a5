package why

import (
	"slices"
	"time"

	"haltscope/compare/document"
)

// addBand records what a line says about the watch itself and the daemon: gaps, and times without a watch.
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
		switch {
		case w.ended != nil:
			w.bands = append(w.bands, band{document.BandUnwatched, *w.ended, at, noWatch})
		case line.Level == "info" && !w.newest.IsZero():
			// The one before was killed, or this one writes what it watches once more: the journal does not tell which. A warning is
			// always of the same watch.
			w.silences = append(w.silences, silence{w.newest, at})
		}
		w.ended = nil
	case "watch-end":
		w.ended = &at
		if w.lost != nil {
			w.answers(at)
		}
	}
}

// answers ends a period in which Docker did not answer.
func (w *watched) answers(at time.Time) {
	w.bands = append(w.bands, band{document.BandDaemon, *w.lost, at, "Docker did not answer the watch"})
	w.lost = nil
}

const noWatch = "no watch ran"

// silence is a period without lines, after which a new watch may have begun.
type silence struct{ from, to time.Time }

// unwatched returns the periods until now in which no watch ran, and those in which possibly none ran.
func (s *sources) unwatched(now time.Time) []band {
	w := s.watched
	all := slices.DeleteFunc(slices.Clone(w.bands), func(b band) bool { return b.kind != document.BandUnwatched })
	const mayHave = "no line of the watch; it may have ended"
	for _, quiet := range w.silences {
		all = append(all, s.silent(quiet, mayHave)...)
	}
	switch last := (silence{w.newest, now}); {
	case w.ended != nil:
		all = append(all, band{document.BandUnwatched, *w.ended, now, noWatch})
	case w.newest.IsZero() || !w.newest.Before(now):
	case s.bootedIn(last), w.writes == unknown: // after a boot, one that has yet to begin may have the lock
		all = append(all, s.silent(last, mayHave)...)
	case w.writes == no:
		all = append(all, s.silent(last, "no line of the watch, and none runs now")...)
	}
	return all
}

// silent returns the bands of a silence. From a boot within it until its end, no watch ran.
func (s *sources) silent(quiet silence, text string) []band {
	if !s.bootedIn(quiet) {
		return []band{{document.BandUnwatched, quiet.from, quiet.to, text}}
	}
	return []band{{document.BandUnwatched, quiet.from, s.boot, text}, {document.BandUnwatched, s.boot, quiet.to, noWatch}}
}

// bootedIn reports whether the host is known to have booted in a silence.
func (s *sources) bootedIn(quiet silence) bool {
	return s.bootErr == nil && s.boot.After(quiet.from) && s.boot.Before(quiet.to)
}
