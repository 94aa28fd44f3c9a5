package watch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Exiting records that a run's main process was seen to end, though it has not ended yet: it may wait for the other processes of its PID
// namespace.
func (t *Timeline) Exiting(key, at time.Time) {
	if r := t.runSince(key); r != nil && r.exitingAt == nil {
		r.exitingAt = &at
	}
}

// heldUpAfter is how long after a signal the main process is asked whether it is ending.
const heldUpAfter = time.Second

// WantsExiting reports whether to look if the main process of the current run is ending, and returns the run's key: a signal was sent
// a while ago that may end it.
func (t *Timeline) WantsExiting(now time.Time) (key time.Time, ok bool) {
	r := t.current
	if r == nil || r.state != running || r.exitingAt != nil || !r.awaitsSignal(now) {
		return time.Time{}, false
	}
	return r.key(), true
}

// awaitsSignal reports whether a signal was sent a while ago that may still take effect.
func (r *run) awaitsSignal(now time.Time) bool {
	return slices.ContainsFunc(r.signals, func(s sentSignal) bool { return !s.outlived && now.Sub(s.learned) > heldUpAfter })
}

// causedExit reports whether a signal came before the main process began to end, and not too long before.
func (t *Timeline) causedExit(r *run, s *sentSignal) bool {
	patience := t.patience(s.signal)
	return r.exitingAt != nil && !s.learned.After(*r.exitingAt) && (patience < 0 || r.exitingAt.Before(s.learned.Add(patience)))
}

// heldUpLine writes that the main process of a run has begun to end, and does not come to an end.
func (t *Timeline) heldUpLine(r *run, s *sentSignal) Line {
	r.heldUp = true
	after := ""
	if s.signal != 0 {
		after = fmt.Sprintf(" within %s of signal %d", value.Duration(value.Milliseconds(r.exitingAt.Sub(s.at))), s.signal)
	}
	line := t.line(*r.exitingAt, "kill", "", "its first process has begun to end"+after+", and waits for other processes of its PID "+
		"namespace to end", verdict.Observation{Source: "/proc/PID/stat: flags", Value: "PF_EXITING"})
	line.Signals = []unix.Signal{s.signal}
	return line
}

// heldUpFor returns how long the end of a run was held up, if that was long.
func (r *run) heldUpFor() (held time.Duration, ok bool) {
	if r.exitingAt == nil || r.exitedAt == nil || r.aliveAt != nil {
		return 0, false
	}
	held = r.exitedAt.Sub(*r.exitingAt)
	return held, held > settleTime
}

// sharesNamespaceOf returns the id of the container whose PID namespace this one shares (docker run --pid=container:…); "" for none.
func (t *Timeline) sharesNamespaceOf() string {
	if t.container == nil {
		return ""
	}
	id, ok := strings.CutPrefix(t.container.HostConfig.PidMode, "container:")
	if !ok {
		return ""
	}
	return id
}

// namespaceEnd is the end of the PID namespace of another container, which a run shares.
type namespaceEnd struct {
	id, name string    // of the other container
	at       time.Time // when its first process ended, or was seen to be ending
	by       string    // which command of Docker's ended it, as a part of a sentence; "" for none
}

// LearnNamespaceEnd records that the PID namespace which a run shares ended when the run did, as long as the other container is known.
func (t *Timeline) LearnNamespaceEnd() {
	for _, r := range t.runs() {
		if _, ok := r.endingAt(); ok && r.namespaceEnd == nil {
			r.namespaceEnd = t.findNamespaceEnd(r)
		}
	}
}

// findNamespaceEnd returns the end of the PID namespace which a run shares, if that was when the run ended. The kernel kills the others
// first, and lets the first process of a namespace end after them (kernel/pid_namespace.c, zap_pid_ns_processes).
func (t *Timeline) findNamespaceEnd(r *run) *namespaceEnd {
	id := t.sharesNamespaceOf()
	if id == "" || t.Others == nil {
		return nil
	}
	owner, ended := t.Others(id), r.exitedAt
	if owner == nil {
		return nil
	}
	if r.end != nil {
		at := r.endedAt()
		ended = &at
	}
	if ended == nil {
		return nil
	}
	for _, o := range owner.runs() {
		if at, ok := o.endingAt(); ok && at.Sub(*ended).Abs() <= settleTime {
			return &namespaceEnd{id: id, name: owner.Name, at: at, by: owner.endedBy(o)}
		}
	}
	return nil
}

// namespaceEnded returns the observation that the PID namespace which a run shares ended; nil if it did not, or if that is not known.
// Without names, the other container is named by its id.
func (t *Timeline) namespaceEnded(r *run, base time.Time, names bool) *verdict.Observation {
	t.LearnNamespaceEnd()
	end := r.namespaceEnd
	if end == nil {
		return nil
	}
	name, since := end.name, end.at.Sub(base)
	if !names {
		name = value.ShortID(end.id)
	}
	return &verdict.Observation{Source: "pidfd of the first process of " + name, At: &since,
		Value: fmt.Sprintf("the PID namespace of %s, which it shares, ended%s", name, end.by)}
}

// endingAt returns when a run was first known to end, by the kernel if possible.
func (r *run) endingAt() (at time.Time, ok bool) {
	switch exiting, exited := r.exitingAt, r.exitedAt; {
	case exiting != nil && (exited == nil || exiting.Before(*exited)):
		return *exiting, true
	case exited != nil:
		return *exited, true
	case r.end != nil:
		return r.endedAt(), true
	}
	return time.Time{}, false
}

// ending reports whether the current run has ended, and its end is not written.
func (t *Timeline) ending() bool {
	return t.current != nil && (t.current.state == exited || t.current.state == ended)
}

// endedBy says which command of Docker's came before the end of a run; "" for none.
func (t *Timeline) endedBy(r *run) string {
	if r.stopEvent {
		return " by docker stop"
	}
	for _, s := range r.signals {
		switch {
		case s.outlived && !r.endedBy(s):
		case s.signal == 0:
			return " after docker kill or docker stop"
		case t.maySignalStop(s.signal):
			return fmt.Sprintf(" after %s of docker stop or docker kill", value.SignalName(s.signal))
		default:
			return fmt.Sprintf(" after signal %d of docker kill", s.signal)
		}
	}
	return ""
}
