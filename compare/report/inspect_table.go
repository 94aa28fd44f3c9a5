package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Page is the accounts, one container below the other.
func inspectPage(i *document.Inspect) *Page {
	page := &Page{Title: "haltscope inspect", host: i.Host}
	page.line(0, hostLine(i.Host))
	for n := range i.Containers {
		inspectedPage(&i.Containers[n], page)
	}
	return page
}

func inspectedPage(c *document.Inspected, p *Page) {
	path, ok := c.Cgroup.Path.Get()
	if path = value.Quote(path); !ok {
		path = "no cgroup"
	}
	p.heading(1, fmt.Sprintf("%s  %.12s  %s", c.Name, c.ID, path))
	p.part("What " + hostSays(p.host) + " says, and what the kernel knows")
	p.table(2, inspectedAgreement(c, p.host))
	for _, f := range c.Findings {
		p.spans(2, 2, span{"⚠ " + f.Kind, warn}, span{text: ": " + f.Text + "."})
		for _, way := range f.Fix {
			p.line(6, way)
		}
	}
	if ms, ok := c.Freezer.FrozenMs.Get(); ok {
		p.line(2, "frozen for "+value.Age(ms))
	}
	if !c.Cgroup.Exists {
		return
	}
	p.part(inspectedMemoryTitle(c))
	inspectedMemoryPage(&c.Memory, p)
	p.part("The same memory, counted in three ways")
	for _, line := range c.Memory.Reconciled {
		p.spans(2, 16, span{text: fmt.Sprintf("%12s  %s", size(line.Bytes), line.Text+"  ["+line.Source+"]")})
	}
	p.part("CPU, tasks, pressure")
	p.line(2, inspectedActivity(c))
	p.part("Processes")
	inspectedProcesses(c, p)
	p.part("Why it keeps its " + size(c.Memory.CurrentBytes))
	p.sentences(2, c.Explanation)
}

func inspectedMemoryTitle(c *document.Inspected) string {
	return fmt.Sprintf("Memory: %s charged%s", size(c.Memory.CurrentBytes), inspectedMemoryBounds(&c.Memory))
}

func inspectedAgreement(c *document.Inspected, h document.Host) *grid {
	g := &grid{header: []string{"", hostSays(h), "kernel", ""}, wide: []int{1, 2}, limit: 140}
	for _, q := range c.Agreement {
		g.row(q.Question, q.Docker, q.Kernel, agreement(q.Agree))
	}
	return g
}

func agreement(m value.Maybe[bool]) span {
	agree, ok := m.Get()
	switch {
	case !ok:
		return span{text: "–"}
	case agree:
		return span{text: "agree"}
	}
	return span{"⚠ differ", warn}
}

// bounds says in a few words what limits the memory.
func inspectedMemoryBounds(m *document.InspectedMemory) string {
	var all []string
	if limit, ok := m.LimitBytes.Get(); ok {
		all = append(all, "limit "+value.Bytes(limit))
	} else if m.LimitBytes.Reason() == value.Max {
		all = append(all, "no limit")
	}
	if peak, ok := m.PeakBytes.Get(); ok {
		all = append(all, "peak "+value.Bytes(peak))
	}
	if swap, ok := m.SwapBytes.Get(); ok && swap > 0 {
		all = append(all, value.Bytes(swap)+" in swap beside")
	}
	if len(all) == 0 {
		return ""
	}
	return "; " + strings.Join(all, ", ")
}

// page shows the rows that hold something, and names the others in one line.
func inspectedMemoryPage(m *document.InspectedMemory, p *Page) {
	g := &grid{header: []string{"", "bytes", "held by", "what frees it"}, wide: []int{2, 3}, limit: 140}
	var none, unknown []string
	for _, row := range m.Ledger {
		v, ok := row.Bytes.Get()
		switch {
		case !ok && row.Bytes.Reason() == value.Unsupported:
			unknown = append(unknown, title(row.Kind))
		case ok && v == 0:
			none = append(none, title(row.Kind))
		default:
			g.row(title(row.Kind), size(row.Bytes), heldRowHolders(&row), row.FreedBy)
			for _, part := range row.Parts {
				if v, ok := part.Bytes.Get(); ok && v != 0 {
					g.row("  "+part.Kind, size(part.Bytes), "", "")
				}
			}
		}
	}
	p.table(2, g)
	if len(none) > 0 {
		p.line(2, "nothing: "+strings.Join(none, "; "))
	}
	if len(unknown) > 0 {
		p.line(2, "this kernel does not tell: "+strings.Join(unknown, "; "))
	}
	if v, ok := m.UnattributedBytes.Get(); ok {
		p.line(2, fmt.Sprintf("unattributed: %s; up to %s is usual, for the kernel charges ahead up to %s (64 pages for each CPU)",
			value.Bytes(v), value.Bytes(m.ToleranceBytes), value.Bytes(m.BatchBytes)))
	}
}

func heldRowHolders(r *document.HeldRow) string {
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

func inspectedActivity(c *document.Inspected) string {
	var all []string
	if usage, ok := c.CPU.UsageUsec.Get(); ok {
		all = append(all, "CPU time "+value.Duration(float64(usage)/1000))
	}
	if percent, ok := c.CPU.Percent.Get(); ok {
		window, _ := c.CPU.WindowMs.Get()
		all = append(all, fmt.Sprintf("%.2f %% of a core over %s", percent, value.Duration(window)))
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
		all = append(all, value.Count(int(dying), "removed cgroup", "removed cgroups")+" below it still charged")
	}
	return strings.Join(all, " · ")
}

// processesShown bounds the list on a terminal; JSON has all.
const processesShown = 20

func inspectedProcesses(c *document.Inspected, p *Page) {
	g := &grid{header: []string{"pid", "in it", "command", "state", "waits in", "RSS", "PSS", "catches"}, wide: []int{2, 4, 7}, limit: 140}
	for i, one := range c.Processes {
		if i == processesShown {
			break
		}
		g.row(fmt.Sprint(one.PID), plain(one.NSPID), one.Command, plain(one.State), plain(one.Wchan), size(one.RSSBytes), size(one.PSSBytes), signalsCatches(one.Signals))
	}
	p.table(2, g)
	if more := len(c.Processes) - processesShown; more > 0 {
		p.line(2, fmt.Sprintf("and %d more: --format json lists all", more))
	}
	if frozen, ok := c.Freezer.Frozen.Get(); ok && frozen && len(c.Processes) > 0 {
		note := "The state letter does not tell of freezing: on cgroup v2 a frozen task shows S, or D where it waits for a child of vfork, and waits in get_signal or do_freezer_trap."
		if c.Cgroup.Version == 1 {
			note = "The state letter does not tell of freezing: on cgroup v1 a frozen task shows D, and waits in __refrigerator or where it slept before."
		}
		p.line(2, note)
	}
}

// catches names the signals caught, the few that end programs first.
func signalsCatches(s document.Signals) string {
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

// plain writes a value, or why there is none.
func plain[T any](m value.Maybe[T]) string {
	if v, ok := m.Get(); ok {
		return fmt.Sprint(v)
	}
	return why(m)
}
