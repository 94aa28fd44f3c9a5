package memory

import "haltscope/cgroupfs"

// Tolerance returns how many bytes may be unattributed on a settled cgroup: the larger of 1 % of what is charged and batch, plus
// the swap cache. Pages in the swap cache that nobody maps are charged, but counted only as swapcached. A figure that is missing
// adds nothing.
func Tolerance(r *cgroupfs.Reading, batch uint64) uint64 {
	tolerance := batch
	if current, ok := r.Memory.Current.Value(); ok {
		tolerance = max(tolerance, current/100)
	}
	if swapcached, ok := r.Stat.Swapcached.Value(); ok {
		tolerance += swapcached
	}
	if swapcached, ok := r.StatV1.TotalSwapcached.Value(); ok {
		tolerance += swapcached
	}
	return tolerance
}

// Batch returns how many bytes the kernel may charge to a cgroup in advance: 64 pages for each CPU (MEMCG_CHARGE_BATCH,
// include/linux/memcontrol.h). Since Linux 6.16 a CPU does so for up to seven cgroups at a time, and not for one alone
// (NR_MEMCG_STOCK, mm/memcontrol.c): for each of them the bound is the same. What is charged in advance to cgroups below adds to it.
func Batch(cpus, pageSize int) uint64 { return 64 * uint64(cpus) * uint64(pageSize) }
