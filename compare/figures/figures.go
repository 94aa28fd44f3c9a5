package figures

import (
	"haltscope/cgroupfs"
	"haltscope/compare/value"
)

// Number is a kernel figure as a value of the document.
func Number(f cgroupfs.Figure) value.Maybe[uint64] {
	if v, ok := f.Value(); ok {
		return value.Known(v)
	}
	return Without[uint64](f)
}

// Signed is a kernel figure as a value that others are taken off.
func Signed(f cgroupfs.Figure) value.Maybe[int64] {
	if v, ok := f.Value(); ok {
		return value.Known(int64(v))
	}
	return Without[int64](f)
}

// Flag is a kernel figure of 0 or 1 as a value of the document.
func Flag(f cgroupfs.Figure) value.Maybe[bool] {
	if v, ok := f.Value(); ok {
		return value.Known(v != 0)
	}
	return Without[bool](f)
}

// Without is a value that is not there because the figure it comes from is not.
func Without[T any](f cgroupfs.Figure) value.Maybe[T] {
	detail := map[cgroupfs.State]string{
		cgroupfs.Max:         "there is no limit",
		cgroupfs.Vanished:    "the cgroup or process is gone",
		cgroupfs.Unsupported: "this kernel has no such figure for it",
		cgroupfs.NotMeasured: "it is not read here: a cgroup of this version has none, or nothing was done that would change it",
	}[f.State()]
	return value.Absent[T](f.State().String(), detail)
}
