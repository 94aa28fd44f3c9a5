package cgroupfs

// MemoryStatV1 is memory.stat of cgroup v1, in bytes but for the counters: the total_ keys, which count the cgroup and
// all below it, as v2's do. v1 has no slab here: kernel memory is memory.kmem.usage_in_bytes.
//
//	total_cache 33562624
//	total_rss 67137536
//	total_shmem 0
//	…
//
// Source: cgroup-v1/memory.rst, section 5.2.
type MemoryStatV1 struct {
	TotalCache, TotalRSS, TotalRSSHuge, TotalShmem                         Figure
	TotalMappedFile, TotalDirty, TotalWriteback, TotalSwap                 Figure
	TotalInactiveAnon, TotalActiveAnon, TotalInactiveFile, TotalActiveFile Figure
	TotalUnevictable, TotalSwapcached                                      Figure // swapcached on newer kernels

	// HierarchicalMemoryLimit is the smallest limit of the cgroup and those above it; [Max] when there is none.
	HierarchicalMemoryLimit Figure

	// Counters, not bytes: page faults, and those of them that waited for a device.
	TotalPgfault, TotalPgmajfault Figure
}

func parseMemoryStatV1(data []byte, m *MemoryStatV1) {
	*m = without[MemoryStatV1](Unsupported)
	flatKeyed(data, m.keys())
	m.HierarchicalMemoryLimit = limitV1(m.HierarchicalMemoryLimit)
}

func (m *MemoryStatV1) keys() []keyed {
	return []keyed{
		{"hierarchical_memory_limit", &m.HierarchicalMemoryLimit}, {"total_cache", &m.TotalCache},
		{"total_rss", &m.TotalRSS}, {"total_rss_huge", &m.TotalRSSHuge}, {"total_shmem", &m.TotalShmem},
		{"total_mapped_file", &m.TotalMappedFile}, {"total_dirty", &m.TotalDirty},
		{"total_writeback", &m.TotalWriteback}, {"total_swap", &m.TotalSwap}, {"total_pgfault", &m.TotalPgfault},
		{"total_pgmajfault", &m.TotalPgmajfault}, {"total_inactive_anon", &m.TotalInactiveAnon},
		{"total_active_anon", &m.TotalActiveAnon}, {"total_inactive_file", &m.TotalInactiveFile},
		{"total_active_file", &m.TotalActiveFile}, {"total_unevictable", &m.TotalUnevictable},
		{"total_swapcached", &m.TotalSwapcached},
	}
}
