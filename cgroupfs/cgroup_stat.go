package cgroupfs

import "haltscope/cgroupfs/figure"

// CgroupStat is v2's cgroup.stat: how many cgroups are below this one, how many dying ones, which were removed and which the kernel
// keeps because something refers to them, and how many of these have a memory controller. The dying cgroup of a removed container is
// counted at its parent. Until Linux 7.0 each page charged to it keeps it; since 7.1 the pages pass to the parent as it is removed
// (mm/memcontrol.c, lru_reparent_memcg), and a dying cgroup says nothing about memory: with 7.2 one stayed after the page cache of its
// container had been dropped.
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
