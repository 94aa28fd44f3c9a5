package cgroupfs

import (
	"path/filepath"

	"haltscope/cgroupfs/figure"
)

// CPUs returns the CPUs on which the tasks of the cgroup may run. Without the cpuset controller, a v2 cgroup
// has no such file, and uses the CPUs of the nearest cgroup above it that has one.
//
//	0-3
//
// Source: cgroup-v2.rst, "cpuset.cpus.effective"; cgroup-v1/cpusets.rst, cpuset.effective_cpus.
func (g *Group) CPUs() figure.CPUList {
	name := "cpuset.cpus.effective"
	if g.Version == 1 {
		name = "cpuset.effective_cpus"
	}
	for _, dir := range ancestry(g.folder("cpuset")) {
		if dir == "" {
			break // not mounted
		}
		if cpus := figure.ReadCPUList(filepath.Join(dir, name)); cpus.State != figure.Unsupported {
			if g.replaced() {
				return figure.CPUList{State: figure.Vanished}
			}
			return cpus
		}
	}
	return figure.CPUList{State: figure.Unsupported}
}
