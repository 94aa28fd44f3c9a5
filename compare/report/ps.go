package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// The columns of haltscope ps.
const (
	psName = iota
	psState
	psCPU
	psMemory
	psLimit
	psAnon
	psFile
	psShmem
	psKernel
	psSwap
	psFinding
	psLastEnd
)

// psPage shows a line for each container, their sum, and what the machine has.
func psPage(d *document.Ps) *page {
	p := &page{title: "haltscope ps"}
	p.line(0, fmt.Sprintf("%s · kernel %s%s", cgroupName(d.Host.CgroupVersion, d.Host.CgroupHybrid), d.Host.Kernel, cpuSince(d)))
	if len(d.Containers) == 0 {
		p.line(0, "no containers")
		return p
	}
	g := &grid{header: []string{"NAME", "STATE", "CPU", "MEMORY", "LIMIT", "ANON", "FILE", "SHMEM", "KERNEL", "SWAP", "FINDING", "LAST END"},
		right: []int{psCPU, psMemory, psLimit, psAnon, psFile, psShmem, psKernel, psSwap}, wide: []int{psState, psFinding},
		whole: []int{psName, psCPU, psMemory, psLimit, psLastEnd}, extra: []int{psSwap, psKernel, psShmem, psFile, psAnon},
		names: true}
	ended := slices.ContainsFunc(d.Containers, func(l document.PsLine) bool { return lastEndCell(l.LastEnd, "").text != "" })
	if ended {
		g.extra = append(g.extra, psLimit) // how they ended matters more
	}
	for i := range d.Containers {
		l := &d.Containers[i]
		m := &l.Memory
		state := span{text: psStateCell(l, d.Host.ReportedAt)}
		if slices.Contains(l.Drift, document.FrozenOutsideDocker) {
			state.tone = warn
		}
		g.row(l.Name, state, percent(l.CPU.Percent), size(m.CurrentBytes), limitCell(m.LimitBytes), size(m.AnonBytes),
			size(fileWithoutShmem(m)), size(m.ShmemBytes), size(m.KernelBytes), size(m.SwapBytes), span{findingKinds(l), warn},
			lastEndCell(l.LastEnd, d.Host.ReportedAt))
	}
	if len(d.Containers) > 1 {
		g.row(fmt.Sprintf("%d containers", len(d.Containers)), "", percent(d.Total.CPUPercent), size(d.Total.CurrentBytes),
			"", "", "", "", "", "", "", "")
	}
	if ended {
		g = g.withoutEmpty(psFinding) // so that 80 columns are enough
	} else {
		g = g.without(psLastEnd)
	}
	p.gridOf(0, g)
	if line := hostMemoryLine(d); line != "" {
		p.line(0, "")
		p.line(0, line)
	}
	return p
}

// findingKinds lists the kinds of findings about a container.
func findingKinds(l *document.PsLine) string {
	kinds := make([]string, len(l.Drift))
	for i, kind := range l.Drift {
		kinds[i] = string(kind)
	}
	return strings.Join(kinds, ", ")
}

// psStateCell says in words only what is out of the ordinary. now is when the list was made; "" if that is not known.
func psStateCell(l *document.PsLine, now string) string {
	ms, frozen := l.FrozenMs.Get()
	since := ""
	if frozen {
		since = " " + roughly(ms)
	}
	switch l.Docker.State {
	case "paused":
		return "paused" + since
	case "running":
		if slices.Contains(l.Drift, document.FrozenOutsideDocker) {
			return "FROZEN outside Docker" + since
		}
		if _, health, ok := strings.Cut(l.Docker.Status, "("); ok { // "Up 2 hours (unhealthy)"
			return strings.TrimSuffix(health, ")")
		}
		return "running"
	case "restarting":
		_, code, _ := strings.Cut(l.Docker.Status, "(") // "Restarting (1) 5 seconds ago"
		if code, _, ok := strings.Cut(code, ")"); ok {
			return "restarting, exit code " + code
		}
	}
	if end, ended := l.LastEnd.Get(); ended && end.Verdict != "" && now != "" {
		begin, _, _ := strings.Cut(l.Docker.Status, ")") // "Exited (137) 4 minutes ago": when, the last column says
		return begin + strings.Repeat(")", strings.Count(begin, "("))
	}
	return l.Docker.Status
}

// cpuSince says over which time CPU use was measured, unless it is that since the start of each container.
func cpuSince(d *document.Ps) string {
	windows := map[string][]float64{}
	for i := range d.Containers {
		if ms, ok := d.Containers[i].CPU.WindowMs.Get(); ok && d.Containers[i].Docker.State != "paused" {
			since := d.Containers[i].CPU.Since
			windows[since] = append(windows[since], ms)
		}
	}
	median := func(since string) string { // it differs little between containers
		all := windows[since]
		slices.Sort(all)
		return roughly(all[len(all)/2])
	}
	switch {
	case len(windows[document.SinceEarlier]) > 0:
		or := ""
		if len(windows[document.SinceStart]) > 0 {
			or = ", or since the start"
		}
		return fmt.Sprintf(" · CPU since the last ps, %s ago%s", median(document.SinceEarlier), or)
	case len(windows[document.SinceStart]) > 0:
		return " · CPU since the start"
	case len(windows[document.SinceWindow]) > 0:
		return " · CPU over " + median(document.SinceWindow)
	}
	return ""
}

// roughly returns a time in its largest unit.
func roughly(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond)).Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/(24*time.Hour))
}

// limitCell returns a limit, in one word where there is none.
func limitCell(m value.Maybe[uint64]) string {
	if reason, _, missing := m.Missing(); missing && reason == value.Max {
		return "none"
	}
	return size(m)
}

// hostMemoryLine says what the machine's memory is used for; "" where that is not known. Page cache of the containers is theirs.
func hostMemoryLine(d *document.Ps) string {
	h := &d.Host.Memory
	total, known := h.TotalBytes.Get()
	free, known2 := h.FreeBytes.Get()
	cache, known3 := h.PageCacheBytes.Get()
	containers, known4 := d.Total.CurrentBytes.Get()
	theirs, known5 := d.Total.FileBytes.Get()
	if !known || !known2 || !known3 || !known4 || !known5 {
		return ""
	}
	others := int64(cache) - int64(theirs)
	rest := int64(total) - int64(free) - int64(containers) - others
	if others < 0 || rest < 0 { // the figures are not of the same moment
		return ""
	}
	return fmt.Sprintf("host: %s · these containers %s · other page cache %s · other %s · free %s", value.Bytes(total),
		value.Bytes(containers), value.Bytes(others), value.Bytes(rest), value.Bytes(free))
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

func percent(m value.Maybe[float64]) string {
	if n, ok := m.Get(); ok {
		return fmt.Sprintf("%.1f %%", n)
	}
	return why(m)
}
