package cgroupfs

// MemoryStat is memory.stat of cgroup v2, in bytes but for the last four. It counts the cgroup and all below it. A key
// that this kernel does not print is Unsupported: `kernel` came with 5.18, `vmalloc` with 5.18, `zswap` with 5.19, `sec_pagetables` with
// 6.1, `hugetlb` with 6.14, and only where cgroup2 is mounted with memory_hugetlb_accounting.
//
//	anon 67244032
//	file 33558528
//	kernel 5378048
//	…
//
// Source: cgroup-v2.rst, "memory.stat"; mm/memcontrol.c, memory_stats[].
type MemoryStat struct {
	Anon, File, Kernel                                    Figure
	KernelStack, Pagetables, SecPagetables, Percpu        Figure
	Sock, Vmalloc, Shmem, Zswap, Zswapped, Swapcached     Figure
	FileMapped, FileDirty, FileWriteback                  Figure
	AnonThp, FileThp, ShmemThp, Hugetlb                   Figure
	InactiveAnon, ActiveAnon, InactiveFile, ActiveFile    Figure
	Unevictable, SlabReclaimable, SlabUnreclaimable, Slab Figure

	// Counters, not bytes: page faults, those of them that waited for a device, and the pages that came back after
	// reclaim had taken them (in two kinds since 5.9).
	Pgfault, Pgmajfault, WorkingsetRefaultAnon, WorkingsetRefaultFile Figure
}

func parseMemoryStat(data []byte, m *MemoryStat) {
	*m = without[MemoryStat](Unsupported)
	flatKeyed(data, m.keys())
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
