package cgroupfs

import "haltscope/cgroupfs/figure"

// MemoryHigh returns the amount of memory, in bytes, above which v2 throttles the tasks of the cgroup and reclaims from it: the
// smallest memory.high of the cgroup and those above it. v1 has none. Source: cgroup-v2.rst, "memory.high".
func (g *Group) MemoryHigh() Limit {
	if g.Version != 2 {
		none := figure.Without(figure.Unsupported)
		return Limit{Own: none, Effective: none}
	}
	return smallestFigure(ancestry(g.Path), figureIn("memory.high"))
}
