package verdict

import "haltscope/compare/value"

// byItself judges an end that nobody requested, or in which the signal that was sent had no part. A handler may take longer than
// anybody waited for it.
func (j *judge) byItself() Kind {
	if j.OldSignal != nil && (j.Wait == nil || j.Wait.Exited()) {
		return j.inconclusive("whether %s, %s before, ended it", value.SignalName(j.OldSignal.Signal), seconds(-j.OldSignal.At))
	}
	j.byItselfOnly = true
	if j.State.ExitCode == 0 {
		return Exited
	}
	if j.State.ExitCode == sigkillExitCode && j.Wait == nil && j.OOMSpared == nil {
		how := NotReported
		if j.Target != nil && j.Target.Init != "" {
			how = "an init returns the same code for both"
		}
		return j.inconclusive("whether the program returned 137, or a process outside Docker sent SIGKILL: %s", how)
	}
	if j.State.ExitCode == 255 && j.noWaitStatus && j.Shim == nil {
		return j.inconclusive("whether the program returned 255, or Docker made that code up, as it does when it loses the container's shim")
	}
	return Crashed
}
