package experiment

import (
	"haltscope/cgroupfs/figure"
)

// oomKills is how many processes the OOM killer has killed since the command began, as far as the last reading of the
// cgroup, which may have been a sample, can tell.
func (a *arm) oomKills() figure.Figure {
	last := a.ReadAfter.Memory.OOMKill
	if a.anew() {
		last = figure.Without(figure.Vanished) // another cgroup's
	}
	if readings := a.sampler.end(); last.State() != figure.Present && len(readings) > 0 {
		last = readings[len(readings)-1].Memory.OOMKill
	}
	return difference(a.ReadBefore.Memory.OOMKill, last)
}
