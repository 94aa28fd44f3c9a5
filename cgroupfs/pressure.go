package cgroupfs

import "bytes"

// Pressure is cpu.pressure, memory.pressure or io.pressure of v2: how much of the time some of the cgroup's tasks, or
// all that had work to do, waited for the resource.
type Pressure struct {
	Some, Full Stall
}

// Stall is a share of time, over the last 10, 60 and 300 seconds, in hundredths of a percent (18.37 % is 1837, which
// is as exact as the kernel tells), and the time itself since the cgroup was made, in microseconds.
type Stall struct {
	Avg10, Avg60, Avg300, Total Figure
}

// parsePressure reads one of the three. They came with 4.20; cpu.pressure has "full" since 5.13. With PSI off in the
// kernel or, by cgroup.pressure, in the cgroup, they are not there or cannot be read.
//
//	some avg10=0.00 avg60=0.24 avg300=0.84 total=6310651
//	full avg10=0.00 avg60=0.09 avg300=0.32 total=2986328
//
// Source: accounting/psi.rst.
func parsePressure(data []byte) Pressure {
	p := without[Pressure](Unsupported)
	for line := range bytes.Lines(data) {
		key, value, _ := bytes.Cut(line, space)
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
	unsupported := Without(Unsupported)
	s := Stall{unsupported, unsupported, unsupported, unsupported}
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
			s.Total = parseUint(value)
		}
	}
	return s
}

// parseHundredths reads a number that the kernel prints with two decimals: 1837 for "18.37".
func parseHundredths(value []byte) Figure {
	whole, decimals, _ := bytes.Cut(value, []byte{'.'})
	w, ok := parseUint(whole).Value()
	d, isNumber := parseUint(decimals).Value()
	if !ok || !isNumber || len(decimals) != 2 || w > 1<<32 {
		return Without(Failed)
	}
	return Number(w*100 + d)
}
