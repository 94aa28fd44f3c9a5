package experiment

import (
	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
)

// oomKills is how many processes the OOM killer has killed since the command began. If the last reading lacks the counter,
// the last sample has it. A restarted run has another cgroup, with a counter of its own.
func oomKills(before, after cgroupfs.Reading, samples []cgroupfs.Reading, restarted bool) figure.Figure {
	last := after.Memory.OOMKill
	if restarted {
		last = figure.Without(figure.Vanished)
	}
	if last.State() != figure.Present && len(samples) > 0 {
		last = samples[len(samples)-1].Memory.OOMKill
	}
	return last.Since(before.Memory.OOMKill)
}
