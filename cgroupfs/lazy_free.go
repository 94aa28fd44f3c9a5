package cgroupfs

import (
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// LazyFree returns an upper bound of the memory, in bytes, that the processes of the cgroup have released by MADV_FREE and
// that the kernel can reclaim without swap. See [proc.LazyFree]. It makes the kernel walk their page tables.
func (g *Group) LazyFree() figure.Figure {
	pids, err := g.Members()
	switch {
	case err != nil && !g.Exists():
		return figure.Without(figure.Vanished)
	case err != nil:
		return figure.Without(figure.Failed)
	}
	members := make([]proc.Member, len(pids))
	for i, pid := range pids {
		members[i].Rollup, _ = proc.ReadSmapsRollup(pid) // its figures have the state
	}
	return proc.LazyFree(members)
}
