package figures

import (
	"haltscope/cgroupfs/figure"
	"haltscope/compare/value"
)

// Number is a kernel figure as a value of the document.
func Number(f figure.Figure) value.Maybe[uint64] {
	if v, ok := f.Value(); ok {
		return value.Known(v)
	}
	return Without[uint64](f)
}

// Signed is a kernel figure as a value that others are taken off.
func Signed(f figure.Figure) value.Maybe[int64] {
	if v, ok := f.Value(); ok {
		return value.Known(int64(v))
	}
	return Without[int64](f)
}

// Flag is a kernel figure of 0 or 1 as a value of the document.
func Flag(f figure.Figure) value.Maybe[bool] {
	if v, ok := f.Value(); ok {
		return value.Known(v != 0)
	}
	return Without[bool](f)
}

// Without is a value that is not there because the figure it comes from is not.
func Without[T any](f figure.Figure) value.Maybe[T] {
	detail := map[figure.State]string{
		figure.Max:         "there is no limit",
		figure.Vanished:    "the cgroup or process is gone",
		figure.Unsupported: "this kernel has no such figure for it",
		figure.NotMeasured: "it is not read here: a cgroup of this version has none, or nothing was done that would change it",
	}[f.State()]
	return value.Absent[T](value.Reason(f.State().String()), detail)
}
