package verdict

// JudgeRestart says what a docker restart came to, and how the run ended that was there before. now is what is known
// behind it, before what is known of that run, as of a stop. sameProcess tells whether the first process is still the one
// of before; nil where there is none to look at.
func JudgeRestart(before, now Facts, sameProcess *bool) (whole, runBefore Verdict) {
	runBefore = judgeEnd(before)
	j := &judge{Facts: now}
	kind := func() Kind {
		j.noteEvents()
		switch {
		case j.State == nil && j.StateError != "":
			j.note("docker inspect", "%s", j.StateError)
			return j.inconclusive("docker inspect gave no answer")
		case j.State == nil:
			j.note("docker inspect", "no such container")
			return Removed
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
			return runBefore.Kind
		case sameProcess == nil:
			return j.inconclusive("the first process could not be looked at")
		case *sameProcess:
			return j.inconclusive("the first process is the one of before: nothing was restarted")
		}
		j.note("/proc/<pid>/stat: pid, starttime", "the first process is another one")
		return Restarted
	}()
	return Verdict{Kind: kind, Because: j.because, Missing: j.missing}, runBefore
}

// JudgeRemoval says what a docker rm --force came to, and how the run ended that was there before: before is what is known
// of that run, as of a kill by SIGKILL.
func JudgeRemoval(before, now Facts) (whole, runBefore Verdict) {
	return Judge(now), judgeEnd(before)
}

// judgeEnd judges a run of which it must be known that it has ended.
func judgeEnd(f Facts) Verdict {
	if f.State == nil && f.StateError == "" {
		f.StateError = "nothing tells how the run before ended"
	}
	v := Judge(f)
	if f.State == nil {
		v.Missing = f.StateError
	}
	return v
}
