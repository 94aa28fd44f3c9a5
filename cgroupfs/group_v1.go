package cgroupfs

// filesV1 are the files of a container's v1 cgroups that a reading takes.
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

// useV1 knows the group's folder in each hierarchy. Without a hierarchy, what is in it is Unsupported.
func (g *Group) useV1() {
	in := func(controller string) *folder {
		at := g.dirs[controller]
		for _, f := range g.folders {
			if f.path == at.path {
				return f
			}
		}
		f := newFolder(at)
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
	if data, state := g.v1.stat.read(s.buf); state == Present {
		if !s.layoutV1.follow(data) {
			parseMemoryStatV1(data, &s.statV1)
			s.layoutV1 = layoutOf(data, s.statV1.keys())
		}
		r.StatV1 = s.statV1
		r.StatV1.HierarchicalMemoryLimit = limitV1(r.StatV1.HierarchicalMemoryLimit)
	} else {
		r.StatV1 = without[MemoryStatV1](state)
	}
	m := &r.Memory
	m.Current = g.v1.usage.figure(s.buf)
	m.Limit = limitV1(g.v1.limit.figure(s.buf))
	m.Anon, m.File, m.Shmem = r.StatV1.TotalRSS, r.StatV1.TotalCache, r.StatV1.TotalShmem
	m.Kernel = g.v1.kmem.figure(s.buf)
	m.Sock = Without(Unsupported)
	m.InactiveFile, m.FileDirty, m.FileMapped = r.StatV1.TotalInactiveFile, r.StatV1.TotalDirty, r.StatV1.TotalMappedFile
	m.Swap = r.StatV1.TotalSwap
}

// readRestV1 reads the rest of a whole reading.
func (g *Group) readRestV1(r *Reading, s *scratch) {
	r.CPUUsage = g.readCPUV1(s)
	r.Memory.Peak = g.v1.maxUsage.figure(s.buf)
	r.Memory.OOMKill = g.v1.oomControl.parsed(s.buf, parseOOMKill)
	r.Pids = g.v1.pids.figure(s.buf)
}

// readCPUV1 is the CPU time used, in microseconds; cpuacct.usage is in nanoseconds (cgroup-v1/cpuacct.rst).
func (g *Group) readCPUV1(s *scratch) Figure { return g.v1.cpuUsage.figure(s.buf).Per(1000) }

// limitV1 reads v1's way of saying that there is no limit: the largest page-aligned number of bytes, 2^63 − 4096 where
// pages have 4 KiB (PAGE_COUNTER_MAX, include/linux/page_counter.h).
func limitV1(limit Figure) Figure {
	if v, ok := limit.Value(); ok && v >= 1<<63-1<<16 {
		return Figure{state: Max}
	}
	return limit
}
