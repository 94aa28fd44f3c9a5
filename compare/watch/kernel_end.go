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
	ended    *time.Time // when the first process ended; nil while it lives, or is not held
	endSeen  time.Time  // when that was learnt
	alive    time.Time  // when Docker was asked something else that it has answered
	endAsked time.Time  // when Docker was last asked about it
	shim     int        // the pid of the parent of the first process, which is to wait for it; 0 for unknown
	orphaned *time.Time // when that was seen to have ended, before the first process
	handle   bool       // the first process is held: the kernel will tell of its end
	waited   bool       // how it ended is known, or never will be
	wait     *unix.WaitStatus
	wrote    *Line    // the line of the end, where Docker's word on it is still to come
	later    *pending // that word
}

// kernelSource is where an end comes from that Docker has not confirmed.
const kernelSource = "pidfd"

// dieEvent is where an end comes from that Docker has told of as it should.
const dieEvent = "docker events: die"

// askAgain is how often Docker is asked about an end that the kernel has told and Docker has not.
const askAgain = 2 * time.Second

// unconfirmed reports whether the kernel has told the end of a run, and Docker has not.
func (i *instance) unconfirmed() bool { return i.died == nil && i.ended != nil }

// Held takes that the kernel will tell of the end of a run's first process, and which is its shim; 0 for unknown.
func (l *Life) Held(began time.Time, shim int) {
	if i := l.run(began); i != nil {
		i.handle, i.shim = true, shim
	}
}

// Waited takes that the kernel has said all that it can of how a run's first process ended.
func (l *Life) Waited(began time.Time) {
	if i := l.run(began); i != nil {
		i.waited = true
	}
}

// kernelOwes is until when the kernel's word is waited for on an end that Docker has told of. Docker may tell of one that is
// not: where it has lost the shim, it makes up an exit code, 255, and the first process may live.
func (i *instance) kernelOwes() time.Time {
	switch {
	case !i.handle || i.waited:
		return time.Time{}
	case i.ended == nil:
		return i.died.came.Add(slowWait)
	}
	return i.endSeen.Add(muteWait)
}

// heard reports whether Docker has answered since the kernel told the end. What it sent before has been seen then.
func (i *instance) heard() bool { return i.answered.After(i.endSeen) || i.alive.After(i.endSeen) }

// Alive takes that Docker has answered something else that it was asked at a time, such as its version: it does not tell of
// an end yet, but is there, and has told of what it did before.
func (l *Life) Alive(asked time.Time) {
	for _, i := range l.runs() {
		if i.unconfirmed() && asked.After(i.alive) {
			i.alive = asked
		}
	}
}

// kernelNext is when something is to be done about an end that Docker has not confirmed: ask Docker, or write it.
func (i *instance) kernelNext() time.Time {
	next := i.endSeen.Add(settle)
	if !i.endAsked.IsZero() {
		next = i.endAsked.Add(askAgain)
	}
	if due := i.kernelDue(); due.Before(next) {
		return due
	}
	return next
}

// kernelDue is when an end that Docker has not confirmed is written without its word.
func (i *instance) kernelDue() time.Time {
	switch {
	case i.hurried:
		return i.endSeen
	case i.heard():
		return i.endSeen.Add(slowWait)
	}
	return i.endSeen.Add(muteWait)
}

// byKernel takes the kernel's word for the end of a run once Docker's has been waited for long enough.
func (l *Life) byKernel(i *instance, now time.Time) {
	if !i.unconfirmed() {
		return
	}
	if now.Before(i.kernelNext()) {
		return
	}
	if now.Before(i.kernelDue()) {
		i.endAsked, l.wants = now, true
	} else {
		i.died = &pending{at: *i.ended, came: i.endSeen, due: now, source: kernelSource}
	}
}

// confirm takes Docker's word on an end that was written without it.
func (i *instance) confirm(p *pending, code string) {
	if i.wrote == nil || i.later != nil && code == "" {
		return
	}
	i.later = p
	if code != "" {
		i.code = code
	}
}

// confirmDue is when Docker's late word on an end is written: other words on it, and docker inspect, are waited for.
func (i *instance) confirmDue() time.Time {
	switch n := len(i.kills); {
	case i.hurried:
	case i.answered.Before(i.later.came):
		return i.later.came.Add(slowWait)
	case n > 1 && !i.stop && i.kills[n-1].signal == 9:
		return i.later.came.Add(settleForced) // was it docker stop?
	}
	return i.later.due
}

// open reports whether Docker's late word on the end of a run is still to be written.
func (i *instance) open() bool { return i.later != nil && !i.later.told }

// confirmed adds Docker's word to an end that was written without it. Where Docker had told of the end, and only not
// how, nothing is added unless it changes what was written.
func (l *Life) confirmed(i *instance, now time.Time) (line Line, ok bool) {
	if !i.open() || now.Before(i.confirmDue()) {
		return Line{}, false
	}
	p, wrote, byKernel := i.later, i.wrote, i.died.source == kernelSource
	p.told, i.wrote = true, nil
	if i.died.source != dieEvent { // a word of inspect's takes nothing from the event
		i.died = &pending{at: i.died.at, came: i.died.came, due: i.died.due, source: p.source, told: true}
	}
	line = l.end(i)
	same := line.Verdict == wrote.Verdict && sameCode(line.ExitCode, wrote.ExitCode)
	if same && !byKernel {
		return Line{}, false
	}
	line.At, line.EndedAt, line.Action, line.Duration, line.OOMKills, line.OOM = p.at, &wrote.At, ActionConfirm, nil, nil, nil
	text := "Docker confirmed the end " + value.Duration(value.Milliseconds(p.came.Sub(i.died.came))) + " later"
	if same {
		line.Message, line.Unnamed = text, ""
		return line, true
	}
	line.Message = text + ": " + line.Message
	if line.Unnamed != "" {
		line.Unnamed = text + ": " + line.Unnamed
	}
	return line, true
}

func sameCode(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// unheard says why Docker may have sent a signal to a run without our knowing; "" if it has not.
func (l *Life) unheard(i *instance) string {
	switch source := i.died.source; {
	case source == kernelSource && !i.heard():
		return "it has not answered since the end"
	case source != dieEvent && source != kernelSource, l.misses(i):
		return "its events of that time are lost"
	}
	return ""
}

// notConfirmed is what is added to the text of an end that Docker has not confirmed.
func (i *instance) notConfirmed(kind verdict.Kind) string {
	switch {
	case i.died.source != kernelSource:
		return ""
	case i.answered.After(i.endSeen):
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
func (i *instance) endedAt() time.Time {
	end := i.died.at
	if i.ended != nil && i.ended.Before(end) {
		end = *i.ended
	}
	if i.state != nil && !i.another() && i.state.FinishedAt.After(i.began) && i.state.FinishedAt.Before(end) {
		end = i.state.FinishedAt
	}
	return end
}
