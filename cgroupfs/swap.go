package cgroupfs

import (
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// Swap is what decides whether anonymous pages of a cgroup can be swapped out. Sizes are in bytes.
type Swap struct {
	Total, Free figure.Figure // of this host
	Limit       figure.Figure // see [Details.SwapLimit]
	// Left is how much more of the cgroup may be swapped out under the limits: the least that this cgroup, or one above it,
	// has left. It is [figure.Max] if there is no limit, and always on v1, where a page that is swapped out still counts
	// towards memory.memsw.limit_in_bytes. Source: mm/swapfile.c, mem_cgroup_get_nr_swap_pages.
	Left figure.Figure
	// Swappiness is how eagerly the kernel swaps out. At 0, it does not when it reclaims from a cgroup. v2 has one value for
	// the host, v1 one for each cgroup. Source: mm/vmscan.c, get_scan_count; sysctl/vm.rst; cgroup-v1/memory.rst, section 5.3.
	Swappiness figure.Figure
	// ZswapOnly is 1 where pages can leave for the pool of zswap only, in which they stay charged, compressed: memory.zswap.writeback is
	// 0 here or above, and zswap is on. v2 since Linux 6.8. Source: cgroup-v2.rst, memory.zswap.writeback.
	ZswapOnly figure.Figure
}

// SwapLimit returns how much of the cgroup may be in swap at most, in bytes. v1 limits the sum of memory and swap, so all of
// that limit may be in swap.
func (d *Details) SwapLimit() figure.Figure {
	if d.V2.SwapLimit.Effective.State() != figure.NotMeasured {
		return d.V2.SwapLimit.Effective
	}
	return d.V1.MemswLimit.Effective
}

// Swap reads what Details does not contain.
func (g *Group) Swap(d *Details) Swap {
	info := proc.ReadMeminfo()
	s := Swap{Total: info.SwapTotal, Free: info.SwapFree, Limit: d.SwapLimit(), Left: figure.Without(figure.Max)}
	if g.Version == 1 {
		s.Swappiness = readFigure(g.folder("memory"), "memory.swappiness")
	} else {
		s.Left = swapLeft(ancestry(g.Path))
		s.Swappiness = readFigure("/proc/sys/vm", "swappiness")
		s.ZswapOnly = zswapOnly(ancestry(g.Path), "/sys/module/zswap/parameters")
	}
	if g.replaced() {
		s.Left = figure.Without(figure.Vanished)
		if g.Version == 1 {
			s.Swappiness = figure.Without(figure.Vanished)
		} else {
			s.ZswapOnly = figure.Without(figure.Vanished)
		}
	}
	return s
}

// zswapOnly is [Swap].ZswapOnly of a cgroup and those above it. parameters is the folder of zswap's module parameters.
func zswapOnly(folders []string, parameters string) figure.Figure {
	_, writeback, _ := smallest(folders, figureIn("memory.zswap.writeback"))
	if writeback.State() != figure.Present {
		return writeback
	}
	// Y or N: Documentation/admin-guide/mm/zswap.rst
	enabled, state := readFile(parameters, "enabled")
	switch {
	case state == figure.Unsupported: // a kernel without zswap
		return figure.Number(0)
	case state != figure.Present:
		return figure.Without(state)
	case writeback.Is(0) && len(enabled) > 0 && enabled[0] == 'Y':
		return figure.Number(1)
	}
	return figure.Number(0)
}

func swapLeft(folders []string) figure.Figure {
	_, left, _ := smallest(folders, func(folder string) figure.Figure {
		limit := readFigure(folder, "memory.swap.max")
		if limit.State() != figure.Present {
			return limit
		}
		used := readFigure(folder, "memory.swap.current")
		if used.State() != figure.Present {
			return used
		}
		return limit.Minus(used)
	})
	return left
}
