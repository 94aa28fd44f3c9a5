package cgroupfs

import "haltscope/cgroupfs/figure"

// filesV2 are the files of a v2 cgroup that a reading needs, besides those of the freezer.
type filesV2 struct {
	memoryCurrent, memoryStat, memoryEvents file
	memoryPeak, memorySwap, memoryMax       file
	cpuStat, pids                           file
}

func (f *filesV2) all() []*file {
	return append(f.memory(), &f.cpuStat, &f.pids)
}

func (f *filesV2) memory() []*file {
	return []*file{&f.memoryCurrent, &f.memoryStat, &f.memoryEvents, &f.memoryPeak, &f.memorySwap, &f.memoryMax}
}

// useV2 sets the files of the group.
func (g *Group) useV2(at location) {
	in := newFolder(at)
	g.folders = []*folder{in}
	g.freezer = g.freezerFiles(in, "cgroup.freeze", "cgroup.events")
	g.v2 = filesV2{
		memoryCurrent: file{in: in, name: "memory.current"},
		memoryStat:    file{in: in, name: "memory.stat"},
		memoryEvents:  file{in: in, name: "memory.events"},
		memoryPeak:    file{in: in, name: "memory.peak"},
		memorySwap:    file{in: in, name: "memory.swap.current"},
		memoryMax:     file{in: in, name: "memory.max"},
		cpuStat:       file{in: in, name: "cpu.stat"},
		pids:          file{in: in, name: "pids.current"},
	}
}

func (g *Group) readMemoryV2(r *Reading, s *scratch) {
	if data, state := g.v2.memoryStat.read(s.buf); state == figure.Present {
		if !s.layout.parse(data) {
			parseMemoryStat(data, &s.stat)
			s.layout = layoutOf(data, s.stat.keys())
		}
		r.Stat = s.stat
	} else {
		r.Stat = figure.AllWithout[MemoryStat](state)
	}
	m := &r.Memory
	m.Current = g.v2.memoryCurrent.figure(s.buf)
	m.Limit = g.v2.memoryMax.figure(s.buf)
	m.Swap = g.v2.memorySwap.figure(s.buf)
	m.Anon, m.File, m.Shmem, m.Kernel, m.Sock = r.Stat.Anon, r.Stat.File, r.Stat.Shmem, r.Stat.Kernel, r.Stat.Sock
	m.InactiveFile, m.FileDirty, m.FileMapped = r.Stat.InactiveFile, r.Stat.FileDirty, r.Stat.FileMapped
}

func (g *Group) readOtherV2(r *Reading, s *scratch) {
	r.CPUUsage = g.v2.cpuStat.parsed(s.buf, parseUsageUsec)
	r.Memory.Peak = g.v2.memoryPeak.figure(s.buf)
	r.Memory.OOMKill = g.v2.memoryEvents.parsed(s.buf, parseOOMKill)
	r.Pids = g.v2.pids.figure(s.buf)
}
