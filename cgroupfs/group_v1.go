package cgroupfs

import "haltscope/cgroupfs/figure"

// filesV1 are the files in a container's v1 cgroups that a reading needs, besides those of the freezer.
type filesV1 struct {
	usage, stat, oomControl, kmem file
	maxUsage, limit               file
	cpuUsage, pids, procs         file
}

func (f *filesV1) all() []*file {
	return append(f.memory(), &f.cpuUsage, &f.pids, &f.procs)
}

func (f *filesV1) memory() []*file {
	return []*file{&f.usage, &f.stat, &f.oomControl, &f.kmem, &f.maxUsage, &f.limit}
}

// useV1 sets the files of the group, given its folder in each mounted hierarchy. Files in other hierarchies are
// [figure.Unsupported].
func (g *Group) useV1(at map[string]location) {
	g.controllers = at
	in := func(controller string) *folder {
		for _, f := range g.folders {
			if f.path == at[controller].path {
				return f // two controllers may share a hierarchy
			}
		}
		f := newFolder(at[controller])
		g.folders = append(g.folders, f)
		return f
	}
	g.freezer = g.freezerFiles(in("freezer"), "freezer.self_freezing", "freezer.state")
	g.v1 = filesV1{
		usage:      file{in: in("memory"), name: "memory.usage_in_bytes"},
		stat:       file{in: in("memory"), name: "memory.stat"},
		oomControl: file{in: in("memory"), name: "memory.oom_control"},
		kmem:       file{in: in("memory"), name: "memory.kmem.usage_in_bytes"},
		maxUsage:   file{in: in("memory"), name: "memory.max_usage_in_bytes"},
		limit:      file{in: in("memory"), name: "memory.limit_in_bytes"},
		cpuUsage:   file{in: in("cpuacct"), name: "cpuacct.usage"},
		pids:       file{in: in("pids"), name: "pids.current"},
		procs:      file{in: g.freezer.state.in, name: "cgroup.procs"},
	}
}

func (g *Group) readMemoryV1(r *Reading, s *scratch) {
	if data, state := g.v1.stat.read(s.buf); state == figure.Present {
		if !s.layoutV1.parse(data) {
			parseMemoryStatV1(data, &s.statV1)
			s.layoutV1 = layoutOf(data, s.statV1.keys())
		}
		r.StatV1 = s.statV1
		r.StatV1.HierarchicalMemoryLimit = limitV1(r.StatV1.HierarchicalMemoryLimit)
	} else {
		r.StatV1 = figure.AllWithout[MemoryStatV1](state)
	}
	m := &r.Memory
	m.Current = g.v1.usage.figure(s.buf)
	m.Limit = limitV1(g.v1.limit.figure(s.buf))
	m.Anon, m.File, m.Shmem = r.StatV1.TotalRSS, r.StatV1.TotalCache, r.StatV1.TotalShmem
	m.Kernel = g.v1.kmem.figure(s.buf)
	m.Sock = figure.Without(figure.Unsupported)
	m.InactiveFile, m.FileDirty, m.FileMapped = r.StatV1.TotalInactiveFile, r.StatV1.TotalDirty, r.StatV1.TotalMappedFile
	m.Swap = r.StatV1.TotalSwap
}

func (g *Group) readOtherV1(r *Reading, s *scratch) {
	r.CPUUsage = g.readCPUV1(s)
	r.Memory.Peak = g.v1.maxUsage.figure(s.buf)
	r.Memory.OOMKill = g.v1.oomControl.parsed(s.buf, parseOOMKill)
	r.Pids = g.v1.pids.figure(s.buf)
}

// readCPUV1 returns the CPU time used in microseconds. cpuacct.usage is in nanoseconds (cgroup-v1/cpuacct.rst).
func (g *Group) readCPUV1(s *scratch) figure.Figure {
	return g.v1.cpuUsage.figure(s.buf).DividedBy(1000)
}

// limitV1 returns [figure.Max] for the number by which v1 says that there is no limit: the largest number of bytes that is
// a multiple of the page size, 2^63 − 4096 with pages of 4 KiB. Source: include/linux/page_counter.h, PAGE_COUNTER_MAX.
func limitV1(limit figure.Figure) figure.Figure {
	if v, ok := limit.Value(); ok && v >= 1<<63-1<<16 {
		return figure.Without(figure.Max)
	}
	return limit
}
