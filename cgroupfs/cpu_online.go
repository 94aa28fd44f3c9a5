package cgroupfs

import (
	"bytes"
	"os"
)

// ReadOnlineCPUs returns how many CPUs this host has online.
func ReadOnlineCPUs() Figure {
	const file = "/sys/devices/system/cpu/online"
	data, err := os.ReadFile(file)
	if err != nil {
		return Without(stateOf(file, err))
	}
	return parseCPUList(data)
}

// parseCPUList counts a list of CPUs: numbers and ranges, ascending. Source: admin-guide/cputopology.rst.
//
//	0-3,5
func parseCPUList(data []byte) Figure {
	next, count := uint64(0), uint64(0)
	for part := range bytes.SplitSeq(bytes.TrimSuffix(data, newline), []byte{','}) {
		low, high, isRange := bytes.Cut(part, []byte{'-'})
		if !isRange {
			high = low
		}
		first, ok := parseUint(low).Value()
		last, isNumber := parseUint(high).Value()
		if !ok || !isNumber || first < next || last < first || last > 1<<20 {
			return Without(Failed)
		}
		next, count = last+1, count+last-first+1
	}
	return Number(count)
}
