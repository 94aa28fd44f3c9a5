package verdict

import "haltscope/compare/value"

// runsOn judges a container of which Docker says that it has ended, or that it is gone, while the kernel shows that it lives. That
// happens if its runtime takes it for stopped, because its first thread has ended and others have not, and to whatever a runtime
// leaves behind. No end is reported before there is one.
func (j *judge) runsOn() Kind {
	j.because = append(j.because, *j.Alive)
	return RunsOn
}

// heldBelow judges a container that a stop or kill has not ended, because a cgroup below its own is frozen: on v1 a frozen process
// takes no signal, not even SIGKILL.
func (j *judge) heldBelow() (Kind, bool) {
	if j.FrozenBelow == nil {
		return "", false
	}
	j.because = append(j.because, *j.FrozenBelow)
	if j.Verb.Ends() && (j.PendingKill != nil || j.has("kill")) {
		return RunsOn, true
	}
	return "", false
}

// freezeIncomplete reports whether a freeze is requested that Docker does not call a pause, and that is not complete. On v2 a pause
// that fails leaves one behind, which may complete later. Requested and frozen are two facts.
func (j *judge) freezeIncomplete() bool {
	f := j.Freezer
	return f.Requested != nil && *f.Requested && !*f.Frozen && (j.Verb == value.Pause || j.Verb == value.Unpause)
}
