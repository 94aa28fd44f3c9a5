package watch

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// sentSignals is what the kernel reported of the signals to the processes of a run.
type sentSignals struct {
	firstPID int // of the first process, since whose discovery the signals to it are known; 0 for never
	sent     []kernelSignal
	missing  missingSignals
	others   missingSignals // to neither the first process nor what was known as the program of its init
}

// missingSignals is until when signals may be missing, and why.
type missingSignals struct {
	until time.Time // zero if none is
	why   string
}

// add notes that signals are missing of a time.
func (m *missingSignals) add(until time.Time, why string) {
	if until.After(m.until) {
		*m = missingSignals{until, why}
	}
}

const (
	// keptSent is how many signals of a run are kept at most: of those to its first process and to its init's program, and again of all
	// others.
	keptSent    = 16
	tooManySent = "more signals came than are kept"
	// missingEarlier is how far before an end, or before the request for it, a signal that is missing may have had a part in it.
	missingEarlier = 10 * time.Second
)

// Senders records that the signals to a run's first process are known from now on.
func (t *Timeline) Senders(key time.Time, first int) {
	if r := t.runSince(key); r != nil {
		r.firstPID = first
	}
}

// SendersIncomplete records why signals to the runs may be missing, up to a time.
func (t *Timeline) SendersIncomplete(until time.Time, why string) {
	for _, r := range t.runs() {
		r.missing.add(until, why)
	}
}

// Sent records a signal to a process of the container. Of many, it keeps the last ones, and the first SIGKILL to each process: later
// ones find it ending.
func (t *Timeline) Sent(s kernelSignal) {
	r := t.runOfSent(&s)
	if r == nil || s.signal == unix.SIGKILL && r.hasSIGKILL(s.to) {
		return
	}
	r.forgetSent(r.decides(s.to))
	r.sent = append(r.sent, s)
}

// hasSIGKILL reports whether a process got SIGKILL.
func (r *run) hasSIGKILL(pid int) bool {
	return slices.ContainsFunc(r.sent, func(s kernelSignal) bool { return s.to == pid && s.signal == unix.SIGKILL })
}

// decides reports whether a process is the first one, or its init's program: what is sent to it decides how the run ends.
func (r *run) decides(pid int) bool { return pid == r.firstPID || pid == r.program() }

// program returns the PID of the program under the init that is the first process; 0 for none known.
func (r *run) program() int {
	if d := r.dispositions; d != nil && d.Init != "" && d.Child != nil {
		return d.Child.PID
	}
	return 0
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

// forgetSent makes room for one more signal to a process that decides, or to another one. It forgets the oldest signal that is no
// SIGKILL, or else the last one.
func (r *run) forgetSent(decides bool) {
	count, forget, isSIGKILL := 0, -1, true
	for i := range r.sent {
		if r.decides(r.sent[i].to) != decides {
			continue
		}
		count++
		if isSIGKILL {
			forget, isSIGKILL = i, r.sent[i].signal == unix.SIGKILL
		}
	}
	if count < keptSent {
		return
	}
	if decides {
		r.missing.add(r.sent[forget].at, tooManySent)
	} else {
		r.others.add(r.sent[forget].at, tooManySent)
	}
	r.sent = slices.Delete(r.sent, forget, forget+1)
}

// sentMissing says why signals may be missing that had a part in what was requested or happened at a time; "" if none is.
func (r *run) sentMissing(since time.Time) string {
	all := []missingSignals{r.missing}
	if r.program() != 0 { // it may not have been known when they came
		all = append(all, r.others)
	}
	for _, m := range all {
		if !m.until.IsZero() && !m.until.Before(since.Add(-missingEarlier)) {
			return m.why
		}
	}
	return ""
}

// sentFacts returns the signals for the rules; nil if nobody looked.
func (t *Timeline) sentFacts(r *run, base time.Time, names bool) *verdict.Sent {
	if r.firstPID == 0 && len(r.sent) == 0 {
		return nil
	}
	for i := range r.sent {
		r.sent[i].actor = t.named(r.sent[i].actor)
	}
	facts := &verdict.Sent{Incomplete: r.sentMissing(base), Program: r.program()}
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

// sentBy returns who sent the signal that a verdict names. Base is when the end was requested, or when the run ended.
func (t *Timeline) sentBy(r *run, v *verdict.Verdict, base time.Time) value.Maybe[document.Actor] {
	if v.SentBy != nil {
		if v.Kind == verdict.OOMKilled {
			return value.Absent[document.Actor](value.Unsupported, "the kernel's OOM killer sent it")
		}
		return r.sent[v.SentBy.Number].sender()
	}
	none := r.noSender(t.NoSenders, base)
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

// noSender returns why the senders of a run's signals are not known about a time; "" if they are.
func (r *run) noSender(err error, at time.Time) noSender {
	missing := r.sentMissing(at)
	switch {
	case err != nil:
		return noSender{unreadReason(err), err.Error()}
	case r.firstPID == 0:
		return noSender{value.NotMeasured, "its first process was not found before it ended"}
	case missing != "":
		return noSender{value.NotMeasured, missing}
	}
	return noSender{}
}

// sentEarlier is how far before Docker's event of a signal the signal may have been sent: the event follows once the runtime returns.
const sentEarlier = 2 * time.Second

// senderOf returns who sent a signal that Docker reports at a time.
func (t *Timeline) senderOf(r *run, signal unix.Signal, at time.Time) value.Maybe[document.Actor] {
	var nearest *kernelSignal
	for i := range r.sent {
		s := &r.sent[i]
		if s.to != r.firstPID || s.signal != signal || s.by != verdict.FromDocker || at.Sub(s.at).Abs() >= sentEarlier {
			continue
		}
		if nearest == nil || at.Sub(s.at).Abs() < at.Sub(nearest.at).Abs() {
			nearest = s
		}
	}
	if nearest != nil {
		return nearest.sender()
	}
	none := r.noSender(t.NoSenders, at)
	if none.reason == "" {
		none = noSender{value.NotMeasured, "the kernel reported no such signal from Docker, or the first process ignores it"}
	}
	return value.Absent[document.Actor](none.reason, none.detail)
}
