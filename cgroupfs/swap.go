package cgroupfs

// SwapLimit is how much of the cgroup may be in swap, in bytes. v1 limits memory and swap together, so that swapping out
// does not raise what is limited: all of that limit may be in swap.
func (d *Details) SwapLimit() Figure {
	if d.V2.SwapLimit.Effective.State() != NotMeasured {
		return d.V2.SwapLimit.Effective
	}
	return d.V1.MemswLimit.Effective
}
