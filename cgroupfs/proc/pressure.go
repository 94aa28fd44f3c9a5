package proc

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// Pressure is pressure stall information: for how much of the time some tasks, or all tasks that had work to do, waited
// for a resource. /proc/pressure has it for the host, and a v2 cgroup for its own tasks.
type Pressure struct {
	Some, Full Stall
}

// Stall is the share of time that was lost, as averages over the last 10, 60 and 300 seconds in hundredths of a percent
// (18.37 % is 1837), and the total in microseconds.
type Stall struct {
	Avg10, Avg60, Avg300, Total figure.Figure
}

// ReadMemoryStall returns the time for which some task of the host has waited for memory since boot, in microseconds. It
// is [figure.Unsupported] if the kernel does not count it: it was built without, or booted with psi=0, where the file exists
// but cannot be opened (CONFIG_PSI_DEFAULT_DISABLED). Source: kernel/sched/psi.c.
func ReadMemoryStall() figure.Figure {
	data, state := figure.ReadFile("/proc/pressure/memory")
	if state != figure.Present {
		return figure.Without(state)
	}
	return ParsePressure(data).Some.Total
}

// ParsePressure parses a file of /proc/pressure, or a cgroup's cpu.pressure, memory.pressure or io.pressure.
//
//	some avg10=0.00 avg60=0.24 avg300=0.84 total=6310651
//	full avg10=0.00 avg60=0.09 avg300=0.32 total=2986328
//
// Source: accounting/psi.rst, since Linux 4.20. "full" of the CPU came with 5.13.
func ParsePressure(data []byte) Pressure {
	p := figure.AllWithout[Pressure](figure.Unsupported)
	for line := range bytes.Lines(data) {
		key, value, _ := bytes.Cut(line, []byte{' '})
		switch string(key) {
		case "some":
			p.Some = parseStall(value)
		case "full":
			p.Full = parseStall(value)
		}
	}
	return p
}

func parseStall(data []byte) Stall {
	s := figure.AllWithout[Stall](figure.Unsupported)
	for field := range bytes.FieldsSeq(data) {
		key, value, _ := bytes.Cut(field, []byte{'='})
		switch string(key) {
		case "avg10":
			s.Avg10 = parseHundredths(value)
		case "avg60":
			s.Avg60 = parseHundredths(value)
		case "avg300":
			s.Avg300 = parseHundredths(value)
		case "total":
			s.Total = figure.ParseUint(value)
		}
	}
	return s
}

// parseHundredths parses a number with two decimals, and returns 1837 for "18.37".
func parseHundredths(value []byte) figure.Figure {
	whole, decimals, _ := bytes.Cut(value, []byte{'.'})
	w, ok := figure.ParseUint(whole).Value()
	d, alsoOK := figure.ParseUint(decimals).Value()
	if !ok || !alsoOK || len(decimals) != 2 || w > 1<<32 {
		return figure.Without(figure.Failed)
	}
	return figure.Number(w*100 + d)
}
