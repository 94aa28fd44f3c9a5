package verdict

import "haltscope/compare/value"

// JudgeRestart decides what a docker restart did, and how the run ended that was there before it. before is what is known
// about that run, as of a stop; now is what is known after it. sameProcess says whether the first process is still the same.
func JudgeRestart(before, now Facts, sameProcess value.Maybe[bool]) (whole, runBefore Verdict) {
	runBefore = judgeEnd(before)
	j := &judge{Facts: now}
	kind := j.restarted(runBefore.Kind, sameProcess)
	return Verdict{Kind: kind, Because: j.because, Missing: j.missing}, runBefore
}

func (j *judge) restarted(runBefore Kind, sameProcess value.Maybe[bool]) Kind {
	same, known := sameProcess.Get()
	j.noteEvents()
	if j.State == nil {
		return j.noState()
	}
	ended := j.State.Status == "exited" || j.State.Status == "dead"
	if !ended {
		j.note(j.State.source(), "%s", j.State.Status)
	} else {
		j.note(j.State.source(), "%s, exit code %d", j.State.Status, j.State.ExitCode)
	}
	switch {
	case ended && j.has("start"):
		return j.byItself() // the new run
	case ended:
		j.note("docker events", "no start")
		return runBefore
	case sameProcess.Reason() == value.Failed:
		return j.inconclusive("the first process could not be read: %s", sameProcess.Detail())
	case !known:
		return j.inconclusive("there is no first process to compare")
	case same:
		return j.inconclusive("the first process is the same as before: nothing was restarted")
	}
	j.note("/proc/<pid>/stat: pid, starttime", "the first process is a new one")
	return Restarted
}

// JudgeRemoval decides what a docker rm --force did, and how the run ended that was there before it. before is what is known
// about that run, as of a kill by SIGKILL.
func JudgeRemoval(before, now Facts) (whole, runBefore Verdict) {
	return Judge(now), judgeEnd(before)
}

// judgeEnd judges a run that must have ended.
func judgeEnd(f Facts) Verdict {
	if f.State == nil && f.StateError == "" {
		f.StateError = "how the previous run ended is unknown"
	}
	v := Judge(f)
	if f.State == nil && v.Kind == Inconclusive {
		v.Missing = f.StateError
	}
	return v
}
