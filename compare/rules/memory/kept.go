package memory

import (
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Kept lists what reclaim cannot free, and why. It is sorted as the rows are.
func (f Facts) Kept() []document.Kept {
	all, pages := f.keptPages()
	// Locked pages may already be listed for want of swap: only the excess is certain to be others.
	if locked, ok := f.Unevictable.Value(); ok && int64(min(locked, unbounded)) > pages {
		all = append(all, document.Kept{Kind: "unevictable", Bytes: value.Known(int64(locked) - pages),
			Reason: "locked in memory, by mlock or the like: the kernel never takes it, with or without swap"})
	}
	if bytes := f.keptKernel(); bytes > 0 {
		why := RuleOf(Kernel, f.Swap).KeptBecause
		if slices.ContainsFunc(f.Now, func(r Row) bool { return r.Kind == Kernel }) {
			why += "; reclaimable slab is part of it, but v1 does not report how much"
		}
		all = append(all, document.Kept{Kind: Kernel, Bytes: value.Known(bytes), Reason: why})
	}
	return all
}

// StillKept bounds what reclaim was expected to leave by what it has left: the kernel frees more of its own memory than the rows
// tell before.
func StillKept(expected []document.Kept, after []Row) []document.Kept {
	all := []document.Kept{}
	for _, k := range expected {
		left := Sum(after, k.Kind)
		if k.Kind == Kernel {
			left = SumGroup(after, Kernel)
		}
		was, known := k.Bytes.Get()
		is, ok := left.Get()
		if known && ok && k.Kind != "unevictable" { // which has no row
			k.Bytes = value.Known(min(was, is))
		}
		if v, ok := k.Bytes.Get(); !ok || v > 0 {
			all = append(all, k)
		}
	}
	return all
}

// keptPages lists what reclaim leaves of the program's memory, and returns how many bytes of it are kept for want of swap.
func (f Facts) keptPages() (all []document.Kept, pages int64) {
	all = []document.Kept{}
	available := int64(0)
	if bytes, known := f.Swap.Available(); known {
		available = int64(min(bytes, unbounded))
	}
	given := f.Swap.GivenUp(unbounded)
	for _, row := range f.Now {
		v, ok := row.Bytes.Get()
		if !ok || v <= 0 {
			continue
		}
		switch row.Group {
		case Anon, Shmem:
			if row.Group == Anon {
				dropped := min(v, given)
				given, v = given-dropped, v-dropped
			}
			swapped := min(v, available)
			available, v = available-swapped, v-swapped
			if v > 0 {
				pages += v
				all = append(all, document.Kept{Kind: row.Kind, Bytes: value.Known(v), Reason: f.Swap.Text()})
			}
		case Sock, Hugetlb:
			all = append(all, document.Kept{Kind: row.Kind, Bytes: row.Bytes, Reason: RuleOf(row.Kind, f.Swap).KeptBecause})
		}
	}
	return all, pages
}

// keptKernel returns the bytes of kernel memory that reclaim leaves, as far as they are known.
func (f Facts) keptKernel() (bytes int64) {
	for _, row := range f.Now {
		if v, ok := row.Bytes.Get(); ok && v > 0 && row.Group == Kernel && row.Kind != SlabReclaimable {
			bytes += v
		}
	}
	return bytes
}
