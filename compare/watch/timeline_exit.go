package watch

import (
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// kernelEnd is what the kernel says of the end of a run: when its first process ended, and how. Docker usually says so,
// too, within a moment. Where it does not, the kernel's word is written without it, and Docker's is added once it comes.
type kernelEnd struct {
	exitedAt        *time.Time // when the first process ended; nil while it lives, or is not held
	exitLearned     time.Time  // when that was learnt
	dockerAnswered  time.Time  // when Docker was asked something else that it has answered
	exitInquired    time.Time  // when Docker was last asked about it
	shimPID         int        // the pid of the parent of the first process, which is to wait for it; 0 for unknown
	shimLost        *time.Time // when that was seen to have ended, before the first process
	processHeld     bool       // the first process is held: the kernel will tell of its end
	waitDone        bool       // how it ended is known, or never will be
	waitStatus      *unix.WaitStatus
	provisionalLine *Line    // the line of the end, where Docker's word on it is still to come
	confirmation    *pending // that word
}

// kernelSource is where an end comes from that Docker has not confirmed.
const sourceKernel = "pidfd"

// dieEvent is where an end comes from that Docker has told of as it should.
const sourceDieEvent = "docker events: die"

// askAgain is how often Docker is asked about an end that the kernel has told and Docker has not.
const inquiryInterval = 2 * time.Second

// unconfirmed reports whether the kernel has told the end of a run, and Docker has not.
func (i *run) unconfirmed() bool { return i.end == nil && i.exitedAt != nil }

// Held takes that the kernel will tell of the end of a run's first process, and which is its shim; 0 for unknown.
func (l *Timeline) ProcessHeld(began time.Time, shim int) {
	if i := l.runSince(began); i != nil {
		i.processHeld, i.shimPID = true, shim
	}
}

// Waited takes that the kernel has said all that it can of how a run's first process ended.
func (l *Timeline) WaitDone(began time.Time) {
	if i := l.runSince(began); i != nil {
		i.waitDone = true
	}
}

// kernelOwes is until when the kernel's word is waited for on an end that Docker has told of. Docker may tell of one that is
// not: where it has lost the shim, it makes up an exit code, 255, and the first process may live.
func (i *run) kernelOwes() time.Time {
	switch {
	case !i.processHeld || i.waitDone:
		return time.Time{}
	case i.exitedAt == nil:
		return i.end.learned.Add(answeredWait)
	}
	return i.exitLearned.Add(noAnswerWait)
}

// heard reports whether Docker has answered since the kernel told the end. What it sent before has been seen then.
func (i *run) heard() bool {
	return i.answered.After(i.exitLearned) || i.dockerAnswered.After(i.exitLearned)
}

// Alive takes that Docker has answered something else that it was asked at a time, such as its version: it does not tell of
// an end yet, but is there, and has told of what it did before.
func (l *Timeline) DockerAnswered(asked time.Time) {
	for _, i := range l.runs() {
		if i.unconfirmed() && asked.After(i.dockerAnswered) {
			i.dockerAnswered = asked
		}
	}
}

// kernelNext is when something is to be done about an end that Docker has not confirmed: ask Docker, or write it.
func (i *run) kernelNext() time.Time {
	next := i.exitLearned.Add(settleTime)
	if !i.exitInquired.IsZero() {
		next = i.exitInquired.Add(inquiryInterval)
	}
	if due := i.kernelDue(); due.Before(next) {
		return due
	}
	return next
}

// kernelDue is when an end that Docker has not confirmed is written without its word.
func (i *run) kernelDue() time.Time {
	switch {
	case i.flushed:
		return i.exitLearned
	case i.heard():
		return i.exitLearned.Add(answeredWait)
	}
	return i.exitLearned.Add(noAnswerWait)
}

// byKernel takes the kernel's word for the end of a run once Docker's has been waited for long enough.
func (l *Timeline) byKernel(i *run, now time.Time) {
	if !i.unconfirmed() {
		return
	}
	if now.Before(i.kernelNext()) {
		return
	}
	if now.Before(i.kernelDue()) {
		i.exitInquired, l.wantsInspect = now, true
	} else {
		i.end = &pending{at: *i.exitedAt, learned: i.exitLearned, due: now, source: sourceKernel}
	}
}

// confirm takes Docker's word on an end that was written without it.
func (i *run) confirm(p *pending, code string) {
	if i.provisionalLine == nil || i.confirmation != nil && code == "" {
		return
	}
	i.confirmation = p
	if code != "" {
		i.eventCode = code
	}
}

// confirmDue is when Docker's late word on an end is written: other words on it, and docker inspect, are waited for.
func (i *run) confirmDue() time.Time {
	switch n := len(i.signals); {
	case i.flushed:
	case i.answered.Before(i.confirmation.learned):
		return i.confirmation.learned.Add(answeredWait)
	case n > 1 && !i.stopEvent && i.signals[n-1].signal == 9:
		return i.confirmation.learned.Add(forcedSettleTime) // was it docker stop?
	}
	return i.confirmation.due
}

// open reports whether Docker's late word on the end of a run is still to be written.
func (i *run) open() bool { return i.confirmation != nil && !i.confirmation.written }

// confirmed adds Docker's word to an end that was written without it. Where Docker had told of the end, and only not
// how, nothing is added unless it changes what was written.
func (l *Timeline) confirmed(i *run, now time.Time) (line Line, ok bool) {
	if !i.open() || now.Before(i.confirmDue()) {
		return Line{}, false
	}
	p, wrote, byKernel := i.confirmation, i.provisionalLine, i.end.source == sourceKernel
	p.written, i.provisionalLine = true, nil
	if i.end.source != sourceDieEvent { // a word of inspect's takes nothing from the event
		i.end = &pending{at: i.end.at, learned: i.end.learned, due: i.end.due, source: p.source, written: true}
	}
	line = l.end(i)
	same := line.Verdict == wrote.Verdict && sameCode(line.ExitCode, wrote.ExitCode)
	if same && !byKernel {
		return Line{}, false
	}
	line.At, line.EndedAt, line.Action, line.Duration, line.OOMKills, line.OOM = p.at, &wrote.At, ActionConfirm, nil, nil, nil
	text := "Docker confirmed the end " + value.Duration(float64(p.learned.Sub(i.end.learned).Microseconds())/1000) + " later"
	if same {
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

// unheard says why Docker may have sent a signal to a run without our knowing; "" if it has not.
func (l *Timeline) unheard(i *run) string {
	switch source := i.end.source; {
	case source == sourceKernel && !i.heard():
		return "it has not answered since the end"
	case source != sourceDieEvent && source != sourceKernel, l.misses(i):
		return "its events of that time are lost"
	}
	return ""
}

// notConfirmed is what is added to the text of an end that Docker has not confirmed.
func (i *run) notConfirmed(kind verdict.Kind) string {
	switch {
	case i.end.source != sourceKernel:
		return ""
	case i.answered.After(i.exitLearned):
		return "; the kernel says so, and Docker still says it runs"
	case i.heard():
		return "; the kernel says so, and Docker does not yet"
	case kind == verdict.Inconclusive:
		return "" // it says so itself
	}
	return "; Docker has not answered since"
}

// endedAt is when a run ended: when the kernel said so, or Docker's event, or the runtime whose word inspect has, whichever
// was first, for none of them says so before.
func (i *run) endedAt() time.Time {
	end := i.end.at
	if i.exitedAt != nil && i.exitedAt.Before(end) {
		end = *i.exitedAt
	}
	if i.inspected != nil && !i.another() && i.inspected.FinishedAt.After(i.started) && i.inspected.FinishedAt.Before(end) {
		end = i.inspected.FinishedAt
	}
	return end
}
