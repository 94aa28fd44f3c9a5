package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// inContainer is how haltscope runs in a container, where it must.
const inContainer = "docker run --rm --privileged --pid host --cgroupns host -v /sys/fs/cgroup:/sys/fs/cgroup -v /var/run/docker.sock:/var/run/docker.sock IMAGE haltscope …     # an image with haltscope and docker"

// inside reports whether haltscope runs in namespaces that are not the machine's own.
func (f *Facts) inside() bool { return f.FirstPID.Is(0) || f.FirstCgroup.Is(0) }

func (f *Facts) namespaces() document.Condition {
	const name = "namespaces"
	var other []string
	if f.FirstPID.Is(0) {
		other = append(other, "PID")
	}
	if f.FirstCgroup.Is(0) {
		other = append(other, "cgroup")
	}
	_, known := f.FirstPID.Value()
	switch {
	case f.ProcErr != nil:
		return unfit(name, "not known: this process is not found in /proc: "+oneLine(f.ProcErr), "Processes cannot be read.", "mount -t proc proc /proc")
	case !f.OwnProc:
		return unfit(name, "/proc shows the processes of another PID namespace than the one that haltscope runs in",
			"The process ids read there are not those that the kernel takes from here.", "run haltscope on the host itself", inContainer)
	case f.Outside:
		return unfit(name, "another PID namespace than the docker daemon's, which is not seen from here",
			"The processes of its containers are not seen either.", "run haltscope on the host itself", inContainer)
	case len(other) == 0 && known:
		return ok(name, "the machine's own")
	case len(other) == 0:
		return unknown(name, "not known: /proc/self/ns/pid is "+f.FirstPID.State().String())
	}
	found := fmt.Sprintf("a container's, or alike: another %s namespace than the machine has booted with", strings.Join(other, " and "))
	if f.Tied {
		return limits(name, found, "The daemon's containers are seen from here all the same. What may not be done here (writing to cgroups, reading other processes), haltscope cannot do.")
	}
	return limits(name, found, "Cgroups and processes outside of it are not seen.", "run haltscope on the host itself", inContainer)
}

// unified is how a host comes to cgroup v2.
const unified = "boot with systemd.unified_cgroup_hierarchy=1 on the kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub)"

func (f *Facts) cgroups() document.Condition {
	const name = "cgroup version"
	switch {
	case f.CgroupsErr != nil:
		return unfit(name, oneLine(f.CgroupsErr), "All that the kernel knows of a container is in its cgroup.",
			"mount -t cgroup2 none /sys/fs/cgroup     # where no init has mounted it")
	case f.Cgroups.Version == 2:
		return ok(name, "2")
	}
	found := "1"
	if f.Cgroups.Hybrid {
		found = "1 (hybrid: v2 is mounted, too, without the controllers)"
	}
	return limits(name, found, "Memory is reclaimed all or not at all (reclaim --bytes is refused), the kernel's own memory is one figure, there is no pressure for each container, and nobody is notified of a freeze: watch looks every second.",
		unified)
}

// needs are the controllers and what they are for, under v2's names; v1 has others for two.
var needs = []struct{ v2, v1, means string }{
	{"memory", "memory", "No memory is told, limited or reclaimed"},
	{"cpu", "cpuacct", "CPU time of v1 is not told, nor CPU limits of v2"},
	{"pids", "pids", "The number of tasks and its limit are not told"},
	{"io", "blkio", "What is read and written is not told"},
}

func (f *Facts) controllers() document.Condition {
	const name = "controllers"
	switch {
	case f.CgroupsErr != nil:
		return unknown(name, "not known: no cgroups are found")
	case f.ControllersErr != nil:
		return unknown(name, "not known: "+oneLine(f.ControllersErr))
	}
	var missing, means []string
	for _, n := range needs {
		one := n.v2
		if f.Cgroups.Version == 1 {
			one = n.v1
		}
		if !slices.Contains(f.Controllers, one) {
			missing, means = append(missing, one), append(means, n.means)
		}
	}
	if len(missing) == 0 {
		return ok(name, "%s", strings.Join(f.Controllers, " "))
	}
	mend := []string{}
	if slices.Contains(missing, "memory") {
		if f.NoMemory {
			mend = append(mend, "boot without cgroup_disable=memory on the kernel's command line")
		} else {
			mend = append(mend, "boot with cgroup_enable=memory on the kernel's command line, where the kernel has it switched off")
		}
	}
	return limits(name, "without "+strings.Join(missing, ", "), strings.Join(means, "; ")+".", mend...)
}

func (f *Facts) freezer() document.Condition {
	const name = "freezer"
	newer, readable := value.VersionAtLeast(f.Kernel, "5.2")
	switch {
	case f.CgroupsErr != nil:
		return unknown(name, "not known: no cgroups are found")
	case f.Cgroups.Version == 1 && slices.Contains(f.Controllers, "freezer"):
		return ok(name, "v1's")
	case f.Cgroups.Version == 2 && f.Freezer == figure.Present:
		return ok(name, "v2's: cgroup.freeze")
	case f.Cgroups.Version == 2 && f.Freezer == figure.NotMeasured && (newer || !readable):
		return unknown(name, "not known: there is no cgroup below the root to look at")
	}
	return unfit(name, "none", "docker pause does not work, and no freeze can be told.", "boot a kernel of 5.2 or later, for cgroup.freeze")
}

func (f *Facts) reclaim() document.Condition {
	const name = "reclaim"
	newer, readable := value.VersionAtLeast(f.Kernel, "5.19")
	const means = "haltscope reclaim and compare --prove cannot have memory back from a container."
	switch {
	case f.CgroupsErr != nil || !slices.Contains(f.Controllers, "memory"):
		return unknown(name, "not known: there is no memory controller")
	case f.Cgroups.Version == 1:
		return limits(name, "memory.force_empty of v1", "All that the kernel can take is given back, or nothing. cgroup v2 mends it.")
	case f.Reclaim == figure.Present:
		return ok(name, "memory.reclaim")
	case f.Reclaim == figure.NotMeasured && newer:
		return ok(name, "memory.reclaim, by the kernel's version; no cgroup is there to show it")
	case f.Reclaim == figure.NotMeasured && !readable:
		return unknown(name, "not known: no cgroup is there to show it")
	}
	return limits(name, "no memory.reclaim", means, "boot a kernel of 5.19 or later")
}

func (f *Facts) kernelMemory() document.Condition {
	const name = "kernel memory"
	switch {
	case f.CgroupsErr != nil || !slices.Contains(f.Controllers, "memory"):
		return unknown(name, "not known: there is no memory controller")
	case f.NoKernelMemory:
		return limits(name, "not accounted: the kernel was booted with cgroup.memory=nokmem",
			"What the kernel holds for a container (page tables, stacks, slab) is not charged to it: its memory is told too small.",
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
		return limits(name, "none", "Anonymous memory of a paused container cannot be given back while its program lives: reclaim gets page cache alone.",
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
		return limits(name, "off", "inspect does not tell how long a container has waited for CPU, memory and IO.",
			"boot with psi=1 on the kernel's command line; Linux 4.20 and later, built with CONFIG_PSI")
	}
	return unknown(name, "not known: /proc/pressure/memory is "+f.Pressure.State().String())
}

// handles are what pidfd_open gives. Source: pidfd_open(2), since Linux 5.3.
func (f *Facts) handles() document.Condition {
	const name = "process handles"
	const means = "compare, check and predict --verify do not work. How a first process ends, and to watch when, is Docker's word alone."
	switch {
	case f.HandleErr == nil:
		return ok(name, "pidfd_open")
	case errors.Is(f.HandleErr, fs.ErrPermission):
		return limits(name, "forbidden, as by a seccomp profile: "+oneLine(f.HandleErr), means, "run haltscope on the host itself", inContainer)
	}
	return limits(name, "none: "+oneLine(f.HandleErr), means, "boot a kernel of 5.3 or later")
}

// waitStatus is what came with PIDFD_INFO_EXIT. Source: include/uapi/linux/pidfd.h.
func (f *Facts) waitStatus() document.Condition {
	const name = "how processes end"
	newer, readable := value.VersionAtLeast(f.Kernel, "6.15")
	switch {
	case !readable:
		return unknown(name, "not known: the kernel's version "+f.Kernel+" is of a form of its own")
	case newer:
		return ok(name, "kept by the kernel, %s", f.Kernel)
	}
	return limits(name, "not kept by the kernel, "+f.Kernel,
		"An exit code of 128 + signal may be the program's own: verdicts rest on what else is seen, and check --no-orphans cannot be judged.",
		"boot a kernel of 6.15 or later")
}
