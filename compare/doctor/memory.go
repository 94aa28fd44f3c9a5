package doctor

import (
	"slices"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

const noMemoryController = "not known: there is no memory controller"

func (f *Facts) hasMemoryController() bool {
	return f.CgroupsErr == nil && slices.Contains(f.Controllers, "memory")
}

func (f *Facts) reclaim() document.Condition {
	const name = "reclaim"
	newer, parsed := value.VersionAtLeast(f.Kernel, "5.19")
	switch {
	case !f.hasMemoryController():
		return unknown(name, noMemoryController)
	case f.Cgroups.Version == 1:
		return limits(name, "memory.force_empty of v1", "Reclaim takes all that the kernel can take, or nothing. cgroup v2 fixes that.")
	case f.Reclaim == figure.Present:
		return ok(name, "memory.reclaim")
	case f.Reclaim == figure.Failed:
		return unknown(name, unreadCgroups)
	case f.Reclaim == figure.NotMeasured && newer:
		return ok(name, "memory.reclaim, by the kernel's version; there is no cgroup to prove it")
	case f.Reclaim == figure.NotMeasured && !parsed:
		return unknown(name, "not known: there is no cgroup to look at")
	}
	return limits(name, "no memory.reclaim", "haltscope reclaim and compare --prove cannot take memory from a container.",
		"boot Linux 5.19 or later")
}

func (f *Facts) kernelMemory() document.Condition {
	const name = "kernel memory"
	disabled, known := f.KernelMemoryDisabled.Value()
	switch {
	case !f.hasMemoryController():
		return unknown(name, noMemoryController)
	case !known:
		return unknown(name, "not known: /proc/cmdline is "+f.KernelMemoryDisabled.State().String())
	case disabled == 1:
		return limits(name, "not accounted: the kernel was booted with cgroup.memory=nokmem",
			"Memory that the kernel holds for a container (page tables, stacks, slab) is not charged to it, so its memory is reported too low.",
			"boot without cgroup.memory=nokmem on the kernel's command line")
	}
	return ok(name, "accounted")
}

func (f *Facts) swap() document.Condition {
	const name = "swap"
	total, known := f.Swap.Value()
	switch {
	case !known:
		return unknown(name, "not known: SwapTotal of /proc/meminfo is "+f.Swap.State().String())
	case total == 0:
		return limits(name, "none",
			"Anonymous memory of a paused container cannot be reclaimed while its program lives: reclaim gets only page cache.",
			"fallocate -l 2G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile")
	}
	return ok(name, "%s", value.Bytes(total))
}

func (f *Facts) pressure() document.Condition {
	const name = "pressure (PSI)"
	switch f.Pressure.State() {
	case figure.Present:
		return ok(name, "accounted")
	case figure.Unsupported:
		return limits(name, "off", "inspect does not report how long a container waited for CPU, memory and I/O.",
			"boot with psi=1 on the kernel's command line; this needs Linux 4.20 or later, built with CONFIG_PSI")
	}
	return unknown(name, "not known: /proc/pressure/memory is "+f.Pressure.State().String())
}
