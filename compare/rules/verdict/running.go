package verdict

import (
	"fmt"

	"haltscope/compare/value"
)

// running judges a container that has not ended: the freezer decides.
func (j *judge) running() Kind {
	paused := j.State.Status == "paused"
	if j.Freezer == nil || j.Freezer.Frozen == nil {
		if paused {
			j.missing = "the kernel's freezer could not be read"
			return PauseUnconfirmed
		}
		return j.inconclusive("the kernel's freezer could not be read")
	}
	if j.Freezer.Requested != nil {
		j.note(j.Freezer.RequestedSource, "%s", bit(*j.Freezer.Requested))
	}
	j.note(j.Freezer.FrozenSource, "%s", bit(*j.Freezer.Frozen))
	if j.PendingKill != nil {
		j.because = append(j.because, *j.PendingKill)
	}
	frozen := *j.Freezer.Frozen
	if kind, ok := j.heldBelow(); ok && !paused && !frozen {
		return kind
	}
	switch {
	case j.Exiting != nil && j.Verb.Ends():
		j.because = append(j.because, *j.Exiting)
		return RunsOn
	case paused && frozen:
		return Paused
	case paused:
		return PauseUnconfirmed
	case frozen:
		return FrozenOutsideDocker
	case j.freezeIncomplete():
		return FreezeIncomplete
	case j.CommandError != "":
		return j.inconclusive("docker %s failed, and the container keeps running", j.Verb)
	case j.Verb == value.Kill && j.Signal != value.SIGKILL && j.has("kill"):
		j.noteWhyItRunsOn()
		return RunsOn
	default:
		return j.inconclusive("the container keeps running after docker %s", j.Verb)
	}
}

// noteWhyItRunsOn notes why a signal has not ended the container, as far as that is known.
func (j *judge) noteWhyItRunsOn() {
	r, signal := j.Target, j.delivered()
	if j.Signal == 0 {
		j.note("docker kill", "the signal's number is unknown")
		return
	}
	if r == nil {
		j.note("docker kill", "how the process handles %s is unknown", numbered(signal))
		return
	}
	status := fmt.Sprintf("/proc/%d/status", r.PID)
	switch {
	case signal == 0:
		j.note("/proc/PID/cmdline", "%s is configured not to forward signal %d to %s", r.Init, j.Signal, r.Name)
	case signal == value.SIGSTOP:
		j.note("signal(7)", "SIGSTOP suspends %s until SIGCONT, and does not end it", r.Name)
	case signal == value.SIGCONT && !r.Caught:
		j.note("signal(7)", "SIGCONT resumes %s if it was stopped, and does not end it", r.Name)
	case r.Accepts != "":
		j.note(r.AcceptsSource, "%s", r.Accepts)
	case r.Caught:
		j.note(status+": SigCgt", "%s catches signal %d, and has not ended", r.Name, signal)
	case r.Ignored:
		j.note(status+": SigIgn", "%s ignores signal %d", r.Name, signal)
	case r.Blocked:
		j.note(status+": SigBlk", "%s blocks signal %d", r.Name, signal)
	case r.NamespaceInit:
		j.note(status+": SigCgt, NSpid", "%s, PID 1 of its PID namespace, does not catch signal %d, so the kernel drops it", r.Name, signal)
	default:
		j.note(status+": SigCgt", "%s does not catch signal %d, whose default action may not end it", r.Name, signal)
	}
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
