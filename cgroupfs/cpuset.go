package cgroupfs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// CPUs is a list of CPUs, ascending, which is there when State is [Present].
type CPUs struct {
	List  []int
	State State
}

// ReadOnlineCPUs lists the CPUs that this host has online.
func ReadOnlineCPUs() CPUs { return readCPUs("/sys/devices/system/cpu", "online") }

// CPUs are those on which its tasks may run. A v2 cgroup for which the cpuset controller is not on has no such file, and
// the CPUs of the nearest one above that has. Source: cgroup-v2.rst, "cpuset.cpus.effective"; cgroup-v1/cpusets.rst.
func (g *Group) CPUs() CPUs {
	name := "cpuset.cpus.effective"
	if g.Version == 1 {
		name = "cpuset.effective_cpus"
	}
	for _, dir := range ancestry(g.dir("cpuset")) {
		if cpus := readCPUs(dir, name); cpus.State != Unsupported {
			if g.replaced() {
				return CPUs{State: Vanished}
			}
			return cpus
		}
	}
	return CPUs{State: Unsupported}
}

func readCPUs(dir, name string) CPUs {
	if dir == "" {
		return CPUs{State: Unsupported}
	}
	file := filepath.Join(dir, name)
	data, err := os.ReadFile(file)
	if err != nil {
		return CPUs{State: stateOf(file, err)}
	}
	return parseCPUs(data)
}

// ParseCPUs reads a list as people write it for docker run --cpuset-cpus: as the kernel prints it, or in any order, or with
// one twice (moby, pkg/parsers, ParseUintList).
func ParseCPUs(list string) CPUs {
	var all CPUs
	for part := range strings.SplitSeq(list, ",") {
		one := parseCPUs([]byte(strings.TrimSpace(part)))
		if one.State != Present {
			return one
		}
		all.List = append(all.List, one.List...)
	}
	slices.Sort(all.List)
	return CPUs{slices.Compact(all.List), Present}
}

// parseCPUs reads a list of CPUs: numbers and ranges, ascending. Source: admin-guide/cputopology.rst.
//
//	0-3,5
func parseCPUs(data []byte) CPUs {
	const most = 1 << 13 // as many as a kernel can be built for (arch/x86/Kconfig, NR_CPUS_RANGE_END)
	c := CPUs{State: Present}
	next := uint64(0)
	for part := range bytes.SplitSeq(bytes.TrimSuffix(data, newline), []byte{','}) {
		low, high, isRange := bytes.Cut(part, []byte{'-'})
		if !isRange {
			high = low
		}
		first, ok := parseUint(low).Value()
		last, isNumber := parseUint(high).Value()
		if !ok || !isNumber || first < next || last < first || last >= most {
			return CPUs{State: Failed}
		}
		for next = first; next <= last; next++ {
			c.List = append(c.List, int(next))
		}
	}
	return c
}

// Count is how many they are.
func (c CPUs) Count() Figure {
	if c.State != Present {
		return Without(c.State)
	}
	return Number(uint64(len(c.List)))
}

// String is the list as the kernel prints it.
func (c CPUs) String() string {
	var parts []string
	for i := 0; i < len(c.List); {
		j := i
		for j+1 < len(c.List) && c.List[j+1] == c.List[j]+1 {
			j++
		}
		if part := fmt.Sprint(c.List[i]); i == j {
			parts = append(parts, part)
		} else {
			parts = append(parts, fmt.Sprintf("%s-%d", part, c.List[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}
