package target

import (
	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// FrozenFor returns how long the members of a frozen cgroup have been frozen, in milliseconds.
func FrozenFor(f cgroupfs.Freezer, members []int) value.Maybe[float64] {
	if !f.Frozen.Is(1) {
		return value.Absent[float64](value.NotMeasured, "it is not frozen")
	}
	stood := proc.FrozenFor(members)
	if usec, ok := stood.Value(); ok {
		return value.Known(float64(usec) / 1000)
	}
	if stood.State() == figure.NotMeasured {
		return value.Absent[float64](value.NotMeasured,
			"only the CPU on which it last ran can tell, and that CPU is isolated, busy, or not available to this process")
	}
	return figures.Without[float64](stood)
}
