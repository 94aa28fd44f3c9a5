package watch

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Lines returns what is due by now.
func (t *Timeline) Lines(now time.Time) (all []Line) {
	if t.removal != nil && !now.Before(t.removal.due) {
		for _, r := range t.runs() {
			t.apply(r, occurrence{input: removed, learned: now, source: t.removal.source})
		}
	}
	for _, r := range t.runs() {
		all = append(all, t.runLines(r, now)...)
		if !r.isWritten() && r.state != disproved && r != t.current {
			break // later runs wait for its end
		}
	}
	t.dropWritten()
	if p := t.cancelledRestart; p != nil && !p.written && (t.removal != nil || !now.Before(p.due)) {
		p.written = true
		all = append(all, t.line(p.at, "stop", "", "pending restart cancelled",
			verdict.Observation{Source: p.source, Value: "stop"}, verdict.Observation{Source: sourceInspect, Value: "restarting, before the stop"}))
	}
	if t.removalDue(now) {
		all = append(all, t.removalLines()...)
	}
	return all
}

// line returns a line about the container, at the level of its verdict.
func (t *Timeline) line(at time.Time, action string, kind verdict.Kind, message string, because ...verdict.Observation) Line {
	level := levels[kind]
	if kind == "" {
		level = Info
	}
	return Line{At: at, Level: level, Message: message, ID: t.ID, Name: t.Name, Action: action, Verdict: kind, Because: because}
}

// runLines returns what is due of a run.
func (t *Timeline) runLines(r *run, now time.Time) (all []Line) {
	t.checkExit(r, now)
	over := r.end != nil && !now.Before(r.endDueAt())
	if p := r.start; p != nil && !p.written && (over || p.isDue(now) || r.restarted && r.startEvent) {
		p.written = true
		all = append(all, t.startLine(r))
	}
	switch {
	case r.state == disproved:
		return all
	case over && r.isAlive(now):
		return append(all, t.aliveLine(r))
	}
	if r.isWritten() {
		if line, ok := t.confirmationLine(r, now); ok {
			all = append(all, line)
		}
		return all
	}
	all = append(all, t.freezerLines(r, now, over)...)
	all = append(all, t.belowLines(r)...)
	switch {
	case over:
		t.countSurvivedBefore(r)
		all = append(all, t.survivedLines(r, now, true)...)
		all = append(all, t.writeEnd(r))
	case r.end == nil:
		if r.exitedAt == nil && r.oomNext().isDue(now) {
			all = append(all, t.oomLines(r)...)
		}
		all = append(all, t.countSurvived(r, now)...)
		all = append(all, t.survivedLines(r, now, r.flushed)...)
	}
	return all
}

// startLine writes the start of a run.
func (t *Timeline) startLine(r *run) Line {
	p := r.start
	because := verdict.Observation{Source: p.source, Value: "started"}
	switch {
	case r.restarted:
		return t.line(p.at, "restart", verdict.Restarted, "restarted by docker restart", because,
			verdict.Observation{Source: "docker events: restart", Value: "restart"})
	case r.restartCount > 0:
		count := value.Count(r.restartCount, "time", "times")
		return t.line(p.at, "restart", verdict.Restarted,
			fmt.Sprintf("restarted by its restart policy, %s, %s so far", r.restartPolicy, count), because,
			verdict.Observation{Source: "docker inspect: RestartCount", Value: strconv.Itoa(r.restartCount)})
	case r.startMissed:
		return t.line(p.at, "start", "", "started while the docker events stream was lost", because)
	}
	return t.line(p.at, "start", "", "started", because)
}

// writeEnd writes the end of a run. Docker can still confirm it if its die event has not come, or inspect has not answered.
func (t *Timeline) writeEnd(r *run) Line {
	line := t.endLine(r)
	input := endDue
	if !r.wasDisproved && (r.end.source != sourceDieEvent || r.answered.Before(r.end.learned)) {
		input, r.provisionalLine = provisionalEndDue, &line
	}
	r.end.written = true
	t.apply(r, occurrence{input: input})
	return line
}

// removalDue reports whether the removal is to be written now: after the ends of all runs.
func (t *Timeline) removalDue(now time.Time) bool {
	p := t.removal
	pendingEnd := func(r *run) bool { return !r.isWritten() && r.state != disproved || r.state == confirming }
	if p == nil || p.written || slices.ContainsFunc(t.earlier, pendingEnd) {
		return false
	}
	if t.current != nil && (t.current.state == ended || t.current.state == confirming) {
		return false
	}
	return !now.Before(p.due) || t.current == nil || t.current.isWritten() || t.current.state == disproved
}

// removalLines writes the removal, and before it the end of a run that nothing reported.
func (t *Timeline) removalLines() (all []Line) {
	t.removal.written, t.done = true, true
	if r := t.current; r != nil && r.end == nil && r.state != disproved && !r.started.IsZero() {
		all = append(all, t.lostEndLine(r))
	}
	return append(all, t.line(t.removal.at, "destroy", verdict.Removed, "removed",
		verdict.Observation{Source: t.removal.source, Value: "destroyed"}))
}

// lostEndLine writes the end of a run that was removed with its container while the event stream was lost.
func (t *Timeline) lostEndLine(r *run) Line {
	t.apply(r, occurrence{input: lostEndDue})
	line := t.line(t.removal.at, "die", verdict.Inconclusive, "ended before it was removed; how is unknown",
		verdict.Observation{Source: t.removal.source, Value: "no such container"})
	line.Missing = "no event reported the end"
	if r.waitStatus != nil {
		line.Because = append(line.Because,
			verdict.Observation{Source: verdict.WaitSource, Value: fmt.Sprintf("wait status %#x", uint32(*r.waitStatus))})
	}
	return line
}
