package report

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// psPage shows a line for each container.
func psPage(d *document.Ps) *page {
	p := &page{title: "haltscope ps"}
	p.line(0, fmt.Sprintf("%s · kernel %s%s", cgroupName(d.Host.CgroupVersion, d.Host.CgroupHybrid), d.Host.Kernel, cpuWindow(d)))
	g := &grid{header: []string{"name", "Docker says", "freezer", "CPU", "memory", "anon", "file", "shmem", "kernel", "swap", ""},
		right: []int{3, 4, 5, 6, 7, 8, 9}, wide: []int{0, 1, 2, 10}}
	for i := range d.Containers {
		l := &d.Containers[i]
		m := &l.Memory
		drift := ""
		if len(l.Drift) > 0 {
			drift = "⚠ " + strings.Join(l.Drift, ", ")
		}
		g.row(l.Name, l.Docker.Status, psFreezerCell(l), psCPUCell(l), size(m.CurrentBytes), size(m.AnonBytes), size(fileWithoutShmem(m)),
			size(m.ShmemBytes), size(m.KernelBytes), size(m.SwapBytes), span{drift, warn})
	}
	p.gridOf(0, g)
	return p
}

// cpuWindow returns the median time over which CPU use was measured. It differs little between containers.
func cpuWindow(d *document.Ps) string {
	var all []float64
	for i := range d.Containers {
		if ms, ok := d.Containers[i].CPU.WindowMs.Get(); ok {
			all = append(all, ms)
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return " · CPU over " + value.Duration(all[len(all)/2])
}

// fileWithoutShmem returns the page cache without shared memory and tmpfs, which have a column of their own.
func fileWithoutShmem(m *document.PsMemory) value.Maybe[uint64] {
	file, ok := m.FileBytes.Get()
	shmem, known := m.ShmemBytes.Get()
	if !ok || !known {
		return m.FileBytes
	}
	return value.Known(file - min(file, shmem))
}

func psFreezerCell(l *document.PsLine) string {
	if ms, ok := l.FrozenMs.Get(); ok {
		return "frozen for " + value.Age(ms)
	}
	if cell := freezerCell(l.Freezer); cell != notFrozen {
		return cell
	}
	return "not frozen"
}

func psCPUCell(l *document.PsLine) string {
	if percent, ok := l.CPU.Percent.Get(); ok {
		return fmt.Sprintf("%.1f %%", percent)
	}
	return why(l.CPU.Percent)
}
