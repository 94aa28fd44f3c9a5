package cgroupfs

import "haltscope/cgroupfs/figure"

// Strain is what can make the processes of a cgroup slow, or their forks fail: limits, and how often they were reached. Each figure
// has its own state.
type Strain struct {
	CPULimit      CPULimit
	ThrottledUsec figure.Figure // time for which its tasks had used up the quota, in microseconds; 0 without a quota
	ForksFailed   figure.Figure // pids.events: max, of the cgroup itself; see parsePidsEvents
}

// Strain reads the files, each once.
func (g *Group) Strain() Strain {
	s := Strain{ForksFailed: readParsed(g.folder("pids"), "pids.events", parsePidsEvents)}
	if g.Version == 2 {
		all := ancestry(g.Path)
		s.CPULimit = smallestQuota(all, func(folder string) CPUQuota { return readStruct(folder, "cpu.max", parseCPUMax) })
		s.ThrottledUsec = readStruct(g.Path, "cpu.stat", parseCPUStat).ThrottledUsec
	} else {
		cpu := g.folder("cpu")
		s.CPULimit = smallestQuota(ancestry(cpu), readCFSQuota)
		s.ThrottledUsec = readStruct(cpu, "cpu.stat", parseCPUStatV1).ThrottledTime.DividedBy(1000)
	}
	if g.replaced() {
		return figure.AllWithout[Strain](figure.Vanished)
	}
	return s
}
