package report

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Page is the list: a line for each container.
func psPage(p *document.Ps) *Page {
	page := &Page{Title: "haltscope ps"}
	here := document.Host{CgroupVersion: p.Host.CgroupVersion, CgroupHybrid: p.Host.CgroupHybrid}
	page.line(0, fmt.Sprintf("%s · kernel %s%s", hostCgroups(here), p.Host.Kernel, psWindow(p)))
	g := &grid{header: []string{"name", "Docker says", "freezer", "CPU", "memory", "anon", "file", "shmem", "kernel", "swap", ""},
		right: []int{3, 4, 5, 6, 7, 8, 9}, wide: []int{0, 1, 2, 10}}
	for i := range p.Containers {
		psLineRow(&p.Containers[i], g)
	}
	page.table(0, g)
	return page
}

// window says over what time the CPU use is, which differs little between the lines.
func psWindow(p *document.Ps) string {
	var all []float64
	for i := range p.Containers {
		if ms, ok := p.Containers[i].CPU.WindowMs.Get(); ok {
			all = append(all, ms)
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return " · CPU over " + value.Duration(all[len(all)/2])
}

// file is the page cache without shared memory and tmpfs, which has a column of its own.
func psMemoryFile(m *document.PsMemory) value.Maybe[uint64] {
	file, ok := m.FileBytes.Get()
	shmem, known := m.ShmemBytes.Get()
	if !ok || !known {
		return m.FileBytes
	}
	return value.Known(file - min(file, shmem))
}

func psLineRow(l *document.PsLine, g *grid) {
	drift := ""
	if len(l.Drift) > 0 {
		drift = "⚠ " + strings.Join(l.Drift, ", ")
	}
	m := l.Memory
	g.row(l.Name, l.Docker.Status, psLineFreezerCell(l), psLineCpuCell(l), size(m.CurrentBytes), size(m.AnonBytes), size(psMemoryFile(&m)),
		size(m.ShmemBytes), size(m.KernelBytes), size(m.SwapBytes), span{drift, warn})
}

func psLineFreezerCell(l *document.PsLine) string {
	cell := freezerText(l.Freezer)
	if ms, ok := l.FrozenMs.Get(); ok {
		cell = "frozen for " + value.Age(ms)
	}
	return cell
}

func psLineCpuCell(l *document.PsLine) string {
	if percent, ok := l.CPU.Percent.Get(); ok {
		return fmt.Sprintf("%.1f %%", percent)
	}
	return why(l.CPU.Percent)
}
