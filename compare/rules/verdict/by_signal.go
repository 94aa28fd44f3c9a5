package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/value"
)

// bySignal judges an end within the grace, after a signal of Docker's other than SIGKILL: was it the program's doing or the
// signal's default action?
func (j *judge) bySignal() Kind {
	switch code := j.State.ExitCode; {
	case j.Wait == nil && IsCrash(value.Signal(code-128)) && !j.goTraceback(): // what shells, inits and containerd make of such a signal
		return Crashed
	case j.Signal == 0:
		return j.inconclusive("which signal Docker sent: a container label named signal hides its number")
	case j.Target == nil:
		return j.inconclusive("what the process would do with %s was not known before it ended", numbered(j.delivered()))
	case code == sigkillExitCode && j.Wait == nil:
		j.note("docker events",
			"neither Docker nor the OOM killer sent SIGKILL: 137 is the program's own exit code, unless a process outside Docker sent SIGKILL")
	}
	r := j.Target
	end := signalEnd{judge: j, target: r, signal: j.delivered(), code: j.State.ExitCode, status: fmt.Sprintf("/proc/%d/status", r.PID),
		who: r.Name}
	if r.Init != "" {
		end.who += " (under " + r.Init + ")"
	}
	switch {
	case r.Accepts != "":
		j.note(r.AcceptsSource, "%s", r.Accepts)
		return end.handled()
	case r.Caught:
		return end.caught()
	case end.signal == 0:
		j.note("/proc/PID/cmdline", "%s is configured not to forward signal %d to %s: it ended for another reason", r.Init, j.Signal, r.Name)
		return j.byItself()
	case r.Ignored && r.Job != nil:
		return end.byJob()
	case r.Ignored:
		j.note(end.status+": SigIgn", "%s ignores signal %d: it ended for another reason", end.who, end.signal)
		return j.byItself()
	case r.Blocked:
		return end.blocked()
	default:
		return end.defaultAction()
	}
}

// goTraceback reports whether the end looks like that of a Go program whose runtime ended it on a signal that it has not asked for, and
// that has GOTRACEBACK=crash: it then ends by SIGABRT.
func (j *judge) goTraceback() bool {
	r := j.Target
	return r != nil && r.Runtime == "Go" && r.AsksFor != nil && !*r.AsksFor && j.State.ExitCode == value.SignalExitCode(value.SIGABRT)
}

// signalEnd is an end after a signal that reached its target.
type signalEnd struct {
	*judge
	target *SignalTarget
	signal value.Signal // that reached the target
	code   int          // the exit code
	status string       // the path of the target's /proc/PID/status
	who    string       // the target, in a sentence
}

// caught judges the end of a target that catches the signal: its handler ended it, unless the runtime catches the signal
// whether or not the program handles it.
func (e *signalEnd) caught() Kind {
	r := e.target
	defaultCode := value.SignalExitCode(e.signal)
	switch {
	case r.Runtime != "" && r.AsksFor != nil:
		return e.caughtByRuntime(*r.AsksFor)
	case r.Runtime == "Node.js" && e.code == defaultCode:
		e.note(e.status+": SigCgt", "%s catches signal %d, as Node.js does for its programs", e.who, e.signal)
		return e.inconclusive("exit code %d is what Node.js returns if the program does not handle signal %d, but the program may return it too",
			e.code,
			e.signal)
	case r.CatchesAll && (e.code == goExitCode || e.code == defaultCode):
		e.note(e.status+": SigCgt", "%s catches every signal, as the Go runtime does for its programs", e.who)
		return e.inconclusive("exit code %d is what the Go runtime returns if the program does not handle signal %d, but the program may "+
			"return it too",
			e.code, e.signal)
	}
	e.note(e.status+": SigCgt", "%s catches signal %d", e.who, e.signal)
	return e.handled()
}

// handled judges the end of a target that has handled the signal, by its exit code.
func (e *signalEnd) handled() Kind {
	if e.fine(e.code) {
		return Graceful
	}
	e.note(e.State.source(), "exit code %d is a failure; %s would not be", e.code, e.fineText())
	return FailedStopping
}

// fine reports whether an exit code is a success after the signal.
func (j *judge) fine(code int) bool { return slices.Contains(j.fineCodes(), code) }

// fineCodes are the exit codes that are a success after the signal. An init may have replaced the signal that Docker sent.
func (j *judge) fineCodes() []int {
	if j.FineCodes != nil {
		return j.FineCodes
	}
	return UsualExitCodes(j.Signal, j.delivered())
}

// UsualExitCodes are the exit codes of a program that has handled a signal and has not failed: 0, and what shells and the JVM return
// for an end by the signal. delivered is the signal that reached it, if an init replaced the one that was sent; 0 for none.
func UsualExitCodes(sent, delivered value.Signal) []int {
	codes := []int{0, value.SignalExitCode(sent)}
	if delivered != sent && delivered != 0 {
		codes = append(codes, value.SignalExitCode(delivered))
	}
	return codes
}

func (j *judge) fineText() string {
	fine := j.fineCodes()
	codes := make([]string, len(fine))
	for i, code := range fine {
		codes[i] = strconv.Itoa(code)
	}
	return strings.Join(codes, " or ")
}

// goExitCode is what the Go runtime exits with where the default action does not end the process: the kernel drops that for the
// first of a PID namespace (runtime/signal_unix.go, dieFromSignal).
const goExitCode = 2

// caughtByRuntime judges the end of a program whose runtime catches the signal, where it is known whether the program has asked
// for it.
func (e *signalEnd) caughtByRuntime(asksFor bool) Kind {
	r := e.target
	switch {
	case asksFor:
		e.note(r.AsksForSource, "%s, a %s program, has asked for signal %d", e.who, r.Runtime, e.signal)
		return e.handled()
	case e.code != goExitCode && e.code != value.SignalExitCode(e.signal) && !e.goTraceback():
		e.note(r.AsksForSource, "%s, a %s program, has not asked for signal %d: it ended for another reason", e.who, r.Runtime, e.signal)
		return e.byItself()
	}
	e.note(r.AsksForSource, "%s, a %s program, has not asked for signal %d, so the runtime ends it on that signal", e.who, r.Runtime, e.signal)
	return Terminated
}

// blocked judges the end of a target that blocks the signal.
func (e *signalEnd) blocked() Kind {
	if e.Wait != nil && e.Wait.Signaled() {
		e.note(e.status+": SigBlk", "%s blocked signal %d; once it unblocked the signal, the default action ended it", e.who, e.signal)
		return Terminated
	}
	// Blocked and not caught: sigwait or signalfd accepts it, or it would still be pending.
	e.note(e.status+": SigBlk", "%s blocks signal %d and accepts it with sigwait or signalfd", e.who, e.signal)
	return e.handled()
}

// defaultAction judges the end of a target that neither catches, ignores nor blocks the signal.
func (e *signalEnd) defaultAction() Kind {
	defaultCode := value.SignalExitCode(e.signal)
	switch {
	case e.target.NamespaceInit:
		e.note(e.status+": SigCgt, NSpid",
			"%s, PID 1 of its PID namespace, does not catch signal %d, so the kernel drops it: it ended for another reason", e.who, e.signal)
		return e.byItself()
	case e.target.EndCode != nil && e.code == *e.target.EndCode && e.code != defaultCode:
		e.note("/proc/PID/cmdline", "%s returns %d in place of %d, the exit code of the signal's default action", e.target.Init, e.code,
			defaultCode)
	case e.code != defaultCode:
		e.note(e.status+": SigCgt", "%s did not catch signal %d, whose default action gives exit code %d", e.who, e.signal, defaultCode)
		return e.inconclusive("whether the program had a handler by the time the signal arrived, or ended for another reason: the default "+
			"action does not give exit code %d", e.code)
	}
	e.note(e.status+": SigCgt", "%s does not catch signal %d, whose default action ends it", e.who, e.signal)
	return Terminated
}
