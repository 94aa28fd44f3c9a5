package figure

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// CPUList is a list of CPUs, ascending. There is a list if State is [Present].
type CPUList struct {
	List  []int
	State State
}

// maxCPUs is the largest number of CPUs that a kernel can be built for. Source: arch/x86/Kconfig, NR_CPUS_RANGE_END.
const maxCPUs = 1 << 13

// ReadCPUList reads a kernel file that holds a list of CPUs.
func ReadCPUList(path string) CPUList {
	data, state := ReadFile(path)
	if state != Present {
		return CPUList{State: state}
	}
	return parseCPUList(data)
}

// parseCPUList parses a list of CPUs as the kernel prints it: numbers and ranges, ascending.
//
//	0-3,5
//
// Source: admin-guide/cputopology.rst.
func parseCPUList(data []byte) CPUList {
	cpus := CPUList{State: Present}
	next := uint64(0)
	for part := range bytes.SplitSeq(bytes.TrimSuffix(data, newline), []byte{','}) {
		low, high, isRange := bytes.Cut(part, []byte{'-'})
		if !isRange {
			high = low
		}
		first, ok := ParseUint(low).Value()
		last, alsoOK := ParseUint(high).Value()
		if !ok || !alsoOK || first < next || last < first || last >= maxCPUs {
			return CPUList{State: Failed}
		}
		for next = first; next <= last; next++ {
			cpus.List = append(cpus.List, int(next))
		}
	}
	return cpus
}

// ParseCPUList parses a list of CPUs as users write it for docker run --cpuset-cpus: in any order, and possibly with
// duplicates. Source: moby, pkg/parsers, ParseUintList.
func ParseCPUList(list string) CPUList {
	cpus := CPUList{State: Present}
	for part := range strings.SplitSeq(list, ",") {
		one := parseCPUList([]byte(strings.TrimSpace(part)))
		if one.State != Present {
			return one
		}
		cpus.List = append(cpus.List, one.List...)
	}
	slices.Sort(cpus.List)
	cpus.List = slices.Compact(cpus.List)
	return cpus
}

// Count returns the number of CPUs.
func (c CPUList) Count() Figure {
	if c.State != Present {
		return Without(c.State)
	}
	return Number(uint64(len(c.List)))
}

// String formats the list as the kernel prints it.
func (c CPUList) String() string {
	var parts []string
	for i := 0; i < len(c.List); {
		last := i
		for last+1 < len(c.List) && c.List[last+1] == c.List[last]+1 {
			last++
		}
		part := fmt.Sprint(c.List[i])
		if last > i {
			part = fmt.Sprintf("%s-%d", part, c.List[last])
		}
		parts = append(parts, part)
		i = last + 1
	}
	return strings.Join(parts, ",")
}
