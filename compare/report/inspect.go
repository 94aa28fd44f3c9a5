package report

import (
	"fmt"
	"math"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// inspectPage shows each container: what Docker says, what the kernel knows, and who holds the memory.
func inspectPage(d *document.Inspect) *page {
	p := &page{title: "haltscope inspect"}
	p.role = detailPart
	p.line(0, hostLine(d.Host))
	if len(d.Containers) == 0 {
		p.role = mainPart
		p.line(0, "no running containers")
	}
	for i := range d.Containers {
		p.inspected(&d.Containers[i], d.Host)
		if i == len(d.Containers)-1 {
			p.evidenceHint(2, "each check", "all holders")
		}
	}
	return p
}

// accountsTitle is the title of the comparison of Docker and the kernel.
func accountsTitle(h document.Host) string {
	return "What " + engineName(h) + " says, and what the kernel knows"
}

// inspected adds a container: the answers first, and then what they rest on.
func (p *page) inspected(c *document.Inspected, h document.Host) {
	p.role = mainPart
	p.inspectedAnswer(c, h)
	if end, ok := c.LastEnd.Get(); ok {
		p.add(block{in: 2, text: lastEndLine(&end)})
	}
	if c.Docker.Status == "exited" && h.Tool() == "docker" {
		p.add(block{in: 2, text: []span{{text: "how its last run ended: "}, {"haltscope why " + value.Paste([]string{c.Name}), command}}})
	}
	p.role = briefPart
	p.inspectedBrief(c, h)
	p.role = detailPart
	path, ok := c.Cgroup.Path.Get()
	if path = value.Quote(path); !ok {
		path = "no cgroup"
	}
	p.line(2, path)
	p.part(accountsTitle(h))
	p.gridOf(2, agreementGrid(c, h))
	if !c.Cgroup.Exists {
		return
	}
	p.part(chargedTitle(c))
	p.charged(&c.Memory)
	p.files(&c.Memory, math.MaxInt)
	p.part("The same memory, counted in three ways")
	for _, line := range c.Memory.Reconciled {
		label := span{text: fmt.Sprintf("%12s  ", size(line.Bytes))}
		p.add(block{in: 2, label: []span{label}, text: sourced(line.Text, line.Source)})
	}
	p.part("CPU, tasks, pressure")
	p.line(2, activity(c))
	p.part("Processes")
	p.processes(c)
	p.part("Why it keeps its " + size(c.Memory.CurrentBytes))
	p.sentences(2, c.Explanation)
}

func agreementGrid(c *document.Inspected, h document.Host) *grid {
	g := &grid{header: []string{"", engineName(h), "kernel", ""}, wide: []int{1, 2}, limit: 140}
	for _, q := range c.Agreement {
		g.row(q.Question, q.Docker, q.Kernel, agreementCell(q.Agree))
	}
	return g
}

func agreementCell(m value.Maybe[bool]) span {
	agree, ok := m.Get()
	switch {
	case !ok:
		return span{text: "–"}
	case agree:
		return span{text: "agree"}
	}
	return span{"⚠ differ", warn}
}

// chargedTitle returns the charged memory, its limit, its peak and swap.
func chargedTitle(c *document.Inspected) string {
	m := &c.Memory
	var more []string
	if limit, ok := m.LimitBytes.Get(); ok {
		more = append(more, "limit "+value.Bytes(limit))
	} else if m.LimitBytes.Reason() == value.Max {
		more = append(more, "no limit")
	}
	if peak, ok := m.PeakBytes.Get(); ok {
		more = append(more, "peak "+value.Bytes(peak))
	}
	if swap, ok := m.SwapBytes.Get(); ok && swap > 0 {
		more = append(more, "plus "+value.Bytes(swap)+" in swap")
	}
	title := fmt.Sprintf("Memory: %s charged", size(m.CurrentBytes))
	if len(more) > 0 {
		title += "; " + strings.Join(more, ", ")
	}
	return title
}

// charged adds the rows that hold something, and names the others in a line.
func (p *page) charged(m *document.InspectedMemory) {
	g := &grid{header: []string{"", "bytes", "held by", "freed by"}, right: []int{1}, wide: []int{2, 3}, limit: 140}
	var zero, unsupported []string
	for _, row := range m.Ledger {
		v, ok := row.Bytes.Get()
		switch {
		case !ok && row.Bytes.Reason() == value.Unsupported:
			unsupported = append(unsupported, rowTitle(row.Kind))
		case ok && v == 0:
			zero = append(zero, rowTitle(row.Kind))
		default:
			g.row(rowTitle(row.Kind), size(row.Bytes), holdersCell(&row), row.FreedBy)
			for _, part := range row.Parts {
				if holdsSomething(part.Bytes) {
					g.row("  "+part.Kind, size(part.Bytes), "", "")
				}
			}
		}
	}
	p.gridOf(2, g)
	if len(zero) > 0 {
		p.line(2, "0 B: "+strings.Join(zero, "; "))
	}
	if len(unsupported) > 0 {
		p.line(2, "not reported by this kernel: "+strings.Join(unsupported, "; "))
	}
	if v, ok := m.UnattributedBytes.Get(); ok {
		p.line(2, fmt.Sprintf("unattributed: %s; up to %s is normal, because the kernel charges up to %s in advance (64 pages per CPU)",
			value.Bytes(v), value.Bytes(m.ToleranceBytes), value.Bytes(m.BatchBytes)))
	}
}

func holdersCell(r *document.HeldRow) string {
	var all []string
	for _, h := range r.HeldBy {
		if v, ok := h.Bytes.Get(); ok {
			all = append(all, h.Who+" "+value.Bytes(v))
		} else {
			all = append(all, h.Who)
		}
	}
	return strings.Join(all, "; ")
}

// activity returns CPU use, tasks, pressure and removed cgroups in one line.
func activity(c *document.Inspected) string {
	var all []string
	if usage, ok := c.CPU.UsageUsec.Get(); ok {
		all = append(all, "CPU time "+value.Duration(float64(usage)/1000))
	}
	if percent, ok := c.CPU.Percent.Get(); ok {
		text := fmt.Sprintf("%.2f %% of a core", percent)
		if window, ok := c.CPU.WindowMs.Get(); ok {
			text += " over " + value.Duration(window)
		}
		all = append(all, text)
	}
	if throttled, ok := c.CPU.ThrottledUsec.Get(); ok && throttled > 0 {
		all = append(all, "throttled for "+value.Duration(float64(throttled)/1000))
	}
	if pids, ok := c.Pids.Current.Get(); ok {
		text := value.Count(int(pids), "task", "tasks")
		if limit, ok := c.Pids.Limit.Get(); ok {
			text += fmt.Sprintf(" of %d", limit)
		}
		all = append(all, text)
	}
	for _, p := range []struct {
		name string
		of   document.Pressure
	}{{"CPU", c.Pressure.CPU}, {"memory", c.Pressure.Memory}, {"IO", c.Pressure.IO}} {
		if some, ok := p.of.SomePercent10.Get(); ok {
			all = append(all, fmt.Sprintf("%s pressure %.2f %%", p.name, some))
		}
	}
	if dying, ok := c.Cgroup.Dying.Get(); ok && dying > 0 {
		all = append(all, value.Count(int(dying), "removed descendant cgroup", "removed descendant cgroups")+" kept by the kernel")
	}
	return strings.Join(all, " · ")
}

// maxProcesses bounds the list on a terminal; JSON has all.
const maxProcesses = 20

func (p *page) processes(c *document.Inspected) {
	g := &grid{header: []string{"PID", "inside", "command", "state", "waits in", "RSS", "PSS", "catches"}, right: []int{1, 5, 6},
		wide: []int{2, 4, 7}, limit: 140}
	for _, one := range c.Processes[:min(len(c.Processes), maxProcesses)] {
		g.row(fmt.Sprint(one.PID), plain(one.NSPID), one.Command, plain(one.State), plain(one.Wchan), size(one.RSSBytes), size(one.PSSBytes),
			caughtCell(one.Signals))
	}
	p.gridOf(2, g)
	if more := len(c.Processes) - maxProcesses; more > 0 {
		p.line(2, fmt.Sprintf("and %d more; --format json lists all", more))
	}
	if frozen, ok := c.Freezer.Frozen.Get(); ok && frozen && len(c.Processes) > 0 {
		p.line(2, frozenStateNote(c.Cgroup.Version))
	}
}

// frozenStateNote explains what the state letter of a frozen task means.
func frozenStateNote(cgroupVersion int) string {
	const start = "The state letter does not show freezing: "
	if cgroupVersion == 1 {
		return start + "on cgroup v1 a frozen task has D, and waits in __refrigerator or where it slept before."
	}
	return start + "on cgroup v2 a frozen task has S (D if it waits for a child of vfork), and waits in get_signal or do_freezer_trap."
}

// caughtCell names the signals that are caught, or the first of many.
func caughtCell(s document.Signals) string {
	caught, ok := s.Caught.Get()
	switch n := len(caught); {
	case !ok:
		return why(s.Caught)
	case n == 0:
		return "none"
	case n > 6:
		return fmt.Sprintf("%s and %d more", strings.Join(caught[:4], " "), n-4)
	}
	return strings.Join(caught, " ")
}
