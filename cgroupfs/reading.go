package cgroupfs

import (
	"sync"
	"time"

	"haltscope/cgroupfs/figure"
)

// Reading is what the kernel reports about a cgroup at one moment. Each figure has its own state.
type Reading struct {
	At      time.Time
	Freezer Freezer
	// Populated is 1 while the cgroup or one below it has a live process. On v1 only [Group.ReadState] reads it.
	Populated figure.Figure
	Memory    Memory
	CPUUsage  figure.Figure // CPU time used, in microseconds
	Pids      figure.Figure // number of tasks, that is, threads

	Stat   MemoryStat   // v2 only
	StatV1 MemoryStatV1 // v1 only
}

// Memory is what both versions report about the memory of a cgroup, in bytes. It counts cgroups below as well. The names
// are those of v2; [Group.Sources] returns the files.
type Memory struct {
	Current      figure.Figure // all that is charged
	Peak         figure.Figure // largest Current so far
	Limit        figure.Figure // its own, not an ancestor's
	Anon         figure.Figure // anonymous pages
	File         figure.Figure // page cache, with shared memory and tmpfs
	Shmem        figure.Figure // shared memory and tmpfs
	Kernel       figure.Figure // stacks, page tables, slab and so on
	Sock         figure.Figure // network buffers; v1 counts them elsewhere
	InactiveFile figure.Figure // what docker stats subtracts
	FileDirty    figure.Figure
	FileMapped   figure.Figure
	Swap         figure.Figure
	OOMKill      figure.Figure // number of processes that the OOM killer has killed
}

// scratch is what taking a reading needs, of whichever group: a buffer, and the last memory.stat with its layout, which is
// the same for all groups.
type scratch struct {
	buf              []byte
	stat             MemoryStat
	statV1           MemoryStatV1
	layout, layoutV1 layout
}

var scratches = sync.Pool{New: func() any { return &scratch{buf: make([]byte, bufferSize)} }}

// Read takes a reading. It does not allocate, except when it opens files.
func (g *Group) Read(r *Reading) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	*r = Reading{At: time.Now()}
	r.Freezer, r.Populated = g.freezer.read(s.buf, g.Version)
	if g.Version == 2 {
		g.readMemoryV2(r, s)
		g.readOtherV2(r, s)
	} else {
		g.readMemoryV1(r, s)
		g.readOtherV1(r, s)
	}
}

// ReadState takes the part of a reading that shows whether the container runs: the freezer, Populated and the CPU time. The
// rest of r stays as it is.
func (g *Group) ReadState(r *Reading) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	r.At = time.Now()
	r.Freezer, r.Populated = g.freezer.read(s.buf, g.Version)
	if g.Version == 2 {
		r.CPUUsage = g.v2.cpuStat.parsed(s.buf, parseUsageUsec)
	} else {
		r.Populated = g.populatedV1(&g.v1.procs, s.buf)
		r.CPUUsage = g.readCPUV1(s)
	}
}

// ReadMemory takes the part of a reading that shows which memory is charged now. The rest of r stays as it is.
func (g *Group) ReadMemory(r *Reading) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if g.Version == 2 {
		g.readMemoryV2(r, s)
	} else {
		g.readMemoryV1(r, s)
	}
}

// Sources returns the file, and the key in it, of each figure that reports show.
func (g *Group) Sources() map[string]string {
	if g.Version == 2 {
		return map[string]string{
			"current": "memory.current", "anon": "memory.stat: anon", "file": "memory.stat: file", "shmem": "memory.stat: shmem",
			"kernel": "memory.stat: kernel", "sock": "memory.stat: sock", "file_dirty": "memory.stat: file_dirty",
			"oom_kill": "memory.events: oom_kill", "cpu": "cpu.stat: usage_usec",
			"requested": "cgroup.freeze", "frozen": "cgroup.events: frozen",
		}
	}
	return map[string]string{
		"current": "memory.usage_in_bytes", "anon": "memory.stat: total_rss", "file": "memory.stat: total_cache",
		"shmem": "memory.stat: total_shmem", "kernel": "memory.kmem.usage_in_bytes", "file_dirty": "memory.stat: total_dirty",
		"oom_kill": "memory.oom_control: oom_kill", "cpu": "cpuacct.usage",
		"requested": "freezer.self_freezing", "frozen": "freezer.state",
	}
}
