package experiment

import "haltscope/cgroupfs"

// oomKills is how many processes the OOM killer has killed since the command began. If the last reading lacks the counter,
// the last sample has it. A restarted run has another cgroup, with a counter of its own.
func oomKills(before, after cgroupfs.Reading, samples []cgroupfs.Reading, restarted bool) cgroupfs.Figure {
	last := after.Memory.OOMKill
	if restarted {
		last = cgroupfs.Without(cgroupfs.Vanished)
	}
	if last.State() != cgroupfs.Present && len(samples) > 0 {
		last = samples[len(samples)-1].Memory.OOMKill
	}
	return difference(before.Memory.OOMKill, last)
}

// difference subtracts two readings of a counter. A counter that fell belongs to another cgroup.
func difference(before, after cgroupfs.Figure) cgroupfs.Figure {
	b, ok := before.Value()
	if !ok {
		return before
	}
	a, ok := after.Value()
	if !ok {
		return after
	}
	if a < b {
		return cgroupfs.Without(cgroupfs.Failed)
	}
	return cgroupfs.Number(a - b)
}
