package cgroupfs

import "haltscope/cgroupfs/figure"

// MemoryStatV1 holds the total_ keys of v1's memory.stat, in bytes except for the counters at its end. Like those of v2, they
// count the cgroup and those below it. Slab is not in it: memory.kmem.usage_in_bytes counts all kernel memory.
type MemoryStatV1 struct {
	TotalCache, TotalRSS, TotalRSSHuge, TotalShmem                         figure.Figure
	TotalMappedFile, TotalDirty, TotalWriteback, TotalSwap                 figure.Figure
	TotalInactiveAnon, TotalActiveAnon, TotalInactiveFile, TotalActiveFile figure.Figure
	TotalUnevictable, TotalSwapcached                                      figure.Figure // the latter only on newer kernels

	// HierarchicalMemoryLimit is the smallest limit of the cgroup and those above it, [figure.Max] if there is none.
	HierarchicalMemoryLimit figure.Figure

	// Counters, not bytes: page faults, and those that waited for a device.
	TotalPgfault, TotalPgmajfault figure.Figure
}

// parseMemoryStatV1 parses v1's memory.stat.
//
//	total_cache 33562624
//	total_rss 67137536
//	total_shmem 0
//	…
//
// Source: cgroup-v1/memory.rst, section 5.2.
func parseMemoryStatV1(data []byte, m *MemoryStatV1) {
	*m = figure.AllWithout[MemoryStatV1](figure.Unsupported)
	parseFlatKeyed(data, m.keys())
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
