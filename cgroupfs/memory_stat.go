package cgroupfs

import "haltscope/cgroupfs/figure"

// MemoryStat is v2's memory.stat, in bytes except for the counters at its end. It counts the cgroup and those below it.
type MemoryStat struct {
	Anon, File, Kernel                                    figure.Figure
	KernelStack, Pagetables, SecPagetables, Percpu        figure.Figure
	Sock, Vmalloc, Shmem, Zswap, Zswapped, Swapcached     figure.Figure
	FileMapped, FileDirty, FileWriteback                  figure.Figure
	AnonThp, FileThp, ShmemThp, Hugetlb                   figure.Figure
	InactiveAnon, ActiveAnon, InactiveFile, ActiveFile    figure.Figure
	Unevictable, SlabReclaimable, SlabUnreclaimable, Slab figure.Figure

	// Counters, not bytes: page faults, those that waited for a device, and pages that were used again after they had been
	// reclaimed.
	Pgfault, Pgmajfault, WorkingsetRefaultAnon, WorkingsetRefaultFile figure.Figure
}

// parseMemoryStat parses v2's memory.stat.
//
//	anon 67244032
//	file 33558528
//	kernel 5378048
//	…
//
// Source: cgroup-v2.rst, "memory.stat"; mm/memcontrol.c, memory_stats[]. The two workingset_refault keys came with Linux 5.9,
// kernel and vmalloc with 5.18, zswap with 5.19, sec_pagetables with 6.1. The key hugetlb came with 6.14, and is present only
// if cgroup2 is mounted with memory_hugetlb_accounting.
func parseMemoryStat(data []byte, m *MemoryStat) {
	*m = figure.AllWithout[MemoryStat](figure.Unsupported)
	parseFlatKeyed(data, m.keys())
}

func (m *MemoryStat) keys() []keyed {
	return []keyed{
		{"anon", &m.Anon}, {"file", &m.File}, {"kernel", &m.Kernel}, {"kernel_stack", &m.KernelStack},
		{"pagetables", &m.Pagetables}, {"sec_pagetables", &m.SecPagetables}, {"percpu", &m.Percpu},
		{"sock", &m.Sock}, {"vmalloc", &m.Vmalloc}, {"shmem", &m.Shmem}, {"zswap", &m.Zswap},
		{"zswapped", &m.Zswapped}, {"file_mapped", &m.FileMapped}, {"file_dirty", &m.FileDirty},
		{"file_writeback", &m.FileWriteback}, {"swapcached", &m.Swapcached}, {"anon_thp", &m.AnonThp},
		{"file_thp", &m.FileThp}, {"shmem_thp", &m.ShmemThp}, {"hugetlb", &m.Hugetlb}, {"inactive_anon", &m.InactiveAnon},
		{"active_anon", &m.ActiveAnon}, {"inactive_file", &m.InactiveFile}, {"active_file", &m.ActiveFile},
		{"unevictable", &m.Unevictable}, {"slab_reclaimable", &m.SlabReclaimable},
		{"slab_unreclaimable", &m.SlabUnreclaimable}, {"slab", &m.Slab},
		{"workingset_refault_anon", &m.WorkingsetRefaultAnon}, {"workingset_refault_file", &m.WorkingsetRefaultFile},
		{"pgfault", &m.Pgfault}, {"pgmajfault", &m.Pgmajfault},
	}
}
