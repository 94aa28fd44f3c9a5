package cgroupfs

// CgroupStat is v2's cgroup.stat: how many cgroups are below this one, and how many were removed but are still charged
// with memory or the like. Those of a removed container are counted at its parent. `nr_dying_subsys_memory`, those of
// them that still hold memory, came with 6.12.
//
//	nr_descendants 3
//	nr_subsys_memory 4
//	nr_dying_descendants 1
//	nr_dying_subsys_memory 1
//	…
//
// Source: cgroup-v2.rst, "cgroup.stat".
type CgroupStat struct {
	NrDescendants, NrDyingDescendants, NrDyingSubsysMemory Figure
}

func parseCgroupStat(data []byte) CgroupStat {
	c := without[CgroupStat](Unsupported)
	flatKeyed(data, []keyed{{"nr_descendants", &c.NrDescendants}, {"nr_dying_descendants", &c.NrDyingDescendants}, {"nr_dying_subsys_memory", &c.NrDyingSubsysMemory}})
	return c
}

// parseFrozenUsec reads `frozen_usec` of v2's cgroup.stat.local, since 6.18: the time in microseconds from each
// request to freeze, be it an ancestor's, to that to thaw. Whether freezing was ever complete does not matter to it.
//
//	frozen_usec 3600125
//
// Source: cgroup-v2.rst, "cgroup.stat.local".
func parseFrozenUsec(data []byte) Figure { return oneKey(data, "frozen_usec") }
