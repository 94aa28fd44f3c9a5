package watch

import (
	"time"

	"golang.org/x/sys/unix"
)

// Due returns when the timeline has something to write at the latest, and false for nothing.
func (t *Timeline) Due() (first time.Time, ok bool) {
	at := func(due time.Time) {
		if !ok || due.Before(first) {
			first, ok = due, true
		}
	}
	add := func(all ...*pending) {
		for _, p := range all {
			if p != nil && !p.written {
				at(p.due)
			}
		}
	}
	add(t.removal, t.cancelledRestart)
	for _, r := range t.runs() {
		add(r.start)
		switch r.state {
		case disproved, provisional, final:
			continue
		case confirming:
			at(r.confirmationDueAt())
			continue
		case exited:
			at(r.exitNext())
		case ended:
			at(r.endDueAt())
		case unseen, running:
			add(r.oomNext())
		}
		add(r.pause, r.unpause, r.freezeOutside, r.thawOutside)
		if r.hasNews() {
			at(time.Time{})
		}
		if r.end != nil {
			continue
		}
		if due, ok := r.survivedDue(); ok {
			at(due)
		}
		for n := range r.signals {
			s := &r.signals[n]
			if due, ok := t.outlivedDue(s); ok && !s.outlived && !(r.heldUp && t.causedExit(r, s)) {
				at(due)
			}
		}
	}
	return first, ok
}

// patience is how long a signal may take to end the container before it counts as outlived; negative for no limit.
func (t *Timeline) patience(signal unix.Signal) time.Duration {
	switch grace := t.grace(); {
	case signal == 9:
		return max(0, grace) + maxSkew
	case !t.maySignalStop(signal):
		return outlivedAfter
	case grace < 0:
		return -1
	default:
		return grace + maxSkew
	}
}

// outlivedDue returns when a signal counts as outlived; false for never. One from the past has had its time already, unless the end comes
// right after it.
func (t *Timeline) outlivedDue(s *sentSignal) (due time.Time, ok bool) {
	patience := t.patience(s.signal)
	if patience < 0 {
		return time.Time{}, false
	}
	late := max(0, s.learned.Sub(s.at))
	return s.learned.Add(max(patience-late, min(patience, settleTime))), true
}

// maySignalStop reports whether a signal may be that of a docker stop, as one whose number a label hides may.
func (t *Timeline) maySignalStop(signal unix.Signal) bool {
	return signal == 0 || signal == t.stopSignal()
}

// Flush makes everything due that has happened, because nothing more will come. Whether a signal is outlived stays open.
func (t *Timeline) Flush(now time.Time) {
	all := []*pending{t.removal, t.cancelledRestart}
	for _, r := range t.runs() {
		r.flushed = true
		all = append(all, r.start, r.oomPending, r.pause, r.freezeOutside, r.thawOutside, r.confirmation)
	}
	for _, p := range all {
		if p != nil {
			p.due = now
		}
	}
}

// endDueAt is when an end is written at the latest.
func (r *run) endDueAt() time.Time {
	due := r.dockerDueAt()
	if status := r.waitStatusDue(); status.After(due) && !r.flushed {
		due = status
	}
	if last := r.exitLearned.Add(maxEndWait); r.exitedAt != nil && last.Before(due) {
		return last
	}
	return due
}

// dockerDueAt is until when an end waits for Docker's related events and for docker inspect.
func (r *run) dockerDueAt() time.Time {
	end, processEnded := r.end, r.exitedAt != nil
	unanswered := r.answered.Before(end.learned)
	switch {
	case r.flushed:
		return end.learned
	case end.source == sourceKernel:
		return end.due
	case unanswered && processEnded && r.exitLearned.Before(end.learned):
		return r.exitLearned.Add(answeredWait)
	case unanswered:
		return end.learned.Add(answeredWait)
	case end.source != sourceDieEvent && processEnded && end.due.Before(r.exitLearned.Add(noAnswerWait)):
		return r.exitLearned.Add(noAnswerWait) // its event may be on its way
	case r.nothingToCome():
		return end.learned
	case r.mayBeForced():
		return end.learned.Add(forcedSettleTime)
	}
	return end.due
}

// nothingToCome reports whether no related event would change what is known of an end.
func (r *run) nothingToCome() bool {
	if r.stopEvent && r.end.source == sourceDieEvent {
		return true
	}
	return len(r.signals) == 0 && r.end.source != sourceInspect && r.eventCode != "137"
}

// mayBeForced reports whether SIGKILL followed another signal, so that a stop event would tell docker stop from docker kill.
func (r *run) mayBeForced() bool {
	n := 0
	for _, s := range r.signals {
		if !s.outlived {
			n++
		}
	}
	return n > 1 && r.signals[len(r.signals)-1].signal == 9
}
