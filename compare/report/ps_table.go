package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Table lays the list out for a terminal.
func (p *Ps) Table(w io.Writer, o TableOptions) error { return p.Page().write(w, o) }

// Page is the list: a line for each container.
func (p *Ps) Page() *Page {
	page := &Page{Title: "haltscope ps"}
	here := Host{CgroupVersion: p.Host.CgroupVersion, CgroupHybrid: p.Host.CgroupHybrid}
	page.line(0, fmt.Sprintf("%s · kernel %s%s", here.cgroups(), p.Host.Kernel, p.window()))
	g := &grid{header: []string{"name", "Docker says", "freezer", "CPU", "memory", "anon", "file", "shmem", "kernel", "swap", ""},
		right: []int{3, 4, 5, 6, 7, 8, 9}, wide: []int{0, 1, 2, 10}}
	for i := range p.Containers {
		p.Containers[i].row(g)
	}
	page.table(0, g)
	return page
}

// window says over what time the CPU use is, which differs little between the lines.
func (p *Ps) window() string {
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
	return " · CPU over " + Duration(all[len(all)/2])
}

// file is the page cache without shared memory and tmpfs, which has a column of its own.
func (m *PsMemory) file() Maybe[uint64] {
	file, ok := m.FileBytes.Get()
	shmem, known := m.ShmemBytes.Get()
	if !ok || !known {
		return m.FileBytes
	}
	return Known(file - min(file, shmem))
}

func (l *PsLine) row(g *grid) {
	drift := ""
	if len(l.Drift) > 0 {
		drift = "⚠ " + strings.Join(l.Drift, ", ")
	}
	m := l.Memory
	g.row(l.Name, l.Docker.Status, l.freezerCell(), l.cpuCell(), size(m.CurrentBytes), size(m.AnonBytes), size(m.file()),
		size(m.ShmemBytes), size(m.KernelBytes), size(m.SwapBytes), span{drift, warn})
}

func (l *PsLine) freezerCell() string {
	cell := freezerText(l.Freezer)
	if ms, ok := l.FrozenMs.Get(); ok {
		cell = "frozen for " + Age(ms)
	}
	return cell
}

func (l *PsLine) cpuCell() string {
	if percent, ok := l.CPU.Percent.Get(); ok {
		return fmt.Sprintf("%.1f %%", percent)
	}
	return why(l.CPU.Percent)
}
