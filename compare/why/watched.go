package why

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/journal"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
)

// watched is what the journal of a watch tells.
type watched struct {
	dir        string
	missing    bool // there is none, and nobody asked for one
	err        error
	oldest     time.Time
	newest     time.Time
	containers map[string]*watchedContainer // by id
	bands      []band
	silences   []silence
	writes     answer     // whether a watch writes to it now
	lost       *time.Time // Docker has not answered since then
	ended      *time.Time // of the last watch, if it said so
}

// watchedContainer is what a watch has seen of a container.
type watchedContainer struct {
	name    string // its last one; "" if the watch hid the names
	last    time.Time
	starts  []time.Time
	ends    []watchedEnd
	changes []change
	removed bool
}

// watchedEnd is an end that a watch has seen.
type watchedEnd struct {
	at   time.Time
	line *document.WatchLine
}

// readJournal reads the journal in a folder; "" for the systemd unit's. What can be read of it is used.
func readJournal(dir string) *watched {
	w := &watched{dir: cmp.Or(dir, journal.DefaultDir)}
	// Before it is read: a watch that ends meanwhile writes that.
	switch writes, err := journal.HasWriter(w.dir); {
	case err != nil: // as reading it will, or else it stays unknown
	case writes:
		w.writes = yes
	default:
		w.writes = no
	}
	w.read(journal.Lines(w.dir))
	if errors.Is(w.err, fs.ErrNotExist) && dir == "" {
		w.missing, w.err = true, nil
	}
	return w
}

// read adds the lines of a journal.
func (w *watched) read(lines iter.Seq2[*document.WatchLine, error]) {
	w.containers = map[string]*watchedContainer{}
	unread := 0
	for line, err := range lines {
		switch {
		case err == nil:
			w.add(line)
		case errors.Is(err, journal.ErrCut): // the watch is writing, or was killed
		default:
			if unread++; w.err == nil {
				w.err = err
			}
		}
	}
	if unread > 1 {
		w.err = fmt.Errorf("%d parts cannot be read, the first: %w", unread, w.err)
	}
}

// endActions are the actions of the lines about an end.
var endActions = []string{"die", "stop", "kill", "confirm"}

// endKinds are the verdicts on an end.
var endKinds = []value.Kind{value.Graceful, value.FailedStopping, value.Terminated, value.Forced, value.Killed, value.OOMKilled,
	value.Exited, value.Crashed, value.Inconclusive}

// add adds a line.
func (w *watched) add(line *document.WatchLine) {
	at := lineTime(line.Time)
	if w.oldest.IsZero() {
		w.oldest = at
	}
	w.addBand(line, at)
	w.newest = later(at, w.newest)
	if line.Container == nil || line.Container.ID == "" {
		return
	}
	c := w.containers[line.Container.ID]
	if c == nil {
		c = &watchedContainer{}
		w.containers[line.Container.ID] = c
	}
	c.last = at
	if line.Container.Name != nil {
		c.name = *line.Container.Name
	}
	if x, ok := changeOf(at, line.Action, line.Verdict); ok {
		c.changes = append(c.changes, x)
	}
	c.removed = c.removed || line.Verdict == value.Removed
	switch {
	case line.Action == "start", line.Action == "restart" && line.Verdict == value.Restarted:
		c.starts = append(c.starts, at)
	case slices.Contains(endActions, line.Action) && slices.Contains(endKinds, line.Verdict):
		if line.EndedAt != "" { // it confirms an earlier line, or corrects it
			at = lineTime(line.EndedAt)
			c.ends = slices.DeleteFunc(c.ends, func(e watchedEnd) bool { return e.at.Equal(at) })
		}
		c.addEnd(watchedEnd{at, line})
	}
}

// addEnd adds an end, unless it is known: a watch that reports the past (--since) writes again what another one has written. Of two
// verdicts on the same end, one that decides counts.
func (c *watchedContainer) addEnd(end watchedEnd) {
	i := slices.IndexFunc(c.ends, func(e watchedEnd) bool {
		return e.at.Sub(end.at).Abs() <= sameWatchedEnd && !c.startedBetween(e.at, end.at)
	})
	switch {
	case i < 0:
		c.ends = append(c.ends, end)
	case c.ends[i].line.Verdict == value.Inconclusive:
		c.ends[i] = end
	}
}

// startedBetween reports whether the container was started between two ends.
func (c *watchedContainer) startedBetween(a, b time.Time) bool {
	if b.Before(a) {
		a, b = b, a
	}
	return slices.ContainsFunc(c.starts, func(t time.Time) bool { return t.After(a) && !t.After(b) })
}

// lineTime parses a time of a line. Package journal has checked that of the line itself.
func lineTime(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

// sameWatchedEnd is how far apart the journal and Docker may be about the same end: the watch writes when the kernel or Docker's event
// reported it.
const sameWatchedEnd = 2 * time.Second

// addWatched gives each end in the journal to its run, and adds runs that only the journal tells of.
func addWatched(runs []run, c *watchedContainer) []run {
	if c == nil {
		return runs
	}
	for _, end := range c.ends {
		if r := watchedRun(runs, end); r != nil {
			r.watched = end.line
			continue
		}
		at := end.at
		runs = append(runs, run{ended: &at, started: lastBefore(c.starts, at), watched: end.line})
	}
	slices.SortStableFunc(runs, func(a, b run) int { return zeroOr(a.ended).Compare(zeroOr(b.ended)) })
	return runs
}

// watchedRun returns the run of an end; nil if it is not known otherwise.
func watchedRun(runs []run, end watchedEnd) (best *run) {
	apart := func(r *run) time.Duration { return r.ended.Sub(end.at).Abs() }
	for i := range runs {
		r := &runs[i]
		if r.ended == nil || r.watched != nil || apart(r) > sameWatchedEnd || r.started != nil && end.at.Before(*r.started) && !r.atOnce {
			continue
		}
		if best == nil || apart(r) < apart(best) {
			best = r
		}
	}
	return best
}

// lastBefore returns the last time that is not after another; nil for none.
func lastBefore(times []time.Time, end time.Time) *time.Time {
	for _, t := range slices.Backward(times) {
		if !t.After(end) {
			return &t
		}
	}
	return nil
}

// watchedFacts returns what a watch said about an end, for the rules.
func watchedFacts(line *document.WatchLine) *past.Watched {
	w := &past.Watched{Kind: line.Verdict, How: line.Message, Missing: line.Missing, Code: line.ExitCode}
	if name := line.Container.Name; name != nil {
		if _, text, ok := strings.Cut(line.Message, *name+": "); ok {
			w.How = text
		}
	}
	for _, b := range line.Because {
		w.Because = append(w.Because, past.Observation{Source: "haltscope watch: " + b.Source, Value: b.Value})
	}
	return w
}
