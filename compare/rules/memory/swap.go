package memory

import (
	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/value"
)

// unbounded stands for more bytes than any machine has, and leaves headroom for additions.
const unbounded = 1 << 62

// Swap decides whether pages without a file can leave memory.
type Swap struct {
	cgroupfs.Swap
	LazyFree figure.Figure // bytes that the program gave up with MADV_FREE, at most; see [haltscope/cgroupfs/proc.LazyFree]
}

// GivenUp returns how many of anon bytes of anonymous memory reclaim may drop without swap, at most. It is 0 if that is not known.
func (s Swap) GivenUp(anon int64) int64 {
	lazy, ok := s.LazyFree.Value()
	if !ok {
		return 0
	}
	return max(0, min(anon, int64(min(lazy, unbounded))))
}

// Available returns how many more bytes of the cgroup can be swapped out, and false if that is not known.
func (s Swap) Available() (uint64, bool) {
	free, ok := s.Free.Value()
	switch {
	case !ok:
		return 0, false
	case s.Swappiness.Is(0):
		return 0, true
	case s.ZswapOnly.Is(1): // how far zswap can compress is not known
		return 0, false
	}
	if left, ok := s.Left.Value(); ok {
		return min(free, left), true
	}
	return free, s.Left.State() == figure.Max || s.Left.State() == figure.Unsupported
}

// Text says in a clause how much can be swapped out.
func (s Swap) Text() string {
	available, known := s.Available()
	switch {
	case s.Total.Is(0):
		return "this host has no swap"
	case s.Limit.Is(0):
		return "this container may not use swap"
	case s.Swappiness.Is(0):
		return "swappiness is 0, so reclaim swaps nothing out"
	case s.ZswapOnly.Is(1):
		return "its pages can leave for the pool of zswap only, where they stay charged, compressed (memory.zswap.writeback is 0)"
	case !known:
		return "how much swap it may use is not known"
	case available == 0:
		return "no swap is left for it"
	}
	return value.Bytes(available) + " of swap is free for it"
}
