package watch

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// endFacts returns what is known of the end of a run, for the rules, and the time that its durations count from: the first
// signal, or the end.
func (t *Timeline) endFacts(r *run) (f verdict.Facts, base time.Time) {
	signals := r.beforeEnd(t.requestSignals(r))
	f = verdict.Facts{Wait: r.waitStatus, OOMKills: r.unreportedOOMKills(), OOMSource: r.oomSource(), OOMSpared: r.oomSpared()}
	base = r.end.at
	if len(signals) > 0 {
		base = signals[0].at
	}
	f.UnseenSignal = t.unheard(r)
	f.NamespaceEnd, f.SharesNamespace = t.namespaceEnded(r, base, true), t.sharesNamespaceOf() != ""
	f.NamespaceInit = t.container != nil && t.container.HostConfig.PidMode == "" // Docker gives it a PID namespace of its own
	t.addRequest(&f, r, signals)
	addEvents(&f, r, signals, base)
	f.State, f.StateError = t.endState(r)
	if len(signals) > 0 {
		f.Target = r.dispositions.For(f.Signal)
		if ended := cmp.Or(r.exitingAt, r.exitedAt); ended != nil && r.aliveAt == nil {
			if gone := ended.Sub(base); gone >= 0 { // the clock may have been set
				f.EndedAt = &gone
			}
		}
	} else {
		f.OldSignal = t.oldSignal(r)
	}
	f.Sent = t.sentFacts(r, base, true)
	if r.shimPID != 0 {
		f.Shim = &verdict.Shim{PID: r.shimPID}
		if r.shimLost != nil {
			lost := r.shimLost.Sub(base)
			f.Shim.LostAt = &lost
		}
	}
	return f, base
}

// addRequest adds what was asked for: a stop, a kill, or nothing.
func (t *Timeline) addRequest(f *verdict.Facts, r *run, signals []sentSignal) {
	if len(signals) > 0 {
		f.Verb, f.Signal = value.Kill, signals[0].signal
	}
	sigkill := slices.IndexFunc(signals, func(s sentSignal) bool { return s.signal == 9 })
	tooLate := r.waitStatus != nil && r.waitStatus.Exited() // for SIGKILL: the process had begun to exit, which may take long
	switch {
	case r.stopEvent, sigkill > 0 && t.maySignalStop(f.Signal) && (f.UnseenSignal != "" || t.mayMissStop(r, signals, sigkill)):
		f.Verb = value.Stop
		if f.Signal == 0 || f.Signal == 9 {
			f.Signal = t.stopSignal() // which a label hides, or could not be sent, or is SIGKILL
		}
		grace := t.grace()
		f.Grace, f.GraceGuessed = &grace, true
	case sigkill >= 0 && !(sigkill > 0 && tooLate):
		f.Signal = 9
	case f.Verb == value.Kill && f.Signal == 0 && f.UnseenSignal == "" && r.waitStatus != nil && r.waitStatus.Signaled():
		f.Signal = r.waitStatus.Signal() // a label hides what Docker sent, and the kernel shows what came
	case f.Verb == value.Kill:
		f.Signal = t.requestSignal(r, signals)
	}
}

// mayMissStop reports whether the signals, of which one is SIGKILL, are those of a docker stop whose event may still come, or is lost:
// Docker sends it last.
func (t *Timeline) mayMissStop(r *run, signals []sentSignal, sigkill int) bool {
	return (r.answered.Before(r.end.learned) || r.lostAfterEnd) && t.graceFits(signals[0].at, signals[sigkill].at)
}

// requestSignal is the signal of a docker kill that ended a run, of several that were sent: the one by which the kernel says that it
// ended, or the one that the program handles, the stop signal rather than another, or the first.
func (t *Timeline) requestSignal(r *run, signals []sentSignal) unix.Signal {
	request, stop := signals[0].signal, t.stopSignal()
	for _, s := range slices.Backward(signals) {
		if r.endedBy(s) {
			return s.signal
		}
	}
	for _, s := range signals {
		if (request != stop || s.signal == stop) && r.handles(s.signal) {
			request = s.signal
		}
	}
	return request
}

// handles reports whether the program is known to do something on a signal.
func (r *run) handles(signal unix.Signal) bool {
	if signal == 0 {
		return false
	}
	d := r.dispositions.For(signal)
	return d != nil && (d.Accepts != "" || d.Caught && (d.AsksFor == nil || *d.AsksFor))
}

// addEvents adds Docker's events that had a part in the end.
func addEvents(f *verdict.Facts, r *run, signals []sentSignal, base time.Time) {
	for _, s := range signals {
		f.Events = append(f.Events, verdict.Event{Action: "kill", Signal: s.signal, At: s.at.Sub(base)})
	}
	if r.oomEvent {
		f.Events = append(f.Events, verdict.Event{Action: "oom", At: r.oomAt().Sub(base)})
	}
	if r.end.source == sourceDieEvent {
		f.Events = append(f.Events, verdict.Event{Action: "die", At: r.end.at.Sub(base)})
	} else if !r.wasDisproved {
		f.EventsError = "the end is known from " + r.end.source
	}
	if r.stopEvent {
		f.Events = append(f.Events, verdict.Event{Action: "stop"})
	}
}

// beforeEnd leaves out the signals that came too late to have ended a run. Docker reports a signal after its runtime has sent
// it, which may hang.
func (r *run) beforeEnd(signals []sentSignal) []sentSignal {
	end := r.endedAt().Add(forcedSettleTime)
	return slices.DeleteFunc(slices.Clone(signals), func(s sentSignal) bool { return s.at.After(end) })
}

// requestSignals are the signals that asked for the end of a run: those that it outlived did not, unless the kernel says that
// one of them ended it after all.
func (t *Timeline) requestSignals(r *run) []sentSignal {
	if r.stopEvent {
		return r.signals[t.stopBegins(r):]
	}
	// A signal that may take for ever never counts as outlived. If no stop came of it for so long, it was. SIGKILL is never used
	// up: it is pending while a process is frozen, or in uninterruptible sleep, and ends it after that.
	return slices.DeleteFunc(slices.Clone(r.signals), func(s sentSignal) bool {
		survived := s.outlived && (r.wasDisproved || s.signal != unix.SIGKILL && !r.endedBy(s) && !r.beforeLateKill(s))
		return survived || s.signal != unix.SIGKILL && t.patience(s.signal) < 0 && r.end.at.Sub(s.at) > maxSkew
	})
}

// endedBy reports whether the kernel says that a signal with that number ended the main process. A signal may wait for a thaw, or
// until it is not blocked any more.
func (r *run) endedBy(s sentSignal) bool {
	return r.waitStatus != nil && r.waitStatus.Signaled() && r.waitStatus.Signal() == s.signal
}

// beforeLateKill reports whether a signal came before a SIGKILL of Docker's that was too late: the main process had begun to end, and
// the program handles that signal.
func (r *run) beforeLateKill(s sentSignal) bool {
	return r.waitStatus != nil && r.waitStatus.Exited() && r.handles(s.signal) && slices.ContainsFunc(r.signals, func(k sentSignal) bool {
		return k.signal == unix.SIGKILL && k.at.After(s.at)
	})
}

// oldSignal returns the last stop signal that the run outlived, if the program handles it: the handler may have taken so long.
func (t *Timeline) oldSignal(r *run) *verdict.Event {
	if r.wasDisproved {
		return nil // the runtime sent nothing
	}
	for _, s := range slices.Backward(r.signals) {
		if !s.outlived || s.signal == 0 || s.signal != t.stopSignal() {
			continue
		}
		if r.handles(s.signal) {
			return &verdict.Event{Action: "kill", Signal: s.signal, At: s.at.Sub(r.end.at)}
		}
	}
	return nil
}

// stopBegins returns the index of the signal with which docker stop began. A stop sends its signal and, if the grace runs out,
// SIGKILL. Its signal has the number of the container's stop signal and is not outlived: of several, the one that came a grace
// before SIGKILL, or the last one. If docker stop was given another signal, or a label
// hides it, the one that came a grace before SIGKILL; else the last one before SIGKILL.
func (t *Timeline) stopBegins(r *run) int {
	last := len(r.signals) - 1
	if last <= 0 {
		return 0
	}
	end, begins := &r.signals[last], -1
	for n := last; n >= 0; n-- {
		if s := &r.signals[n]; s.outlived || s.signal == 0 || s.signal != t.stopSignal() {
			continue
		}
		if begins < 0 || end.signal == 9 && t.graceFits(r.signals[n].at, end.at) {
			begins = n
		}
	}
	if begins >= 0 {
		return begins
	}
	if end.signal != 9 && end.signal != 0 {
		return last // the grace did not run out
	}
	for n := last - 1; n >= 0; n-- {
		if r.signals[n].signal != 9 && t.graceFits(r.signals[n].at, end.at) {
			return n
		}
	}
	if end.signal == 9 {
		return last - 1
	}
	// All are hidden: which one began the stop is unknown, and SIGKILL may be among them.
	return max(0, slices.IndexFunc(r.signals, func(s sentSignal) bool { return !s.outlived }))
}

// graceFits reports whether the grace ran out between two signals.
func (t *Timeline) graceFits(stop, kill time.Time) bool {
	return t.grace() >= 0 && (kill.Sub(stop)-t.grace()).Abs() < time.Second
}

// endState is the state of a run that has ended: inspect's if it was asked before the next run began; else the kernel's wait
// status; else the event's, unless a label may have replaced it. Without a state, it returns the reason.
func (t *Timeline) endState(r *run) (*verdict.State, string) {
	switch {
	case r.inspected != nil && !r.inspectedAnother():
		return &verdict.State{Status: "exited", ExitCode: r.inspected.ExitCode, OOMKilled: r.inspected.OOMKilled}, ""
	case r.waitStatus != nil && !r.rebooted():
		return &verdict.State{Status: "exited", ExitCode: value.WaitExitCode(*r.waitStatus), Source: verdict.WaitSource}, ""
	}
	code, err := strconv.Atoi(r.eventCode)
	switch {
	case err != nil:
		return nil, "the run had ended, and the container was restarted or removed, before Docker could be asked for its exit code"
	case t.container == nil && !t.labels.known:
		return nil, "the container's labels are unknown, and one may have overridden the event's exit code, " + strconv.Itoa(code)
	case t.labelHides("exitCode"):
		return nil, "a label overrides the event's exit code, and the container was gone before it could be inspected"
	}
	return &verdict.State{Status: "exited", ExitCode: code, Source: sourceDieEvent}, ""
}

// inspectedAnother reports whether inspect's state is another run's: it contradicts the kernel, and Docker did not make it up.
func (r *run) inspectedAnother() bool {
	code, madeUp := verdict.RealExitCode(r.inspected.ExitCode, r.waitStatus)
	return r.waitStatus != nil && !madeUp && code != value.WaitExitCode(*r.waitStatus) && !verdict.IsReboot(code, r.waitStatus)
}

// rebooted reports whether the exit code in the die event is one that reboot(2) leads to. No label has such a value by chance.
func (r *run) rebooted() bool {
	code, err := strconv.Atoi(r.eventCode)
	return err == nil && verdict.IsReboot(code, r.waitStatus)
}
