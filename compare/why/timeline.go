package why

import (
	"cmp"
	"slices"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// timelineOf returns what containers did since a time, for a picture: first the containers that ended, the last one first, then the others.
func (s *sources) timelineOf(all []explainedContainer, since, now time.Time) *document.Timeline {
	t := &document.Timeline{From: since.Format(time.RFC3339Nano), To: now.Format(time.RFC3339Nano),
		Containers: []document.TimelineContainer{}, Bands: s.bands(since, now)}
	for i := range all {
		e := &all[i]
		d := document.TimelineContainer{Name: e.document.Name, ID: e.document.ID, Spans: []document.TimelineSpan{}}
		for _, one := range slices.Concat(e.running, e.within) {
			if one.to.Before(since) || one.from != nil && one.from.After(now) {
				continue
			}
			from := value.Absent[string](value.NotMeasured, "start time unknown")
			if one.from != nil {
				from = value.Known(later(*one.from, since).Format(time.RFC3339Nano))
			}
			d.Spans = append(d.Spans, document.TimelineSpan{State: one.state, From: from, To: one.to.Format(time.RFC3339Nano)})
		}
		if len(d.Spans) > 0 {
			t.Containers = append(t.Containers, d)
		}
	}
	return t
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// band is a period in which something happened to the host, the daemon or the watch that a reader should know.
type band struct {
	kind     document.BandKind
	from, to time.Time
	text     string
}

// bands returns the gaps of the watch, and when the daemon and the host were down or restarted, since a time.
func (s *sources) bands(since, now time.Time) []document.TimelineBand {
	all := slices.DeleteFunc(slices.Clone(s.watched.bands), func(b band) bool { return b.kind == document.BandUnwatched })
	all = append(all, s.unwatched(now)...)
	if first := s.watched.oldest; !s.watched.missing && first.After(since) {
		all = append(all, band{document.BandUnwatched, since, first, "the journal of the watch begins later"})
	}
	all = append(all, s.restarts()...)
	if s.bootErr == nil && !s.boot.IsZero() {
		all = append(all, band{document.BandBoot, s.boot, s.boot, "the host booted"})
	}
	slices.SortStableFunc(all, func(a, b band) int { return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to)) })
	documents := []document.TimelineBand{}
	for _, b := range all {
		if b.to.Before(since) || b.from.After(now) {
			continue
		}
		documents = append(documents, document.TimelineBand{Kind: b.kind, From: later(b.from, since).Format(time.RFC3339Nano),
			To: later(b.to, since).Format(time.RFC3339Nano), Text: b.text})
	}
	return documents
}

// sameStart is how far apart dockerd's log and the start of its process may be.
const sameStart = 5 * time.Second

// restarts returns when dockerd was down, according to its log, and when it started, according to its process.
func (s *sources) restarts() (all []band) {
	var starts, shutdowns []time.Time
	if s.log != nil {
		starts, shutdowns = slices.Clone(s.log.Starts), s.log.Shutdowns
	}
	same := func(t time.Time) bool { return t.Sub(s.daemonStarted).Abs() <= sameStart }
	if s.daemonErr == nil && !s.daemonStarted.IsZero() && !slices.ContainsFunc(starts, same) {
		starts = append(starts, s.daemonStarted)
	}
	slices.SortFunc(starts, time.Time.Compare)
	var before time.Time // the start before
	for _, start := range starts {
		down := band{document.BandDaemon, start, start, "dockerd started"}
		for _, t := range shutdowns {
			if t.After(before) && !t.After(start) {
				down.from, down.text = t, "dockerd was shut down, and started again"
				break
			}
		}
		all, before = append(all, down), start
	}
	return all
}
