package memory

import (
	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
)

// Facts are what [Explain] and [Facts.Reclaimable] rest on.
type Facts struct {
	Name         string // of the container, for commands to paste; "" for a throwaway container
	Before       []Row  // before it was paused; nil if not measured
	Now          []Row
	Tolerance    uint64 // see [Tolerance]
	Swap         Swap
	Unevictable  figure.Figure // see [Unevictable]
	LockedBy     string        // the processes that lock pages, as a clause; "" if not known
	NoReclaim    bool          // this kernel offers no reclaim of a cgroup
	Frozen       bool
	EndCommand   string // that ends the program, where docker stop does not; "" where it does
	Unpausable   bool   // docker unpause would thaw it: docker pause froze it, and no ancestor is frozen
	FrozenSource string // the kernel file that says whether it is frozen
	Processes    int    // −1 if they could not be counted
}

// Unevictable returns how many bytes of the pages the kernel never takes: mlock, SHM_LOCK, ramfs. They are part of the rows of
// anonymous memory, page cache and shared memory; the kernel does not report which.
func Unevictable(r *cgroupfs.Reading, version int) figure.Figure {
	if version == 2 {
		return r.Stat.Unevictable
	}
	return r.StatV1.TotalUnevictable
}

// Reclaimable returns how many bytes reclaim may free at most: page cache, what the program gave up with MADV_FREE, reclaimable slab,
// and pages without a file as far as swap has space for them, less pages that are locked. A row without a figure adds nothing.
func (f Facts) Reclaimable() int64 {
	file, slab := f.sum(File), f.sum(SlabReclaimable)
	anon, pages := f.sum(Anon, AnonTHP), f.sum(Anon, AnonTHP, Shmem)
	given := f.Swap.GivenUp(anon)
	bytes := file + given
	if available, known := f.Swap.Available(); known {
		bytes += min(pages-given, int64(min(available, unbounded)))
	}
	if locked, ok := f.Unevictable.Value(); ok {
		bytes = min(bytes, max(0, file+pages-int64(min(locked, unbounded))))
	}
	return bytes + slab
}

// sum adds up some rows of f.Now; it is 0 if that is not known.
func (f Facts) sum(kinds ...string) int64 {
	if v, ok := Sum(f.Now, kinds...).Get(); ok {
		return v
	}
	return 0
}
