package cgroupfs

// SwapLimit is how much of the cgroup may be in swap, in bytes. v1 limits memory and swap together, so that swapping out
// does not raise what is limited: all of that limit may be in swap.
func (d *Details) SwapLimit() Figure {
	if d.V2.SwapLimit.Effective.State() != NotMeasured {
		return d.V2.SwapLimit.Effective
	}
	return d.V1.MemswLimit.Effective
}

// Swap is what decides whether pages of a cgroup that have no file can leave memory. Sizes are in bytes.
type Swap struct {
	Total, Free Figure // of this host
	Limit       Figure // of the cgroup and those above it: what it may use at most
	// Left is how much more of it may go to swap by these limits: the least that any of the cgroups has left (mm/swapfile.c,
	// mem_cgroup_get_nr_swap_pages). [Max] where none limits it, as always on v1, where a page that goes to swap stays within
	// memory.memsw.limit_in_bytes.
	Left Figure
	// Swappiness is how willingly the kernel swaps out: at 0, not at all when it reclaims from a cgroup (mm/vmscan.c,
	// get_scan_count). v2 has one for the host, v1 one for each cgroup (sysctl/vm.rst; cgroup-v1/memory.rst, section 5.3).
	Swappiness Figure
}

// Swap reads it; what Details has of it is not read again.
func (g *Group) Swap(d *Details) Swap {
	info := ReadMeminfo()
	s := Swap{Total: info.SwapTotal, Free: info.SwapFree, Limit: d.SwapLimit(), Left: Without(Max)}
	if g.Version == 1 {
		s.Swappiness = readFigure(g.dir("memory"), "memory.swappiness")
	} else {
		s.Left = swapLeft(ancestry(g.Path))
		s.Swappiness = readFigure("/proc/sys/vm", "swappiness")
	}
	if g.replaced() {
		s.Left = Without(Vanished)
		if g.Version == 1 {
			s.Swappiness = Without(Vanished)
		}
	}
	return s
}

func swapLeft(dirs []string) Figure {
	_, left, _ := climb(dirs, func(dir string) Figure {
		limit := readFigure(dir, "memory.swap.max")
		if limit.State() != Present {
			return limit
		}
		used := readFigure(dir, "memory.swap.current")
		if used.State() != Present {
			return used
		}
		return limit.Minus(used)
	})
	return left
}
