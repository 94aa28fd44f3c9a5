package verdict

import (
	"fmt"

	"haltscope/compare/value"
)

// WaitSource is the source of a wait status: the pidfd's PIDFD_INFO_EXIT (Linux 6.15), or /proc/PID/stat of a zombie.
const WaitSource = "wait status of the first process"

// ended judges a container whose first process has ended.
func (j *judge) ended() Kind {
	j.noteEnd()
	if kind, ok := j.rebooted(); ok {
		return kind
	}
	oom, requested := j.oom(), j.requested()
	j.oomSeen = oom
	if kill := j.outsideKiller(); kill != nil {
		return j.killedBy(kill, requested)
	}
	switch {
	case requested && j.sigkillByDocker() && j.bySIGKILL():
		// Docker's SIGKILL reached a first process that was alive: an OOM kill at that time hit another.
		return j.killedByDocker()
	case oom && j.bySIGKILL():
		return OOMKilled
	}
	if kind, ok := j.shimLost(); ok {
		return kind
	}
	if j.UnseenSignal != "" && (!requested || j.bySIGKILL()) && !j.crashSignal() {
		return j.inconclusive("whether Docker sent a signal: %s", j.UnseenSignal)
	}
	return j.notKilledByDocker(requested)
}

// notKilledByDocker judges an end that was neither Docker's SIGKILL nor the OOM killer's.
func (j *judge) notKilledByDocker(requested bool) Kind {
	if requested && j.Signal != value.SIGKILL && !j.firstCrashed() {
		if kind, ok := j.programs(); ok {
			return kind
		}
	}
	signaled := j.Wait != nil && j.Wait.Signaled()
	switch {
	case j.bySIGKILL() && (signaled || j.byDaemon() || j.NamespaceEnd != nil || j.PendingKill != nil && !requested):
		return j.killedOutsideEvents(requested)
	case signaled && (!requested || j.Wait.Signal() != j.delivered()):
		if kind, ok := j.defaultActionOf(); ok {
			return kind
		}
		return Crashed
	case !requested || j.Signal == value.SIGKILL:
		return j.byItself()
	}
	return j.bySignal()
}

// firstCrashed reports whether the kernel says that a signal other than Docker's ended the first process.
func (j *judge) firstCrashed() bool {
	wait := j.first.wait
	return wait != nil && wait.Signaled() && wait.Signal() != j.Signal
}

// requested reports whether Docker sent a signal for the verb. A command that failed may have sent its signal all the same,
// such as one that was given up after a time; one that succeeded may have sent none, such as a stop of what had ended. Where
// the events are incomplete, the command's success counts.
func (j *judge) requested() bool {
	return (j.Verb == value.Kill || j.Verb.Stops()) && (j.has("kill") || j.EventsError != "" && j.CommandError == "")
}

// noteEnd notes how the first process ended, and replaces an exit code of Docker's that the kernel contradicts.
func (j *judge) noteEnd() {
	if j.EndedAt != nil {
		j.noteAt(*j.EndedAt, "pidfd", "the first process has ended")
	}
	if j.Wait == nil {
		j.Wait = j.waitFromSent(j.State.ExitCode, toFirst)
	}
	switch {
	case j.Wait == nil:
		j.noWaitStatus = true
	case j.Wait.Signaled():
		j.note(WaitSource, "ended by signal %d", j.Wait.Signal())
	default:
		j.returnedCode = true
		j.note(WaitSource, "returned %d", j.Wait.ExitStatus())
	}
	if j.EventsError != "" {
		j.note("docker events", "incomplete: %s", j.EventsError)
	}
	if code, replaced := RealExitCode(j.State.ExitCode, j.Wait); replaced {
		j.note(j.State.source(), "exit code %d is not the program's: the kernel says otherwise", j.State.ExitCode)
		state := *j.State
		state.ExitCode, state.Source = code, WaitSource
		j.State = &state
	}
	j.first.wait, j.first.state = j.Wait, j.State
	if j.Target != nil && j.Target.Init != "" && j.returnedCode {
		// An init returns 128 + n for a child that signal n ended: what it returned says nothing about the child's end.
		j.Wait = nil
		j.noteChildEnd()
	}
}

// noteChildEnd notes how the child of an init ended, if the kernel said so, and takes that for the program's end.
func (j *judge) noteChildEnd() {
	wait := j.Ends.WaitOf(j.Target.PID)
	if wait == nil {
		wait = j.waitFromSent(j.State.ExitCode, func(s *SentSignal) bool { return s.To == j.Target.PID })
	}
	if wait == nil {
		return
	}
	source := fmt.Sprintf("wait status of process %d", j.Target.PID)
	state := *j.State
	j.Wait, state.ExitCode, state.Source = wait, value.WaitExitCode(*wait), source
	j.noteWait(source, j.Target.Name+", under "+j.Target.Init+",", *wait)
	j.State = &state
}

// RealExitCode returns the program's exit code, given Docker's and the kernel's wait status. Docker writes 255 where it lost the
// shim or the runtime took a run for ended, and some engines write 0; replaced reports that the kernel contradicts that.
func RealExitCode(docker int, wait *value.WaitStatus) (code int, replaced bool) {
	if wait == nil || docker != 255 && docker != 0 {
		return docker, false
	}
	code = value.WaitExitCode(*wait)
	return code, code != docker
}

// oom reports whether the OOM killer killed anything in the cgroup. It need not have been the first process: Docker's
// OOMKilled is per cgroup.
func (j *judge) oom() bool {
	if j.OOMSpared != nil {
		j.because = append(j.because, *j.OOMSpared)
		return false
	}
	if j.State.OOMKilled {
		j.note("docker inspect", "OOMKilled true")
	}
	if j.OOMKills != nil && *j.OOMKills > 0 {
		j.note(j.OOMSource, "+%d", *j.OOMKills)
		return true
	}
	return j.State.OOMKilled || j.has("oom")
}

// bySIGKILL reports whether the end looks like SIGKILL's. The kernel's wait status decides where there is one; 137 alone can
// be a program's own exit code.
func (j *judge) bySIGKILL() bool {
	switch {
	case j.Wait == nil:
		return j.State.ExitCode == sigkillExitCode
	case j.Wait.Signaled():
		return j.Wait.Signal() == value.SIGKILL
	}
	return false
}

// crashSignal reports whether the kernel says that the first process did something impossible: nobody requests that.
func (j *judge) crashSignal() bool {
	return j.Wait != nil && j.Wait.Signaled() && IsCrash(j.Wait.Signal())
}

// IsCrash reports whether a signal is one of those that end a process which did something impossible.
func IsCrash(signal value.Signal) bool {
	switch signal {
	case value.SIGILL, value.SIGTRAP, value.SIGABRT, value.SIGBUS, value.SIGFPE, value.SIGSEGV, value.SIGSYS:
		return true
	}
	return false
}
