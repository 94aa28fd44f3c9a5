package cgroupfs

import "haltscope/cgroupfs/figure"

// CgroupStat is v2's cgroup.stat: how many cgroups are below this one, how many dying ones, which were removed but are still
// charged for memory or other resources, and how many of these for memory. The dying cgroup of a removed container is
// counted at its parent.
type CgroupStat struct {
	NrDescendants, NrDyingDescendants, NrDyingSubsysMemory figure.Figure
}

// parseCgroupStat parses v2's cgroup.stat.
//
//	nr_descendants 3
//	nr_subsys_memory 4
//	nr_dying_descendants 1
//	nr_dying_subsys_memory 1
//	…
//
// Source: cgroup-v2.rst, "cgroup.stat". nr_dying_subsys_memory came with Linux 6.12.
func parseCgroupStat(data []byte) CgroupStat {
	c := figure.AllWithout[CgroupStat](figure.Unsupported)
	parseFlatKeyed(data, []keyed{
		{"nr_descendants", &c.NrDescendants}, {"nr_dying_descendants", &c.NrDyingDescendants},
		{"nr_dying_subsys_memory", &c.NrDyingSubsysMemory},
	})
	return c
}
