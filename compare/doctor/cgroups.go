package doctor

import (
	"slices"
	"strings"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// unreadCgroups says why it is not known whether cgroups have a file.
const unreadCgroups = "not known: the cgroups below the root could not be read"

const noCgroups = "not known: no cgroup file system was found"

func (f *Facts) cgroups() document.Condition {
	const name = "cgroup version"
	switch {
	case f.CgroupsErr != nil:
		return unfit(name, fault.Line(f.CgroupsErr), "Everything that the kernel reports about a container is in its cgroup.",
			"mount -t cgroup2 none /sys/fs/cgroup     # if no init has mounted it")
	case f.Cgroups.Version == 2:
		return ok(name, "2")
	}
	found := "1"
	if f.Cgroups.Hybrid {
		found = "1 (hybrid: v2 is mounted too, without the controllers)"
	}
	return limits(name, found,
		"Reclaim takes everything or nothing (reclaim --bytes is refused), kernel memory is a single figure, containers have no "+
			"pressure figures, and the kernel gives no notice of a freeze: watch looks every second. "+v1Ends, f.unified())
}

// controllers that haltscope needs, and what is missing without one. v1 has another name for two of them.
var needed = []struct{ v2, v1, means string }{
	{"memory", "memory", "Memory is not reported, limited or reclaimed"},
	{"cpu", "cpuacct", "CPU time (v1) or CPU limits (v2) are not reported"},
	{"pids", "pids", "The number of tasks and its limit are not reported"},
	{"io", "blkio", "Reads and writes are not reported"},
}

func (f *Facts) controllers() document.Condition {
	const name = "controllers"
	switch {
	case f.CgroupsErr != nil:
		return unknown(name, noCgroups)
	case f.ControllersErr != nil:
		return unknown(name, "not known: "+fault.Line(f.ControllersErr))
	}
	var missing, means, fix []string
	for _, n := range needed {
		controller := n.v2
		if f.Cgroups.Version == 1 {
			controller = n.v1
		}
		if !slices.Contains(f.Controllers, controller) {
			missing, means = append(missing, controller), append(means, n.means)
		}
	}
	if len(missing) == 0 {
		return ok(name, "%s", strings.Join(f.Controllers, " "))
	}
	if slices.Contains(missing, "memory") {
		fix = []string{"boot with cgroup_enable=memory on the kernel's command line, if the kernel has it disabled"}
		if f.MemoryDisabled.Is(1) {
			fix = []string{"boot without cgroup_disable=memory on the kernel's command line"}
		} else if optional, known := value.VersionAtLeast(f.Kernel, "6.11"); known && optional && f.Cgroups.Version == 1 {
			fix = []string{"boot a kernel with CONFIG_MEMCG_V1: since Linux 6.11 the memory controller of v1 is left out by default", f.unified()}
		}
	}
	return limits(name, "without "+strings.Join(missing, ", "), strings.Join(means, "; ")+".", fix...)
}

func (f *Facts) freezer() document.Condition {
	const name = "freezer"
	newer, parsed := value.VersionAtLeast(f.Kernel, "5.2")
	switch {
	case f.CgroupsErr != nil:
		return unknown(name, noCgroups)
	case f.Cgroups.Version == 1 && slices.Contains(f.Controllers, "freezer"):
		return ok(name, "freezer.state of v1")
	case f.Cgroups.Version == 2 && f.Freezer == figure.Present:
		return ok(name, "cgroup.freeze of v2")
	case f.Cgroups.Version == 2 && f.Freezer == figure.Failed:
		return unknown(name, unreadCgroups)
	case f.Cgroups.Version == 2 && f.Freezer == figure.NotMeasured && (newer || !parsed):
		return unknown(name, "not known: there is no cgroup below the root to look at")
	}
	return unfit(name, "none", "docker pause does not work, and no freeze can be seen.", "boot Linux 5.2 or later, which has cgroup.freeze")
}
