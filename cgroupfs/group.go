package cgroupfs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Group is the cgroup of one container, its files kept open once they were read.
type Group struct {
	Version int    // 1 or 2
	Path    string // its folder; on v1 the one in the freezer hierarchy
	// Inside is the id of the container in whose cgroup one is that was found by its name alone, and "" where it is in none.
	// A container that can make cgroups may have made it, after the id of any other.
	Inside string

	mount   string           // where v2, or v1's freezer, is mounted
	dirs    map[string]place // v1: its folder in each controller's hierarchy; none where that is not mounted
	folders []*folder
	freezer freezerFiles
	v2      filesV2
	v1      filesV1

	mu sync.Mutex // for the files
}

// Descriptors is how many files a group keeps open at most, beside one or two for each cgroup above.
const Descriptors = 14

// scratch is what a reading is taken with, whosever it is: a buffer, and memory.stat as it was last read, whose layout is
// the same for all.
type scratch struct {
	buf              []byte
	stat             MemoryStat
	statV1           MemoryStatV1
	layout, layoutV1 layout
}

var scratches = sync.Pool{New: func() any { return &scratch{buf: make([]byte, bufferSize)} }}

// dir is the group's folder for a controller; "" where the controller is not mounted.
func (g *Group) dir(controller string) string {
	if g.Version == 2 {
		return g.Path
	}
	return g.dirs[controller].path
}

// freezerFiles are the freezer's files here, and the request of each cgroup above: the root of a hierarchy has none.
//
// With systemd, crun has the processes of a podman container in a cgroup of their own below the scope, and freezes that one:
// the scope's files say nothing of it (crun.1, run.oci.systemd.subgroup). Memory is counted at the scope all the same.
func (g *Group) freezerFiles(in *folder, request, state string) freezerFiles {
	above := filepath.Dir(g.Path)
	if below := filepath.Join(g.Path, "container"); strings.HasPrefix(filepath.Base(g.Path), "libpod-") && isFolder(below) {
		in, above = newFolder(place{path: below}), g.Path
		g.folders = append(g.folders, in)
	}
	f := freezerFiles{own: g.Path, request: file{in: in, name: request}, state: file{in: in, name: state}}
	for dir := above; strings.HasPrefix(dir, g.mount+"/"); dir = filepath.Dir(dir) {
		// Opened when it is first needed: while the group is there, no other can be at its path.
		above := newFolder(place{path: dir})
		g.folders = append(g.folders, above)
		f.above = append(f.above, file{in: above, name: request})
	}
	return f
}

// frozenAt is the folder of the cgroup that is frozen.
func (g *Group) frozenAt() string {
	if in := g.freezer.state.in; in != nil {
		return in.path
	}
	return g.Path
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Close closes the files. What is read afterwards is Failed.
func (g *Group) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.files() {
		f.close()
	}
	for _, f := range g.folders {
		f.close()
	}
}

// Rest closes the files until they are read again: then they are the same cgroup's, or Vanished.
func (g *Group) Rest() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.files() {
		f.rest()
	}
	for _, f := range g.folders {
		f.rest()
	}
}

// restBut does so with all but the files given, and the folder that holds the cgroup.
func (g *Group) restBut(kept ...*file) {
	for _, f := range g.files() {
		if !slices.Contains(kept, f) {
			f.rest()
		}
	}
	for _, f := range g.folders {
		if f != g.freezer.state.in {
			f.rest()
		}
	}
}

// RestMemory does so with the files of its memory alone.
func (g *Group) RestMemory() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range slices.Concat(g.v1.memory(), g.v2.memory()) {
		f.rest()
	}
}

func (g *Group) files() []*file { return slices.Concat(g.freezer.all(), g.v1.all(), g.v2.all()) }

// hold opens its folders.
func (g *Group) hold() {
	for _, f := range g.folders {
		f.open()
	}
}

// Exists reports whether the cgroup is still there. Docker removes it when the container has ended, and makes another
// at the same path when it is started again.
func (g *Group) Exists() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.freezer.request.in.exists()
}

// replaced reports whether the cgroup is gone, and perhaps another is at its path. What was read by the path before this
// says no is of this cgroup, for one that was removed does not come back.
func (g *Group) replaced() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.folders) > 0 && !g.folders[0].exists()
}

// Members lists the processes in the cgroup and in those below it, in order.
func (g *Group) Members() ([]int, error) {
	pids, err := members(g.Path)
	if err == nil && g.replaced() {
		return nil, fmt.Errorf("listing the processes of %s: the cgroup is gone: %w", g.Path, os.ErrNotExist)
	}
	return pids, err
}

// Memory is what v1 and v2 can both say of a cgroup's memory, in bytes. The names are v2's; Sources names the files.
type Memory struct {
	Current      Figure // all that is charged to it
	Peak         Figure
	Limit        Figure // its own, not an ancestor's; [Max] when there is none
	Anon         Figure // anonymous pages
	File         Figure // page cache, with shared memory and tmpfs
	Shmem        Figure // shared memory and tmpfs
	Kernel       Figure // stacks, page tables, slab and the rest
	Sock         Figure // network buffers; v1 counts them elsewhere: Unsupported
	InactiveFile Figure // what `docker stats` takes off
	FileDirty    Figure
	FileMapped   Figure
	Swap         Figure
	OOMKill      Figure // how many processes the OOM killer has killed; a count, not bytes
}

// Reading is what the kernel says of a cgroup at one moment. Each figure has its own State.
type Reading struct {
	At        time.Time
	Freezer   Freezer
	Populated Figure // 1 while there is a live process; v1 knows of the group's own only, and a whole reading leaves it out
	Memory    Memory
	CPUUsage  Figure // CPU time used, in microseconds
	Pids      Figure // tasks, that is, threads

	Stat   MemoryStat   // v2's own
	StatV1 MemoryStatV1 // v1's own
}

// Read takes a reading. It does not allocate, once the files are open.
func (g *Group) Read(r *Reading) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	*r = Reading{At: time.Now()}
	r.Freezer, r.Populated = g.freezer.read(s.buf, g.Version)
	if g.Version == 2 {
		g.readMemoryV2(r, s)
		g.readRestV2(r, s)
	} else {
		g.readMemoryV1(r, s)
		g.readRestV1(r, s)
	}
}

// ReadState takes the part of a reading that tells whether the container runs: the freezer, whether the cgroup has a live
// process, and the CPU time used. The rest of r stays as it is.
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
		r.Populated = g.v1.procs.filled(s.buf)
		r.CPUUsage = g.readCPUV1(s)
	}
}

// ReadMemory takes the part of a reading that is about what memory is charged now. The rest of r stays as it is.
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

// Sources names, for each figure of Memory that a report shows, the file and key it came from.
func (g *Group) Sources() map[string]string {
	if g.Version == 2 {
		return map[string]string{
			"current": "memory.current", "anon": "memory.stat: anon", "file": "memory.stat: file", "shmem": "memory.stat: shmem",
			"kernel": "memory.stat: kernel", "sock": "memory.stat: sock", "file_dirty": "memory.stat: file_dirty",
			"oom_kill": "memory.events: oom_kill", "cpu": "cpu.stat: usage_usec", "requested": "cgroup.freeze", "frozen": "cgroup.events: frozen",
		}
	}
	return map[string]string{
		"current": "memory.usage_in_bytes", "anon": "memory.stat: total_rss", "file": "memory.stat: total_cache", "shmem": "memory.stat: total_shmem",
		"kernel": "memory.kmem.usage_in_bytes", "file_dirty": "memory.stat: total_dirty",
		"oom_kill": "memory.oom_control: oom_kill", "cpu": "cpuacct.usage", "requested": "freezer.self_freezing", "frozen": "freezer.state",
	}
}
