package why

import (
	"slices"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
)

// explainedContainer is a container with its ends explained.
type explainedContainer struct {
	document document.WhyContainer
	last     time.Time // when the last of its runs ended; zero if none did

	running, within []stay // when it ran and, while it did, was paused or frozen
}

// explain explains the ends of one container.
func (s *sources) explain(sub *subject, o Options) explainedContainer {
	d := document.WhyContainer{Name: sub.name, ID: sub.id, Status: "removed", Ends: []document.WhyEnds{}, Runs: []document.WhyRun{},
		Warnings: append([]string{}, sub.warnings...)}
	d.RestartCount = value.Absent[int](value.Vanished, "it was removed")
	if s.noDocker != nil {
		d.Status, d.RestartCount = "unknown", value.Absent[int](value.Failed, "Docker does not answer")
	}
	if c := sub.container; c != nil {
		d.Status, d.RestartPolicy, d.RestartCount = value.Clean(c.State.Status), value.Clean(c.HostConfig.RestartPolicy.Name),
			value.Known(c.RestartCount)
		d.NotStarted = notStarted(sub)
	}
	e := explainedContainer{}
	runs := addWatched(runsOf(sub.events, sub.container), s.watched.containers[sub.id])
	if s.noDocker != nil {
		runs = s.loggedEnds(sub.id, runs)
	}
	s.assignKills(sub.id, runs)
	if s.noDocker != nil {
		d.Warnings = append(d.Warnings, s.survivedKills(sub.id, runs)...)
	}
	for i := range slices.Backward(runs) {
		r := &runs[i]
		facts := s.facts(sub, r)
		v := past.Judge(facts)
		d.Ends = count(d.Ends, v.Kind, r.ended)
		if r.ended != nil && r.ended.After(e.last) {
			e.last = *r.ended
		}
		if o.Since.IsZero() && len(d.Runs) == o.Last || !o.Since.IsZero() && (r.ended == nil || r.ended.Before(o.Since)) {
			continue
		}
		d.Runs = append(d.Runs, runDocument(r, &facts, &v, next(sub, &facts, &v)))
	}
	e.document = d
	w := s.watched.containers[sub.id]
	e.running, e.within = staysOf(sub, runs, w, s.read, s.knownUntil(w))
	return e
}

// notStarted says why the last start failed; nil if it did not.
func notStarted(sub *subject) *document.NotStarted {
	state := &sub.container.State
	if state.Error == "" || state.Running {
		return nil
	}
	return &document.NotStarted{Error: value.Clean(state.Error), ExitCode: state.ExitCode, Means: past.StartCodeMeaning(state.ExitCode)}
}

// count counts one more end. The ends come in reverse order of time.
func count(all []document.WhyEnds, kind value.Kind, at *time.Time) []document.WhyEnds {
	i := slices.IndexFunc(all, func(e document.WhyEnds) bool { return e.Kind == kind })
	if i < 0 {
		i, all = len(all), append(all, document.WhyEnds{Kind: kind})
	}
	all[i].Count++
	if at != nil {
		all[i].First = at.Format(time.RFC3339Nano)
		if all[i].Last == "" {
			all[i].Last = all[i].First
		}
	}
	return all
}

// runDocument returns a run as the document has it.
func runDocument(from *run, f *past.Facts, v *past.Verdict, next []string) document.WhyRun {
	const gone = "Docker has no record of it"
	r := document.WhyRun{StartedAt: when(f.StartedAt, gone), EndedAt: when(f.EndedAt, gone), Next: next, Signals: []value.Maybe[int]{},
		Verdict: document.WhyVerdict{Kind: v.Kind, Confidence: v.Confidence, How: v.How, Missing: v.Missing, Because: []document.WhyBecause{}},
		SentBy:  from.sentBy(),
		AskedBy: from.askedBy()}
	switch {
	case from.atOnce:
		r.UptimeMs = value.Absent[float64](value.Unsupported, "it ended before Docker had written down its start")
	case f.StartedAt == nil || f.EndedAt == nil:
		r.UptimeMs = value.Absent[float64](value.Unsupported, gone)
	case f.EndedAt.Before(*f.StartedAt):
		r.UptimeMs = value.Absent[float64](value.Failed, "the clock was set back during the run")
	default:
		r.UptimeMs = value.Known(value.Milliseconds(f.EndedAt.Sub(*f.StartedAt)))
	}
	r.ExitCode = value.Absent[int](value.Vanished, f.CodeMissing)
	if f.Code != nil {
		r.ExitCode, r.Means = value.Known(*f.Code), past.CodeMeaning(*f.Code)
	}
	r.OOMKilled = value.Absent[bool](value.Vanished, "docker inspect is about another run, or the container was removed")
	if f.OOMKilled != nil {
		r.OOMKilled = value.Known(*f.OOMKilled)
	}
	for _, e := range f.Events {
		if e.Action == "kill" {
			r.Signals = append(r.Signals, value.KnownOr(int(e.Signal), e.Signal != 0, value.Failed, "a container label overrides it"))
		}
	}
	for _, o := range v.Because {
		r.Verdict.Because = append(r.Verdict.Because, document.WhyBecause{Source: value.Clean(o.Source), At: when(o.At, "it has no time"),
			Value: value.Clean(o.Value)})
	}
	return r
}

// sentBy returns who sent the signal that ended a run, as a watch has seen it.
func (r *run) sentBy() value.Maybe[document.Actor] {
	if r.watched == nil {
		return value.Absent[document.Actor](value.NotMeasured, "only a watch sees who sends a signal")
	}
	if _, detail, missing := r.watched.SentBy.Missing(); missing && detail == "" { // written by an older haltscope
		return value.Absent[document.Actor](value.NotMeasured, "the watch did not look who sends signals")
	}
	return r.watched.SentBy
}

// askedBy returns who asked Docker to end a run, as a watch has seen it.
func (r *run) askedBy() value.Maybe[document.Actor] {
	if r.watched == nil {
		return value.Absent[document.Actor](value.NotMeasured, "only a watch sees who asks Docker")
	}
	if _, detail, missing := r.watched.AskedBy.Missing(); missing && detail == "" { // written by an older haltscope
		return value.Absent[document.Actor](value.NotMeasured, "the watch did not look who asks Docker")
	}
	return r.watched.AskedBy
}

// when returns a time as the document has it.
func when(t *time.Time, detail string) value.Maybe[string] {
	if t == nil {
		return value.Absent[string](value.Unsupported, detail)
	}
	return value.Known(t.Format(time.RFC3339Nano))
}
