package experiment

import "haltscope/cgroupfs"

// oomKills is how many processes the OOM killer has killed since the command began, as far as the last reading of the
// cgroup, which may have been a sample, can tell.
func (a *arm) oomKills() cgroupfs.Figure {
	last := a.ReadAfter.Memory.OOMKill
	if a.anew() {
		last = cgroupfs.Without(cgroupfs.Vanished) // another cgroup's
	}
	if readings := a.sampler.end(); last.State() != cgroupfs.Present && len(readings) > 0 {
		last = readings[len(readings)-1].Memory.OOMKill
	}
	return difference(a.ReadBefore.Memory.OOMKill, last)
}
