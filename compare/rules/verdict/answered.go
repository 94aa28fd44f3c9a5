package verdict

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// crashSignals end a process that did something impossible. 128 + n is what shells, inits and containerd make of them.
var crashSignals = map[int]bool{
	int(unix.SIGILL): true, int(unix.SIGTRAP): true, int(unix.SIGABRT): true, int(unix.SIGBUS): true,
	int(unix.SIGFPE): true, int(unix.SIGSEGV): true, int(unix.SIGSYS): true,
}

// IsCrash reports whether a signal is one of those of a process that did something impossible.
func IsCrash(signal int) bool { return crashSignals[signal] }

// answered judges an end within the grace, by a signal other than SIGKILL, that Docker did not force: was it the
// program's doing or the signal's default action?
func (j *judge) endedOnSignal() Kind {
	code, signal := j.State.ExitCode, j.delivered()
	if crashSignals[code-128] && j.Wait == nil {
		return Crashed
	}
	r := j.Target
	if j.Signal == 0 {
		return j.inconclusive("which signal Docker sent: a label of the container, named signal, hides its number")
	}
	if r == nil {
		return j.inconclusive("what the process would do with %s was not known before it ended", numbered(signal))
	}
	status := fmt.Sprintf("/proc/%d/status", r.PID)
	who := r.Name
	if r.Init != "" {
		who += ", behind " + r.Init
	}
	if code == 128+sigkill && j.Wait == nil {
		j.note("docker events", "no SIGKILL of Docker's and none of the OOM killer's: 137 is the program's own, unless somebody outside Docker sent SIGKILL")
	}
	switch {
	case r.Accepts != "":
		j.note(r.AcceptsSource, "%s", r.Accepts)
		return Graceful
	case r.Caught && r.Runtime != "" && r.AsksFor != nil && *r.AsksFor:
		j.note(r.AsksForSource, "%s, a %s program, has asked for signal %d", who, r.Runtime, signal)
		return Graceful
	case r.Caught && r.Runtime != "" && r.AsksFor != nil && code != 2 && code != 128+signal:
		j.note(r.AsksForSource, "%s, a %s program, has not asked for signal %d: it ended for another reason", who, r.Runtime, signal)
		return j.byItself()
	case r.Caught && r.Runtime != "" && r.AsksFor != nil:
		j.note(r.AsksForSource, "%s, a %s program, has not asked for signal %d, on which the runtime then ends it", who, r.Runtime, signal)
		return Terminated
	case r.Caught && r.Runtime == "Node.js" && code == 128+signal:
		j.note(status+": SigCgt", "%s catches signal %d, as Node.js does for its programs", who, signal)
		return j.inconclusive("exit code %d is what Node.js gives when the program handles no signal %d; the program may give it too", code, signal)
	case r.Caught && r.CatchesAll && (code == 2 || code == 128+signal):
		// runtime/signal_unix.go, dieFromSignal: the default action, which the kernel drops for the first of a PID namespace,
		// and then exit(2).
		j.note(status+": SigCgt", "%s catches every signal, as the Go runtime does for its programs", who)
		return j.inconclusive("exit code %d is what the Go runtime gives when the program handles no signal %d; the program may give it too", code, signal)
	case r.Caught:
		j.note(status+": SigCgt", "%s catches signal %d", who, signal)
		return Graceful
	case signal == 0:
		j.note("/proc/PID/cmdline", "%s was told to forward no signal %d to %s: it ended for another reason", r.Init, j.Signal, r.Name)
		return j.byItself()
	case r.Ignored:
		j.note(status+": SigIgn", "%s ignores signal %d: it ended for another reason", who, signal)
		return j.byItself()
	case r.Blocked && j.Wait != nil && j.Wait.Signaled():
		j.note(status+": SigBlk", "%s blocked signal %d, and once it did no longer, the signal's default action ended it", who, signal)
		return Terminated
	case r.Blocked:
		// Blocked and not caught: sigwait or signalfd takes it, or it would still be pending.
		j.note(status+": SigBlk", "%s blocks signal %d and takes it by sigwait or signalfd", who, signal)
		return Graceful
	case r.NamespaceInit:
		j.note(status+": SigCgt, NSpid", "%s, first in its PID namespace, does not catch signal %d, so the kernel drops it: it ended for another reason", who, signal)
		return j.byItself()
	case code != 128+signal:
		j.note(status+": SigCgt", "%s did not catch signal %d, whose default action gives exit code %d", who, signal, 128+signal)
		return j.inconclusive("whether the program had a handler by the time the signal came, or ended for another reason: exit code %d is not the default action's", code)
	default:
		j.note(status+": SigCgt", "%s does not catch signal %d, whose default action ends it", who, signal)
		return Terminated
	}
}

// byItself judges an end that nobody asked for, or in which the signal that was sent had no part.
func (j *judge) byItself() Kind {
	j.byItselfOnly = true
	if j.State.ExitCode == 0 {
		return Exited
	}
	if j.State.ExitCode == 128+sigkill && j.Wait == nil && j.OOMSpared == nil {
		how := "the kernel has not told how it ended (Linux does from 6.15 on, once its parent has waited for it)"
		if j.Target != nil && j.Target.Init != "" {
			how = "an init returns the same for both"
		}
		return j.inconclusive("whether the program returned 137, or somebody outside Docker sent SIGKILL: %s", how)
	}
	if j.State.ExitCode == 255 && j.noWaitStatus && j.Shim == nil {
		return j.inconclusive("whether the program returned 255, or Docker made it up, as it does where it loses the container's shim")
	}
	return Crashed
}
