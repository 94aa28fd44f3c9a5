package watch

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/asker"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// survivedInterval is the least time between two lines about signals of the same number. The first one is written at once; those that
// come meanwhile are counted.
const survivedInterval = time.Minute

// survived is what is known of the signals of one number that a run survived.
type survived struct {
	signal      unix.Signal // 0 for those whose number a label hides
	count       int         // of those that are not written yet
	first, last time.Time   // of these, by Docker's clock
	written     bool        // some are
	next        time.Time   // when the next line may be written; zero for now
}

// countSurvived counts the signals that have had their time to end the container. A signal on which the main process has begun to end
// is not survived, and there is a line that it is held up.
func (t *Timeline) countSurvived(r *run, now time.Time) (lines []Line) {
	for n := range r.signals {
		s := &r.signals[n]
		if due, ok := t.outlivedDue(s); s.outlived || !ok || now.Before(due) {
			continue
		}
		if t.causedExit(r, s) {
			if !r.heldUp {
				lines = append(lines, t.heldUpLine(r, s))
			}
			continue
		}
		r.outlive(s)
	}
	t.forgetSignals(r)
	return lines
}

// countSurvivedBefore counts the signals that had their time before the run ended, if all of that is learned at once: of the past.
func (t *Timeline) countSurvivedBefore(r *run) {
	for n := range r.signals {
		s := &r.signals[n]
		patience := t.patience(s.signal)
		atOnce := r.end.learned.Sub(s.learned) < patience
		if atOnce && !s.outlived && r.endedAt().Sub(s.at) >= patience && !t.causedExit(r, s) {
			r.outlive(s)
		}
	}
}

// outlive counts a signal as survived.
func (r *run) outlive(s *sentSignal) {
	s.outlived = true
	of := r.survivedOf(s.signal)
	if of.count == 0 {
		of.first = s.at
	}
	of.last = s.at
	of.count++
}

// survivedOf returns the count of a signal.
func (r *run) survivedOf(signal unix.Signal) *survived {
	i := slices.IndexFunc(r.survived, func(s *survived) bool { return s.signal == signal })
	if i < 0 {
		r.survived = append(r.survived, &survived{signal: signal})
		i = len(r.survived) - 1
	}
	return r.survived[i]
}

// survivedLines writes the signals that have not ended the container, as far as they are due; all of them if nothing can follow.
func (t *Timeline) survivedLines(r *run, now time.Time, all bool) (lines []Line) {
	for _, s := range r.survived {
		if s.count == 0 || !all && now.Before(s.next) {
			continue
		}
		lines = append(lines, t.survivedLine(r, s))
		s.count, s.written, s.next = 0, true, now.Add(survivedInterval)
	}
	return lines
}

// survivedDue returns when the next of these lines is due, and false for none.
func (r *run) survivedDue() (due time.Time, ok bool) {
	for _, s := range r.survived {
		if s.count > 0 && (!ok || s.next.Before(due)) {
			due, ok = s.next, true
		}
	}
	return due, ok
}

func (t *Timeline) survivedLine(r *run, s *survived) Line {
	name := "a signal whose number a label hides"
	if s.signal != 0 {
		name = fmt.Sprintf("signal %d", s.signal)
	}
	then := "it keeps running"
	if t.maySignalStop(s.signal) || s.signal == unix.SIGKILL { // docker stop may have been given another grace; SIGKILL waits for a thaw
		then = "it has not ended yet"
		if s.signal != unix.SIGKILL {
			then += "; a docker stop may be waiting"
		}
	}
	evidence := verdict.Observation{Source: "docker events", Value: name}
	if s.count > 1 {
		evidence.Value += ", " + value.Count(s.count, "time", "times")
	}
	off := t.learnPolicyOff(r, s.signal, s.first)
	line := t.line(s.last, "kill", "", "", evidence)
	line.Signals, line.Count = []unix.Signal{s.signal}, s.count
	sender := t.senderOf(r, s.signal, s.last)
	asked := t.whoAsked(asker.Signal, s.last, time.Time{})
	line.SentBy, line.AskedBy = &sender, &asked.by
	if off {
		line.Because = append(line.Because, r.policyOff.because)
	}
	line.setMessage(func(names bool) string {
		text := name + " was sent" + s.times() + ", and " + then + r.heldBelow(names)
		if off {
			text += "; " + r.policyOff.text("is off until it is started again")
		}
		if asked.text != nil {
			text += asked.text(names)
		}
		return text
	})
	return line
}

// times says how often a signal was sent, if that is more than once.
func (s *survived) times() string {
	switch {
	case s.count == 1 && s.written:
		return " once more"
	case s.count == 1:
		return ""
	}
	more := ""
	if s.written {
		more = "more "
	}
	return fmt.Sprintf(" %d %stimes within %s", s.count, more, value.Duration(value.Milliseconds(s.last.Sub(s.first))))
}

// policyOff is a restart policy that a signal of docker kill has turned off, until the next start.
type policyOff struct {
	policy  string
	because verdict.Observation
}

func (p *policyOff) text(how string) string { return "its restart policy, " + p.policy + ", " + how }

// learnPolicyOff reports whether a signal has turned the restart policy off, which no signal of this run had done before.
func (t *Timeline) learnPolicyOff(r *run, signal unix.Signal, at time.Time) bool {
	if r.policyOff != nil || t.container == nil {
		return false
	}
	policy := prediction.DisabledPolicy(t.container.HostConfig.RestartPolicy.Name, t.container.Config.StopSignal, signal)
	if policy == "" {
		return false
	}
	name := "a signal whose number a label hides"
	if signal != 0 {
		name = fmt.Sprintf("signal %d", signal)
	}
	r.policyOff = &policyOff{policy: policy, because: verdict.Observation{Source: "docker events: kill; moby daemon/kill.go",
		Value: fmt.Sprintf("%s, at %s, turned the restart policy off: Docker takes it for a request to stop", name, timestamp(at))}}
	return true
}

// policyWasOff returns the restart policy that was off when a run ended that no client had asked to end: Docker does not start it
// again; nil if it was on, or is none.
func (t *Timeline) policyWasOff(r *run, v verdict.Verdict) *policyOff {
	unasked := v.ByItself || v.Kind == verdict.OOMKilled || v.Kind == verdict.Killed && v.Sender != verdict.ByRequest && !r.stopEvent
	if !unasked {
		return nil
	}
	for _, s := range r.signals {
		if s.at.Before(r.end.at) {
			t.learnPolicyOff(r, s.signal, s.at)
		}
	}
	return r.policyOff
}

// keptSignals is how many signals of a run are kept at most: a program may be sent one every minute, for months.
const keptSignals = 16

// forgetSignals forgets the oldest signals that a container survived. One that may take for ever goes once it was sent again.
func (t *Timeline) forgetSignals(r *run) {
	over := len(r.signals) - keptSignals
	if over <= 0 {
		return
	}
	recent := slices.Clone(r.signals[over:])
	again := func(old sentSignal) bool {
		return slices.ContainsFunc(recent, func(s sentSignal) bool { return s.signal == old.signal })
	}
	r.signals = slices.DeleteFunc(r.signals, func(old sentSignal) bool {
		over--
		return over >= 0 && (old.outlived && old.signal != unix.SIGKILL || (old.outlived || t.patience(old.signal) < 0) && again(old))
	})
}
