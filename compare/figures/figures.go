// Package figures turns readings of package figure into values of a document. Only this package knows both: rules and
// commands use it.
package figures

import (
	"haltscope/cgroupfs/figure"
	"haltscope/compare/value"
)

// Number returns the reading as an unsigned value.
func Number(f figure.Figure) value.Maybe[uint64] {
	if v, ok := f.Value(); ok {
		return value.Known(v)
	}
	return Without[uint64](f)
}

// Signed returns the reading as a signed value, for sums and differences.
func Signed(f figure.Figure) value.Maybe[int64] {
	if v, ok := f.Value(); ok {
		return value.Known(int64(v))
	}
	return Without[int64](f)
}

// Flag returns a reading of 0 or 1 as a bool.
func Flag(f figure.Figure) value.Maybe[bool] {
	if v, ok := f.Value(); ok {
		return value.Known(v != 0)
	}
	return Without[bool](f)
}

// details explains the states of a reading. Those that are missing here need no explanation.
var details = map[figure.State]string{
	figure.Max:         "there is no limit",
	figure.Vanished:    "the cgroup or process is gone",
	figure.Unsupported: "this kernel does not provide this figure",
	figure.NotMeasured: "not read: this cgroup version does not have it, or nothing was done that would change it",
}

// Without returns an absent value of any type, with the reason why f has no number.
func Without[T any](f figure.Figure) value.Maybe[T] {
	return value.Absent[T](Reason(f.State()), details[f.State()])
}

// Reason returns the state of a reading that has no number as a reason. The words of both packages are the same.
func Reason(s figure.State) value.Reason { return value.Reason(s.String()) }
