package inspect

import (
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/drift"
	"haltscope/compare/value"
)

// reconcile leads, line by line, from what is charged to what docker stats shows and to what the processes map.
func (a *account) reconcile() []document.Line {
	k := &a.kernel
	m := &k.After.Memory
	current, inactive := "memory.current", "memory.stat: inactive_file"
	if k.Version == 1 {
		current, inactive = "memory.usage_in_bytes", "memory.stat: total_inactive_file"
	}
	lines := []document.Line{
		{Text: "charged to the container", Bytes: figures.Signed(m.Current), Source: current},
		{Text: "less: inactive page cache", Bytes: negative(figures.Signed(m.InactiveFile)), Source: inactive},
	}
	tool := "docker"
	if a.docker.Podman {
		// Its figure is another's: see agree.
		tool, lines = "podman", lines[:1]
	} else if counted, ok := drift.DockerStatsMemory(&k.After); ok {
		lines = append(lines, document.Line{Text: "= what docker stats shows", Bytes: value.Known(int64(counted)), Source: current + " − inactive_file"})
	}
	if v := a.docker.StatsMemory; v != nil {
		lines = append(lines, document.Line{Text: tool + " stats has printed", Bytes: value.Known(int64(*v)), Source: tool + " stats, rounded to four digits"})
	}
	rss, pss, ok := a.mapped()
	if !ok {
		return append(lines, document.Line{Text: "RSS of its processes", Bytes: value.Absent[int64](value.Failed, "not every process could be read"), Source: "/proc/PID/smaps_rollup"})
	}
	lines = append(lines,
		document.Line{Text: "RSS of its processes, added up", Bytes: value.Known(rss), Source: "/proc/PID/smaps_rollup: Rss"},
		document.Line{Text: "less: pages that several map, counted once for each", Bytes: value.Known(pss - rss), Source: "/proc/PID/smaps_rollup: Pss − Rss"},
	)
	left, known := m.Current.Value()
	kernel, ok := m.Kernel.Value()
	if !known || !ok {
		return lines
	}
	sock, _ := m.Sock.Value()
	lines = append(lines, document.Line{Text: "the kernel's own, and sockets", Bytes: value.Known(int64(kernel + sock)), Source: "memory.stat: kernel + sock"})
	if k.Version == 1 {
		lines[len(lines)-1].Source = "memory.kmem.usage_in_bytes"
	}
	return append(lines,
		document.Line{Text: "page cache and tmpfs that none of them maps, less pages mapped here and charged elsewhere",
			Bytes: value.Known(int64(left) - int64(kernel+sock) - pss), Source: "what is left"},
		document.Line{Text: "= charged to the container", Bytes: figures.Signed(m.Current), Source: current})
}

// mapped adds up what the processes map: RSS, which counts a page once for each that maps it, and PSS.
func (a *account) mapped() (rss, pss int64, ok bool) {
	for i := range a.members {
		r := &a.members[i].Rollup
		if r.Rss.State() == figure.Unsupported || r.Rss.State() == figure.Vanished {
			continue // it has no memory of its own, or ended meanwhile
		}
		v, ok1 := r.Rss.Value()
		p, ok2 := r.Pss.Value()
		if !ok1 || !ok2 {
			return 0, 0, false
		}
		rss, pss = rss+int64(v), pss+int64(p)
	}
	return rss, pss, len(a.members) > 0
}

func negative(m value.Maybe[int64]) value.Maybe[int64] {
	if v, ok := m.Get(); ok {
		return value.Known(-v)
	}
	return m
}
