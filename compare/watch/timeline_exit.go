package watch

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// exit is what the kernel reports of the end of a run: when its main process ended, and how. Docker usually reports the end
// as well, a moment later. If it does not, the end is written on the kernel's report alone, and Docker's confirmation once it
// comes.
type exit struct {
	namespaceEnd    *namespaceEnd // nil if none is known to have ended with it
	exitingAt       *time.Time    // when the main process was seen to be ending, which may take long
	heldUp          bool          // that it takes long is written
	exitedAt        *time.Time    // nil while the main process lives, or if no handle on it is held
	exitLearned     time.Time     // when that was learned
	aliveAt         *time.Time    // when it last lived, if the watch did not run until the end was learned; else nil
	exitInquired    time.Time     // when Docker was last asked about it
	exitAnswered    time.Time     // when docker inspect first answered a question from after exitLearned; zero if it has not
	processHeld     bool          // the kernel will report the end of the main process
	waitDone        bool          // the kernel has reported all that it can of how the main process ended
	waitStatus      *unix.WaitStatus
	shimPID         int        // of the parent of the main process, which waits for it; 0 for unknown
	shimLost        *time.Time // when it was seen to have ended, before the main process
	provisionalLine *Line      // of the end, if Docker can still confirm it
	confirmation    *pending   // Docker's
}

// inquiryInterval is how often Docker is asked about an end that the kernel has reported and Docker has not.
const inquiryInterval = 2 * time.Second

// ProcessHeld records that the kernel will report the end of a run's main process, and the PID of its shim; 0 for unknown.
func (t *Timeline) ProcessHeld(key time.Time, shim int) {
	if r := t.runSince(key); r != nil {
		r.processHeld, r.shimPID = true, shim
	}
}

// WaitDone records that the kernel has reported all that it can of how a run's main process ended.
func (t *Timeline) WaitDone(key time.Time) {
	if r := t.runSince(key); r != nil {
		r.waitDone = true
	}
}

func (t *Timeline) recordExit(r *run, o occurrence) {
	if r.exitedAt != nil {
		return
	}
	at := o.at
	r.exitedAt, r.exitLearned = &at, o.learned
	if from, to := t.suspendedFrom, t.suspendedTo; at.After(from) && at.Before(to.Add(settleTime)) {
		r.aliveAt = &from
	}
}

// exitTime is when the main process has ended, as far as the kernel shows it. If that was while the watch did not run, it is the last
// time at which it is known to have lived, because what Docker reports to have followed was later.
func (r *run) exitTime() time.Time {
	if r.aliveAt == nil {
		return *r.exitedAt
	}
	last := *r.aliveAt
	for _, s := range r.signals {
		if s.at.After(last) && s.at.Before(*r.exitedAt) {
			last = s.at
		}
	}
	return last
}

// answeredSinceExit reports whether docker inspect has answered since the kernel reported the end. What Docker sent before has
// been seen then: docker kill and stop lock the container until the runtime returns, and report the signal before they unlock
// it, and inspect waits for the lock (moby: killWithSignal). An answer about anything else shows nothing.
func (r *run) answeredSinceExit() bool { return r.answered.After(r.exitLearned) }

// waitStatusDue is until when an end that Docker has reported waits for the kernel's report. Docker may report an end that is
// none: if it has lost the shim, it makes up exit code 255, and the main process may live.
func (r *run) waitStatusDue() time.Time {
	switch {
	case !r.processHeld || r.waitDone:
		return time.Time{}
	case r.exitedAt == nil:
		return r.end.learned.Add(answeredWait)
	}
	return r.exitLearned.Add(noAnswerWait)
}

// exitNext is when an end that Docker has not confirmed needs attention: to ask Docker, or to accept it.
func (r *run) exitNext() time.Time {
	next := r.exitLearned.Add(settleTime)
	if !r.exitInquired.IsZero() {
		next = r.exitInquired.Add(inquiryInterval)
	}
	if due := r.exitDue(); due.Before(next) {
		return due
	}
	return next
}

// exitDue is when an end that Docker has not confirmed is accepted.
func (r *run) exitDue() time.Time {
	switch {
	case r.flushed:
		return r.exitLearned
	case r.answeredSinceExit():
		return r.exitLearned.Add(answeredWait)
	}
	return r.exitLearned.Add(noAnswerWait)
}

// checkExit asks for an inspection of a run whose end only the kernel has reported, and accepts the end after a while.
func (t *Timeline) checkExit(r *run, now time.Time) {
	switch {
	case r.state != exited || now.Before(r.exitNext()):
	case now.Before(r.exitDue()):
		r.exitInquired, t.wantsInspect = now, true
	default:
		t.apply(r, occurrence{input: confirmationMissed, learned: now, source: sourceKernel})
	}
}

// acceptExit takes the end of the main process for the end of the run.
func (*Timeline) acceptExit(r *run, o occurrence) {
	r.end = &pending{at: r.exitTime(), learned: r.exitLearned, due: o.learned, source: o.source}
}

// recordRemoval takes the removal of the container for a confirmation of the end.
func (t *Timeline) recordRemoval(r *run, o occurrence) {
	t.acceptExit(r, o)
	r.answered = o.learned
}

// confirmationDueAt is when Docker's confirmation of a written end is written: related events and docker inspect are waited for.
func (r *run) confirmationDueAt() time.Time {
	switch n := len(r.signals); {
	case r.flushed:
	case r.answered.Before(r.confirmation.learned):
		return r.confirmation.learned.Add(answeredWait)
	case n > 1 && !r.stopEvent && r.signals[n-1].signal == 9:
		return r.confirmation.learned.Add(forcedSettleTime) // was it docker stop?
	}
	return r.confirmation.due
}

// acceptConfirmation takes Docker's confirmation for the source of the end, unless a die event has reported it before.
func (*Timeline) acceptConfirmation(r *run, _ occurrence) {
	r.confirmation.written, r.provisionalLine = true, nil
	if r.end.source != sourceDieEvent {
		r.end = &pending{at: r.end.at, learned: r.end.learned, due: r.end.due, source: r.confirmation.source, written: true}
	}
}

// confirmationLine writes Docker's confirmation of an end that was written without it. If Docker had reported the end, and only
// not how, there is a line only if it changes what was written.
func (t *Timeline) confirmationLine(r *run, now time.Time) (line Line, ok bool) {
	if r.state != confirming || now.Before(r.confirmationDueAt()) {
		return Line{}, false
	}
	p, wrote, byKernel := r.confirmation, r.provisionalLine, r.end.source == sourceKernel
	t.apply(r, occurrence{input: confirmationDue})
	line = t.endLine(r)
	unchanged := line.Verdict == wrote.Verdict && sameCode(line.ExitCode, wrote.ExitCode)
	if unchanged && !byKernel {
		return Line{}, false
	}
	line.At, line.EndedAt, line.Action, line.Duration, line.OOMKills, line.OOM = p.at, &wrote.At, ActionConfirm, nil, nil, nil
	text := "Docker confirmed the end " + value.Duration(value.Milliseconds(p.learned.Sub(r.end.learned))) + " later"
	if unchanged {
		line.Message, line.RedactedMessage = text, ""
		return line, true
	}
	line.Message = text + ": " + line.Message
	if line.RedactedMessage != "" {
		line.RedactedMessage = text + ": " + line.RedactedMessage
	}
	return line, true
}

func sameCode(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// unheard returns why Docker may have sent a signal to a run whose event did not come; "" if it has not.
func (t *Timeline) unheard(r *run) string {
	switch source := r.end.source; {
	case r.wasDisproved: // Docker takes it for ended, and sends nothing any more
	case source == sourceKernel && !r.answeredSinceExit():
		return "docker inspect has not answered since the end"
	case slices.ContainsFunc(r.signals, r.maySendEarlier):
		return "it reported one long after the end, which it may have sent before"
	case t.mayMissSignal(r):
		return "its events from that time are lost"
	case source != sourceDieEvent && source != sourceKernel:
		return "its events from that time have not come"
	}
	return ""
}

// maySendEarlier reports whether Docker may have sent a signal before the end of the run that it reported long after: its runtime
// may hang once it has sent it, and docker inspect hangs as long (see answeredSinceExit).
func (r *run) maySendEarlier(s sentSignal) bool {
	return s.at.After(r.endedAt().Add(forcedSettleTime)) && (r.exitAnswered.IsZero() || s.at.Before(r.exitAnswered))
}

// unconfirmedText is added to the message of an end that Docker has not confirmed.
func (r *run) unconfirmedText(kind verdict.Kind) string {
	switch {
	case r.end.source != sourceKernel, r.wasDisproved:
		return ""
	case r.answeredSinceExit():
		return "; the kernel says so, but Docker still says it is running"
	case kind == verdict.Inconclusive:
		return "" // it says so itself
	}
	return "; docker inspect has not answered since then"
}
