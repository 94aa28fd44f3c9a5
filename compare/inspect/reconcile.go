package inspect

import (
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/drift"
	"haltscope/compare/value"
)

// reconcile leads, line by line, from what is charged to what docker stats shows, and to what the processes map.
func (a *account) reconcile() []document.Line {
	current := "memory.current"
	if a.kernel.Version == 1 {
		current = "memory.usage_in_bytes"
	}
	return append(a.reconcileStats(current), a.reconcileProcesses(current)...)
}

func (a *account) reconcileStats(current string) []document.Line {
	k, tool := &a.kernel, "docker"
	lines := []document.Line{{Text: "charged to the container", Bytes: figures.Signed(k.After.Memory.Current), Source: current}}
	if a.docker.Podman { // which counts differently: see package drift
		tool = "podman"
	} else {
		inactive := "memory.stat: inactive_file"
		if k.Version == 1 {
			inactive = "memory.stat: total_inactive_file"
		}
		lines = append(lines, document.Line{Text: "minus inactive page cache", Bytes: negative(figures.Signed(k.After.Memory.InactiveFile)),
			Source: inactive})
		if counted, ok := drift.DockerStatsMemory(&k.After); ok {
			lines = append(lines, document.Line{Text: "= what docker stats shows", Bytes: value.Known(int64(counted)),
				Source: current + " − inactive_file"})
		}
	}
	if v := a.docker.StatsMemory; v != nil {
		lines = append(lines, document.Line{Text: "printed by " + tool + " stats", Bytes: value.Known(int64(*v)),
			Source: tool + " stats, rounded to four digits"})
	}
	return lines
}

func (a *account) reconcileProcesses(current string) []document.Line {
	k := &a.kernel
	rss, pss, ok := a.mapped()
	if !ok {
		return []document.Line{{Text: "RSS of its processes", Bytes: value.Absent[int64](value.Failed, "not every process could be read"),
			Source: "/proc/PID/smaps_rollup"}}
	}
	lines := []document.Line{
		{Text: "RSS of its processes, added up", Bytes: value.Known(rss), Source: "/proc/PID/smaps_rollup: Rss"},
		{Text: "minus pages that several processes map, which RSS counts once for each", Bytes: value.Known(pss - rss),
			Source: "/proc/PID/smaps_rollup: Pss − Rss"},
	}
	charged, ok1 := k.After.Memory.Current.Value()
	own, ok2 := k.After.Memory.Kernel.Value()
	if !ok1 || !ok2 {
		return lines
	}
	source := "memory.stat: kernel + sock"
	if k.Version == 1 {
		source = "memory.kmem.usage_in_bytes"
	}
	if sock, ok := k.After.Memory.Sock.Value(); ok { // v1 has none
		own += sock
	}
	return append(lines,
		document.Line{Text: "kernel memory and sockets", Bytes: value.Known(int64(own)), Source: source},
		document.Line{Text: "page cache and tmpfs that none of them maps, minus pages that are mapped here and charged elsewhere",
			Bytes: value.Known(int64(charged) - int64(own) - pss), Source: "the rest"},
		document.Line{Text: "= charged to the container", Bytes: figures.Signed(k.After.Memory.Current), Source: current})
}

// mapped adds up what the processes map, in bytes: RSS, which counts a page once for each process that maps it, and PSS.
func (a *account) mapped() (rss, pss int64, ok bool) {
	if a.held.membersErr != nil {
		return 0, 0, false
	}
	for i := range a.held.members {
		r := &a.held.members[i].Rollup
		if r.Rss.State() == figure.Unsupported || r.Rss.State() == figure.Vanished {
			continue // a process without memory of its own, or one that has ended
		}
		v, ok1 := r.Rss.Value()
		p, ok2 := r.Pss.Value()
		if !ok1 || !ok2 {
			return 0, 0, false
		}
		rss, pss = rss+int64(v), pss+int64(p)
	}
	return rss, pss, len(a.held.members) > 0
}

func negative(m value.Maybe[int64]) value.Maybe[int64] {
	if v, ok := m.Get(); ok {
		return value.Known(-v)
	}
	return m
}
