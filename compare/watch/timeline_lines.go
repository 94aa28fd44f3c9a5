package watch

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Due is when the life has something to say at the latest; false for nothing.
func (l *Timeline) Due() (first time.Time, any bool) {
	add := func(p *pending) {
		if p != nil && !p.written && (!any || p.due.Before(first)) {
			first, any = p.due, true
		}
	}
	add(l.removal)
	add(l.cancelledRestart)
	for _, i := range l.runs() {
		add(i.start)
		if i.told {
			if i.open() {
				add(&pending{due: i.confirmDue()})
			}
			continue
		}
		if i.unconfirmed() {
			add(&pending{due: i.kernelNext()})
		}
		if i.end != nil && !i.end.written {
			d := *i.end
			d.due = i.endDue()
			add(&d)
		}
		if i.end == nil && i.exitedAt == nil {
			add(i.oomTellable())
		}
		add(i.pause)
		add(i.unpause)
		add(i.frozenOutside)
		add(i.thawedOutside)
		for n := range i.signals {
			k := &i.signals[n]
			if patience := l.patience(k.signal); i.end == nil && !k.outlived && patience >= 0 {
				add(&pending{due: k.learned.Add(patience)})
			}
		}
	}
	return first, any
}

func (l *Timeline) runs() []*run {
	if l.current == nil {
		return l.earlier
	}
	return append(slices.Clone(l.earlier), l.current)
}

// patience is how long a signal may take to end the container before it counts as outlived; below 0 for ever.
func (l *Timeline) patience(signal int) time.Duration {
	switch grace := l.grace(); {
	case signal == 9:
		return max(0, grace) + maxSkew
	case !l.stops(signal):
		return outlivedAfter
	case grace < 0:
		return -1
	default:
		return grace + maxSkew
	}
}

// stops reports whether a signal may be that of a docker stop; one whose number a label hides may.
func (l *Timeline) stops(signal int) bool { return signal == 0 || signal == l.stopSignal() }

// Hurry makes all due that has happened: nothing more will be heard. Whether a signal is outlived is not known yet.
func (l *Timeline) Flush(now time.Time) {
	for _, i := range l.runs() {
		i.flushed = true
		for _, p := range []*pending{i.start, i.oomPending, i.pause, i.frozenOutside, i.thawedOutside, i.confirmation} {
			if p != nil {
				p.due = now
			}
		}
	}
	for _, p := range []*pending{l.removal, l.cancelledRestart} {
		if p != nil {
			p.due = now
		}
	}
}

// endDue is when an end is told of at the latest.
func (i *run) endDue() time.Time {
	due := i.dockerDue()
	if owed := i.kernelOwes(); owed.After(due) && !i.flushed {
		due = owed
	}
	if last := i.exitLearned.Add(maxEndWait); i.exitedAt != nil && last.Before(due) {
		return last
	}
	return due
}

// dockerDue is the same as far as Docker's words go.
func (i *run) dockerDue() time.Time {
	if i.flushed {
		return i.end.learned
	}
	switch {
	case i.end.source == sourceKernel:
		return i.end.due
	case i.answered.Before(i.end.learned) && i.exitedAt != nil && i.exitLearned.Before(i.end.learned):
		return i.exitLearned.Add(answeredWait)
	case i.answered.Before(i.end.learned):
		return i.end.learned.Add(answeredWait)
	case i.end.source != sourceDieEvent && i.exitedAt != nil && i.end.due.Before(i.exitLearned.Add(noAnswerWait)):
		return i.exitLearned.Add(noAnswerWait) // its event may be on its way
	}
	if i.stopEvent && i.end.source == sourceDieEvent || len(i.signals) == 0 && i.end.source != sourceInspect && i.eventCode != "137" {
		return i.end.learned // nothing else would come that changes it
	}
	open := 0
	for _, k := range i.signals {
		if !k.outlived {
			open++
		}
	}
	if open > 1 && i.signals[len(i.signals)-1].signal == 9 {
		return i.end.learned.Add(forcedSettleTime)
	}
	return i.end.due
}

// Lines are what can be said by now.
func (l *Timeline) Lines(now time.Time) (all []Line) {
	if l.removal != nil && !now.Before(l.removal.due) {
		for _, i := range l.runs() {
			if i.unconfirmed() { // the removal confirms it
				i.end, i.answered = &pending{at: *i.exitedAt, learned: i.exitLearned, due: now, source: l.removal.source}, now
			}
		}
	}
	for _, i := range l.runs() {
		all = append(all, l.tell(i, now)...)
		if !i.told && i != l.current {
			break // what came after is told after its end
		}
	}
	if n := len(l.earlier) - 1; n >= 0 {
		last := l.earlier[n]
		// Where inspect has told of the next run, events of this one may come yet.
		keep := last.owes() || !l.current.startEvent
		l.earlier = slices.DeleteFunc(l.earlier, func(i *run) bool { return i.told && !i.open() && (i != last || !keep) })
	}
	if l.cancelledRestart != nil && !l.cancelledRestart.written && (l.removal != nil || !now.Before(l.cancelledRestart.due)) {
		l.cancelledRestart.written = true
		all = append(all, l.line(l.cancelledRestart.at, "stop", "", "its next start by its restart policy was called off", verdict.Observation{Source: l.cancelledRestart.source, Value: "stop"},
			verdict.Observation{Source: sourceInspect, Value: "restarting, before"}))
	}
	if l.removal != nil && !l.removal.written && (!now.Before(l.removal.due) || l.settled()) && !slices.ContainsFunc(l.earlier, func(i *run) bool { return !i.told || i.open() }) {
		if c := l.current; c == nil || c.told && !c.open() || !c.told && c.end == nil {
			l.removal.written, l.done = true, true
			if c != nil && c.end == nil && !c.started.IsZero() {
				all = append(all, l.unseenEnd(c))
			}
			all = append(all, l.line(l.removal.at, "destroy", verdict.Removed, "removed", verdict.Observation{Source: l.removal.source, Value: "destroyed"}))
		}
	}
	return all
}

// settled reports whether there is no end left to be told of.
func (l *Timeline) settled() bool { return l.current == nil || l.current.told && !l.current.open() }

func (l *Timeline) line(at time.Time, action string, kind verdict.Kind, message string, because ...verdict.Observation) Line {
	level := levels[kind]
	if kind == "" {
		level = Info
	}
	return Line{At: at, Level: level, Message: message, ID: l.ID, Name: l.Name, Action: action, Verdict: kind, Because: because}
}

func (l *Timeline) tell(i *run, now time.Time) (all []Line) {
	due := func(p *pending) bool { return p != nil && !p.written && !now.Before(p.due) }
	l.byKernel(i, now)
	over := i.end != nil && !now.Before(i.endDue())
	if i.start != nil && !i.start.written && (over || due(i.start) || i.restarted && i.startEvent) {
		i.start.written = true
		all = append(all, l.started(i))
	}
	if i.told {
		if line, ok := l.confirmed(i, now); ok {
			all = append(all, line)
		}
		return all
	}
	all = append(all, l.tellFreezer(i, now, over)...)
	if !over && i.end == nil {
		if due(i.oomTellable()) && i.exitedAt == nil {
			all = append(all, l.oomLine(i)...)
		}
		all = append(all, l.outlived(i, now)...)
	}
	if over {
		i.told, i.end.written = true, true
		line := l.end(i)
		if i.end.source != sourceDieEvent || i.answered.Before(i.end.learned) {
			i.provisionalLine = &line
		}
		all = append(all, line)
	}
	return all
}

func (l *Timeline) started(i *run) Line {
	because := verdict.Observation{Source: i.start.source, Value: "started"}
	switch {
	case i.restarted:
		return l.line(i.start.at, "restart", verdict.Restarted, "started again by docker restart", because,
			verdict.Observation{Source: "docker events: restart", Value: "restart"})
	case i.restartCount > 0:
		return l.line(i.start.at, "restart", verdict.Restarted, fmt.Sprintf("started again by its restart policy, %s, %s by now", i.restartPolicy, value.Count(i.restartCount, "time", "times")), because,
			verdict.Observation{Source: "docker inspect: RestartCount", Value: strconv.Itoa(i.restartCount)})
	case i.startMissed:
		return l.line(i.start.at, "start", "", "it was started while nothing was heard of Docker", because)
	}
	return l.line(i.start.at, "start", "", "started", because)
}

// outlived tells of signals that have not ended the container.
func (l *Timeline) outlived(i *run, now time.Time) (all []Line) {
	defer func() { l.forget(i) }()
	for n := range i.signals {
		k := &i.signals[n]
		patience := l.patience(k.signal)
		if k.outlived || patience < 0 || now.Before(k.learned.Add(patience)) {
			continue
		}
		k.outlived = true
		name := "a signal whose number a label hides"
		if k.signal != 0 {
			name = fmt.Sprintf("signal %d", k.signal)
		}
		then := "it runs on"
		if l.stops(k.signal) { // docker stop may have been given another grace
			then = "it has not ended yet; a docker stop may be waiting"
		}
		line := l.line(k.at, "kill", "", name+" was sent, and "+then, verdict.Observation{Source: "docker events", Value: name})
		line.Signals = []int{k.signal}
		all = append(all, line)
	}
	return all
}

// rememberedSignals is how many signals of a run are kept at most of those that were outlived: a program may be sent one
// every minute, for months.
const keptSignals = 16

// forget forgets the oldest. One that is never outlived goes, too, once it has been sent again.
func (l *Timeline) forget(i *run) {
	if over := len(i.signals) - keptSignals; over > 0 {
		recent := slices.Clone(i.signals[over:])
		i.signals = slices.DeleteFunc(i.signals, func(k sentSignal) bool {
			over--
			return over >= 0 && (k.outlived || l.patience(k.signal) < 0 && slices.ContainsFunc(recent, func(r sentSignal) bool { return r.signal == k.signal }))
		})
	}
}
