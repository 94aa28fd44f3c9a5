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

// Batch returns how many bytes the kernel may charge in advance: 64 pages for each CPU (MEMCG_CHARGE_BATCH,
// include/linux/memcontrol.h).
func Batch(cpus, pageSize int) uint64 { return 64 * uint64(cpus) * uint64(pageSize) }
