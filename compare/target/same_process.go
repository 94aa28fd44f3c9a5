package target

import (
	"errors"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

// SameProcess reports whether the process that now has a PID is the one from before, by its PID and start time. It is absent
// where there was none before (nil), where pid is 0, where the process has ended, and where it could not be read.
func SameProcess(before *proc.Process, pid int) value.Maybe[bool] {
	if before == nil {
		return value.Absent[bool](value.NotMeasured, NoProcess)
	}
	return sameProcess(before.ID(), pid, proc.ReadStat)
}

// NoProcess is why processes before and after could not be compared.
const NoProcess = "there was no process before, or there is none now"

// sameProcess is [SameProcess] with another way to read /proc/PID/stat.
func sameProcess(before proc.ID, pid int, read readStat) value.Maybe[bool] {
	if pid == 0 {
		return value.Absent[bool](value.NotMeasured, NoProcess)
	}
	stat, err := read(pid)
	switch {
	case errors.Is(err, proc.ErrNoProcess):
		return value.Absent[bool](value.Vanished, "the first process has ended")
	case err != nil:
		return value.Absent[bool](value.Failed, err.Error())
	}
	return value.Known(stat.ID() == before)
}
