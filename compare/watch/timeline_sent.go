package watch

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// sentSignals is what the kernel reported of the signals to the processes of a run.
type sentSignals struct {
	firstPID       int // of the first process, since whose discovery the signals to it are known; 0 for never
	sent           []kernelSignal
	sentIncomplete string // why some may be missing; "" if none is
}

// keptSent is how many signals of a run are kept at most.
const keptSent = 16

// Senders records that the signals to a run's first process are known from now on.
func (t *Timeline) Senders(key time.Time, first int) {
	if r := t.runSince(key); r != nil {
		r.firstPID = first
	}
}

// SendersIncomplete records why signals to the runs may be missing.
func (t *Timeline) SendersIncomplete(why string) {
	for _, r := range t.runs() {
		r.sentIncomplete = why
	}
}

// Sent records a signal to a process of the container. Of many, it keeps the last ones, and the first SIGKILL to each process.
func (t *Timeline) Sent(s kernelSignal) {
	r := t.runOfSent(&s)
	if r == nil {
		return
	}
	if len(r.sent) >= keptSent {
		r.forgetSent()
	}
	r.sent = append(r.sent, s)
}

// runOfSent returns the run that a signal was for.
func (t *Timeline) runOfSent(s *kernelSignal) *run {
	for _, r := range t.runs() {
		switch {
		case r.firstPID != s.to:
		case r.exitedAt == nil || !s.at.After(*r.exitedAt):
			return r
		default:
			return nil // another process has its PID
		}
	}
	return t.current
}

// forgetSent forgets the oldest signal that is no SIGKILL, or else the last one.
func (r *run) forgetSent() {
	forget := len(r.sent) - 1
	for i := range r.sent {
		if r.sent[i].signal != unix.SIGKILL {
			forget = i
			break
		}
	}
	r.sent = append(r.sent[:forget], r.sent[forget+1:]...)
}

// sentFacts returns the signals for the rules; nil if nobody looked.
func (t *Timeline) sentFacts(r *run, base time.Time, names bool) *verdict.Sent {
	if r.firstPID == 0 && len(r.sent) == 0 {
		return nil
	}
	for i := range r.sent {
		r.sent[i].actor = t.named(r.sent[i].actor)
	}
	facts := &verdict.Sent{Incomplete: r.sentIncomplete}
	if d := r.dispositions; d != nil && d.Init != "" && d.Child != nil {
		facts.Program = d.Child.PID
	}
	if r.firstPID == 0 {
		facts.Incomplete = "its first process was not found before it ended"
	}
	for i := range r.sent {
		s := &r.sent[i]
		facts.Signals = append(facts.Signals, verdict.SentSignal{Signal: s.signal, At: s.at.Sub(base), To: s.to, First: s.to == r.firstPID,
			By: s.by, From: s.from(names), Number: i})
	}
	return facts
}

// from says who sent a signal.
func (s *kernelSignal) from(names bool) string {
	switch s.by {
	case verdict.FromKernel:
		return "the kernel"
	case verdict.FromFault:
		return "its own fault"
	case verdict.FromWithin:
		command, known := s.actor.Command.Get()
		if !names || !known {
			return fmt.Sprintf("one of its own processes (pid %d)", s.actor.PID)
		}
		return fmt.Sprintf("its own process %s (pid %d)", command, s.actor.PID)
	}
	return s.actor.Text(names)
}

// named returns an actor with the name of its container, which was not known yet when it acted.
func (t *Timeline) named(a *document.Actor) *document.Actor {
	id, ok := a.Container.Get()
	if !ok || t.NameOf == nil {
		return a
	}
	name := t.NameOf(id)
	if name == "" {
		return a
	}
	named := *a
	named.Container = value.Known(value.Clean(name))
	return &named
}

// noSender says why no sender is known.
type noSender struct {
	reason value.Reason
	detail string
}

// sentBy returns who sent the signal that a verdict names.
func (t *Timeline) sentBy(r *run, v *verdict.Verdict) value.Maybe[document.Actor] {
	if v.SentBy != nil {
		if v.Kind == verdict.OOMKilled {
			return value.Absent[document.Actor](value.Unsupported, "the kernel's OOM killer sent it")
		}
		return r.sent[v.SentBy.Number].sender()
	}
	none := r.noSender(t.NoSenders)
	if none.reason == "" {
		none = noSender{value.Unsupported, "no signal ended it"}
	}
	return value.Absent[document.Actor](none.reason, none.detail)
}

// sender returns who sent a signal, unless the kernel did on its own account.
func (s *kernelSignal) sender() value.Maybe[document.Actor] {
	if s.by == verdict.FromKernel {
		return value.Absent[document.Actor](value.Unsupported, "the kernel sent it on its own account")
	}
	return value.Known(*s.actor)
}

// noSender returns why the senders of a run's signals are not known; "" if they are.
func (r *run) noSender(err error) noSender {
	switch {
	case err != nil:
		return noSender{unreadReason(err), err.Error()}
	case r.firstPID == 0:
		return noSender{value.NotMeasured, "its first process was not found before it ended"}
	case r.sentIncomplete != "":
		return noSender{value.NotMeasured, r.sentIncomplete}
	}
	return noSender{}
}

// sentEarlier is how far before Docker's event of a signal the signal may have been sent: the event follows once the runtime returns.
const sentEarlier = 2 * time.Second

// senderOf returns who sent a signal that Docker reports at a time.
func (t *Timeline) senderOf(r *run, signal unix.Signal, at time.Time) value.Maybe[document.Actor] {
	for i := len(r.sent) - 1; i >= 0; i-- {
		s := &r.sent[i]
		if s.to == r.firstPID && s.signal == signal && at.Sub(s.at).Abs() < sentEarlier {
			return s.sender()
		}
	}
	none := r.noSender(t.NoSenders)
	if none.reason == "" {
		none = noSender{value.NotMeasured, "the kernel reported no such signal to its first process, or that ignores it"}
	}
	return value.Absent[document.Actor](none.reason, none.detail)
}
