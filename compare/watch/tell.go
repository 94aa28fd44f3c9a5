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
func (l *Life) Due() (first time.Time, any bool) {
	add := func(p *pending) {
		if p != nil && !p.told && (!any || p.due.Before(first)) {
			first, any = p.due, true
		}
	}
	add(l.gone)
	add(l.off)
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
		if i.died != nil && !i.died.told {
			d := *i.died
			d.due = i.endDue()
			add(&d)
		}
		if i.died == nil && i.ended == nil {
			add(i.oomTellable())
		}
		add(i.pause)
		add(i.resumed)
		add(i.outside)
		add(i.thawed)
		for n := range i.kills {
			k := &i.kills[n]
			if patience := l.patience(k.signal); i.died == nil && !k.told && patience >= 0 {
				add(&pending{due: k.came.Add(patience)})
			}
		}
	}
	return first, any
}

func (l *Life) runs() []*instance {
	if l.current == nil {
		return l.ending
	}
	return append(slices.Clone(l.ending), l.current)
}

// patience is how long a signal may take to end the container before it counts as outlived; below 0 for ever.
func (l *Life) patience(signal int) time.Duration {
	switch grace := l.grace(); {
	case signal == 9:
		return max(0, grace) + giveUp
	case !l.stops(signal):
		return outlived
	case grace < 0:
		return -1
	default:
		return grace + giveUp
	}
}

// stops reports whether a signal may be that of a docker stop; one whose number a label hides may.
func (l *Life) stops(signal int) bool { return signal == 0 || signal == l.stopSignal() }

// Hurry makes all due that has happened: nothing more will be heard. Whether a signal is outlived is not known yet.
func (l *Life) Hurry(now time.Time) {
	for _, i := range l.runs() {
		i.hurried = true
		for _, p := range []*pending{i.start, i.oomDue, i.pause, i.outside, i.thawed, i.later} {
			if p != nil {
				p.due = now
			}
		}
	}
	for _, p := range []*pending{l.gone, l.off} {
		if p != nil {
			p.due = now
		}
	}
}

// endDue is when an end is told of at the latest.
func (i *instance) endDue() time.Time {
	due := i.dockerDue()
	if owed := i.kernelOwes(); owed.After(due) && !i.hurried {
		due = owed
	}
	if last := i.endSeen.Add(lastWait); i.ended != nil && last.Before(due) {
		return last
	}
	return due
}

// dockerDue is the same as far as Docker's words go.
func (i *instance) dockerDue() time.Time {
	if i.hurried {
		return i.died.came
	}
	switch {
	case i.died.source == kernelSource:
		return i.died.due
	case i.answered.Before(i.died.came) && i.ended != nil && i.endSeen.Before(i.died.came):
		return i.endSeen.Add(slowWait)
	case i.answered.Before(i.died.came):
		return i.died.came.Add(slowWait)
	case i.died.source != dieEvent && i.ended != nil && i.died.due.Before(i.endSeen.Add(muteWait)):
		return i.endSeen.Add(muteWait) // its event may be on its way
	}
	if i.stop && i.died.source == dieEvent || len(i.kills) == 0 && i.died.source != inspected && i.code != "137" {
		return i.died.came // nothing else would come that changes it
	}
	open := 0
	for _, k := range i.kills {
		if !k.told {
			open++
		}
	}
	if open > 1 && i.kills[len(i.kills)-1].signal == 9 {
		return i.died.came.Add(settleForced)
	}
	return i.died.due
}

// Lines are what can be said by now.
func (l *Life) Lines(now time.Time) (all []Line) {
	if l.gone != nil && !now.Before(l.gone.due) {
		for _, i := range l.runs() {
			if i.unconfirmed() { // the removal confirms it
				i.died, i.answered = &pending{at: *i.ended, came: i.endSeen, due: now, source: l.gone.source}, now
			}
		}
	}
	for _, i := range l.runs() {
		all = append(all, l.tell(i, now)...)
		if !i.told && i != l.current {
			break // what came after is told after its end
		}
	}
	if n := len(l.ending) - 1; n >= 0 {
		last := l.ending[n]
		// Where inspect has told of the next run, events of this one may come yet.
		keep := last.owes() || !l.current.begunByEvent
		l.ending = slices.DeleteFunc(l.ending, func(i *instance) bool { return i.told && !i.open() && (i != last || !keep) })
	}
	if l.off != nil && !l.off.told && (l.gone != nil || !now.Before(l.off.due)) {
		l.off.told = true
		all = append(all, l.line(l.off.at, "stop", "", "its next start by its restart policy was called off", verdict.Observation{Source: l.off.source, Value: "stop"},
			verdict.Observation{Source: inspected, Value: "restarting, before"}))
	}
	if l.gone != nil && !l.gone.told && (!now.Before(l.gone.due) || l.settled()) && !slices.ContainsFunc(l.ending, func(i *instance) bool { return !i.told || i.open() }) {
		if c := l.current; c == nil || c.told && !c.open() || !c.told && c.died == nil {
			l.gone.told, l.removed = true, true
			if c != nil && c.died == nil && !c.began.IsZero() {
				all = append(all, l.unseenEnd(c))
			}
			all = append(all, l.line(l.gone.at, "destroy", verdict.Removed, "removed", verdict.Observation{Source: l.gone.source, Value: "destroyed"}))
		}
	}
	return all
}

// settled reports whether there is no end left to be told of.
func (l *Life) settled() bool { return l.current == nil || l.current.told && !l.current.open() }

func (l *Life) line(at time.Time, action string, kind verdict.Kind, message string, because ...verdict.Observation) Line {
	level := levels[kind]
	if kind == "" {
		level = Info
	}
	return Line{At: at, Level: level, Message: message, ID: l.ID, Name: l.Name, Action: action, Verdict: kind, Because: because}
}

func (l *Life) tell(i *instance, now time.Time) (all []Line) {
	due := func(p *pending) bool { return p != nil && !p.told && !now.Before(p.due) }
	l.byKernel(i, now)
	over := i.died != nil && !now.Before(i.endDue())
	if i.start != nil && !i.start.told && (over || due(i.start) || i.restart && i.begunByEvent) {
		i.start.told = true
		all = append(all, l.started(i))
	}
	if i.told {
		if line, ok := l.confirmed(i, now); ok {
			all = append(all, line)
		}
		return all
	}
	all = append(all, l.tellFreezer(i, now, over)...)
	if !over && i.died == nil {
		if due(i.oomTellable()) && i.ended == nil {
			all = append(all, l.oomLine(i)...)
		}
		all = append(all, l.outlived(i, now)...)
	}
	if over {
		i.told, i.died.told = true, true
		line := l.end(i)
		if i.died.source != dieEvent || i.answered.Before(i.died.came) {
			i.wrote = &line
		}
		all = append(all, line)
	}
	return all
}

func (l *Life) started(i *instance) Line {
	because := verdict.Observation{Source: i.start.source, Value: "started"}
	switch {
	case i.restart:
		return l.line(i.start.at, "restart", verdict.Restarted, "started again by docker restart", because,
			verdict.Observation{Source: "docker events: restart", Value: "restart"})
	case i.count > 0:
		return l.line(i.start.at, "restart", verdict.Restarted, fmt.Sprintf("started again by its restart policy, %s, %s by now", i.policy, value.Count(i.count, "time", "times")), because,
			verdict.Observation{Source: "docker inspect: RestartCount", Value: strconv.Itoa(i.count)})
	case i.unseen:
		return l.line(i.start.at, "start", "", "it was started while nothing was heard of Docker", because)
	}
	return l.line(i.start.at, "start", "", "started", because)
}

// outlived tells of signals that have not ended the container.
func (l *Life) outlived(i *instance, now time.Time) (all []Line) {
	defer func() { l.forget(i) }()
	for n := range i.kills {
		k := &i.kills[n]
		patience := l.patience(k.signal)
		if k.told || patience < 0 || now.Before(k.came.Add(patience)) {
			continue
		}
		k.told = true
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
const rememberedSignals = 16

// forget forgets the oldest. One that is never outlived goes, too, once it has been sent again.
func (l *Life) forget(i *instance) {
	if over := len(i.kills) - rememberedSignals; over > 0 {
		recent := slices.Clone(i.kills[over:])
		i.kills = slices.DeleteFunc(i.kills, func(k sent) bool {
			over--
			return over >= 0 && (k.told || l.patience(k.signal) < 0 && slices.ContainsFunc(recent, func(r sent) bool { return r.signal == k.signal }))
		})
	}
}
