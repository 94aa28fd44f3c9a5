package why

import (
	"cmp"
	"errors"
	"io"
	"iter"
	"slices"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/journal"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
)

// Journal explains the ends that a watch's journal, in a folder, reports. It reads nothing else, so it works on any machine and without
// Docker. A zero since is the beginning of the journal.
func Journal(dir string, since time.Time) (*document.Why, error) {
	return reportJournal(journal.Lines(dir), dir, since)
}

// JournalFile is like Journal, for a single file or what a watch wrote to standard output.
func JournalFile(from io.Reader, name string, since time.Time) (*document.Why, error) {
	return reportJournal(journal.Read(from, name), name, since)
}

func reportJournal(lines iter.Seq2[*document.WatchLine, error], name string, since time.Time) (*document.Why, error) {
	w := &watched{dir: name}
	w.read(lines)
	if w.oldest.IsZero() {
		if w.err != nil {
			return nil, w.err
		}
		return nil, &fault.UsageError{Text: name + " holds no line of a watch", Next: "haltscope watch --journal DIR writes them"}
	}
	if since.IsZero() {
		since = w.oldest
	}
	s := &sources{watched: w, read: w.newest, bootErr: errJournalOnly, daemonErr: errJournalOnly}
	from := document.WhySource{Name: "journal of a watch: " + value.Clean(name), Read: true, From: stampOr(w.oldest, "")}
	if w.err != nil {
		from.Error = value.Clean(w.err.Error())
	}
	doc := &document.Why{Schema: document.WhySchema, Since: since.Format(time.RFC3339), Sources: []document.WhySource{from},
		Containers: []document.WhyContainer{}}
	var all []explainedContainer
	for id, c := range w.containers {
		all = append(all, s.explainWatched(id, c, since))
	}
	slices.SortFunc(all, byLastEnd)
	for i := range all {
		if len(all[i].document.Runs) > 0 {
			doc.Containers = append(doc.Containers, all[i].document)
		}
	}
	doc.Timeline = s.timelineOf(all, since, s.read)
	doc.Notes = document.Notes(doc)
	return doc, nil
}

// errJournalOnly is why sources other than the journal were not read.
var errJournalOnly = errors.New("only the journal was read")

// byLastEnd orders containers by their last end, newest first.
func byLastEnd(a, b explainedContainer) int {
	return cmp.Or(b.last.Compare(a.last), cmp.Compare(a.document.Name, b.document.Name), cmp.Compare(a.document.ID, b.document.ID))
}

// explainWatched explains the ends of a container by what a watch said about them.
func (s *sources) explainWatched(id string, c *watchedContainer, since time.Time) (e explainedContainer) {
	sub := &subject{id: id, name: c.name}
	const unknown = "a journal does not tell"
	d := document.WhyContainer{Name: c.name, ID: id, RestartCount: value.Absent[int](value.NotMeasured, unknown),
		Ends: []document.WhyEnds{}, Runs: []document.WhyRun{}, Warnings: []string{}}
	if c.removed {
		d.Status = "removed"
	}
	runs := addWatched(nil, c)
	for i := range slices.Backward(runs) {
		r := &runs[i]
		f := past.Facts{StartedAt: r.started, EndedAt: r.ended, Watched: watchedFacts(r.watched), CodeMissing: "the watch did not know it"}
		f.Code = f.Watched.Code
		v := past.Verdict{Kind: f.Watched.Kind, Confidence: value.Certain, How: f.Watched.How, Because: f.Watched.Because}
		if v.Kind == value.Inconclusive {
			v.Confidence, v.How, v.Missing = value.Unsure, "", f.Watched.Missing
		}
		d.Ends = count(d.Ends, v.Kind, r.ended)
		e.last = later(*r.ended, e.last)
		if !r.ended.Before(since) {
			run := runDocument(r, &f, &v, []string{})
			run.OOMKilled = value.Absent[bool](value.NotMeasured, unknown)
			d.Runs = append(d.Runs, run)
		}
	}
	e.document = d
	e.running, e.within = staysOf(sub, runs, c, s.read, s.read)
	return e
}
