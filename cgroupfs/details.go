package cgroupfs

import (
	"os"
	"path/filepath"
	"time"
)

// Details is what the kernel says of a cgroup beyond a [Reading]: limits, peaks, events and what else is asked for
// once. Each figure has its own State; those of the other cgroup version are not measured.
type Details struct {
	At time.Time

	MemoryLimit Limit // bytes
	CPULimit    CPULimit
	PidsLimit   Limit  // tasks, that is, threads
	PidsPeak    Figure // since 6.1
	PidsEvents  Figure // how often a pids.max made a fork fail; parsePidsEvents says whose

	V2 DetailsV2
	V1 DetailsV1
}

// DetailsV2 is what only v2 has, named after its files; memory is in bytes.
type DetailsV2 struct {
	SwapLimit  Limit // swap alone, unlike v1's
	MemoryHigh Figure
	MemoryLow  Figure
	MemoryMin  Figure
	ZswapMax   Figure // since 5.19
	OOMGroup   Figure // 1: the OOM killer ends all of the cgroup or none; since 4.19

	MemoryEvents      MemoryEvents
	MemoryEventsLocal MemoryEvents
	SwapEvents        SwapEvents
	MemoryPeak        Figure // since 5.19
	SwapPeak          Figure // since 6.5
	ZswapCurrent      Figure // since 5.19

	CPUStat      CPUStat
	Cgroup       CgroupStat
	ParentCgroup CgroupStat // of the cgroup above: what a removed container leaves behind is counted there
	FrozenUsec   Figure

	IO                                      IO
	CPUPressure, MemoryPressure, IOPressure Pressure
}

// DetailsV1 is what only v1 has, named after its files; memory is in bytes.
type DetailsV1 struct {
	MemswLimit    Limit  // memory and swap together
	MemoryFailcnt Figure // how often memory.limit_in_bytes was reached
	OOMControl    OOMControl
	KmemTCP       Figure // memory.kmem.tcp.usage_in_bytes: network buffers

	CPUStat CPUStatV1
	// CPU time used, in nanoseconds. The kernel counts the two parts by itself: they need not add up to the whole.
	CPUAcctUsage, CPUAcctUsageUser, CPUAcctUsageSys Figure

	IOServiceBytes Blkio // bytes
	IOServiced     Blkio // operations
}

// Details reads them, each file once.
func (g *Group) Details() Details {
	d := Details{At: time.Now()}
	pids := g.dir("pids")
	d.PidsLimit.Own, d.PidsLimit.Effective, d.PidsLimit.By = climb(ancestry(pids), figureOf("pids.max"))
	d.PidsPeak = readFigure(pids, "pids.peak")
	d.PidsEvents = readParsed(pids, "pids.events", parsePidsEvents)
	if g.Version == 2 {
		g.detailsV2(&d)
	} else {
		g.detailsV1(&d)
	}
	if g.replaced() {
		_, gone := Gone()
		gone.At = d.At
		return gone
	}
	return d
}

func (g *Group) detailsV2(d *Details) {
	dir := g.Path
	dirs := ancestry(dir)
	d.MemoryLimit.Own, d.MemoryLimit.Effective, d.MemoryLimit.By = climb(dirs, figureOf("memory.max"))
	d.CPULimit.Own, d.CPULimit.Effective, d.CPULimit.By = climb(dirs, func(dir string) CPUQuota {
		return readStats(dir, "cpu.max", parseCPUMax)
	})
	v := &d.V2
	v.SwapLimit.Own, v.SwapLimit.Effective, v.SwapLimit.By = climb(dirs, figureOf("memory.swap.max"))
	v.MemoryHigh = readFigure(dir, "memory.high")
	v.MemoryLow = readFigure(dir, "memory.low")
	v.MemoryMin = readFigure(dir, "memory.min")
	v.ZswapMax = readFigure(dir, "memory.zswap.max")
	v.OOMGroup = readFigure(dir, "memory.oom.group")

	v.MemoryEvents = readStats(dir, "memory.events", parseMemoryEvents)
	v.MemoryEventsLocal = readStats(dir, "memory.events.local", parseMemoryEvents)
	v.SwapEvents = readStats(dir, "memory.swap.events", parseSwapEvents)
	v.MemoryPeak = readFigure(dir, "memory.peak")
	v.SwapPeak = readFigure(dir, "memory.swap.peak")
	v.ZswapCurrent = readFigure(dir, "memory.zswap.current")

	v.CPUStat = readStats(dir, "cpu.stat", parseCPUStat)
	v.Cgroup = readStats(dir, "cgroup.stat", parseCgroupStat)
	v.ParentCgroup = readStats(filepath.Dir(dir), "cgroup.stat", parseCgroupStat)
	v.FrozenUsec = readParsed(g.frozenAt(), "cgroup.stat.local", parseFrozenUsec)

	data, state := readFile(dir, "io.stat")
	v.IO = IO{State: state}
	if state == Present {
		v.IO = parseIOStat(data)
	}
	v.CPUPressure = readStats(dir, "cpu.pressure", parsePressure)
	v.MemoryPressure = readStats(dir, "memory.pressure", parsePressure)
	v.IOPressure = readStats(dir, "io.pressure", parsePressure)
}

func (g *Group) detailsV1(d *Details) {
	memory, cpu, cpuacct, blkio := g.dir("memory"), g.dir("cpu"), g.dir("cpuacct"), g.dir("blkio")
	dirs := ancestry(memory)
	limitOf := func(name string) func(string) Figure {
		return func(dir string) Figure { return limitV1(readFigure(dir, name)) }
	}
	d.MemoryLimit.Own, d.MemoryLimit.Effective, d.MemoryLimit.By = climb(dirs, limitOf("memory.limit_in_bytes"))
	d.CPULimit.Own, d.CPULimit.Effective, d.CPULimit.By = climb(ancestry(cpu), readCFS)
	v := &d.V1
	v.MemswLimit.Own, v.MemswLimit.Effective, v.MemswLimit.By = climb(dirs, limitOf("memory.memsw.limit_in_bytes"))
	v.MemoryFailcnt = readFigure(memory, "memory.failcnt")
	v.OOMControl = readStats(memory, "memory.oom_control", parseOOMControl)
	v.KmemTCP = readFigure(memory, "memory.kmem.tcp.usage_in_bytes")

	v.CPUStat = readStats(cpu, "cpu.stat", parseCPUStatV1)
	v.CPUAcctUsage = readFigure(cpuacct, "cpuacct.usage")
	v.CPUAcctUsageUser = readFigure(cpuacct, "cpuacct.usage_user")
	v.CPUAcctUsageSys = readFigure(cpuacct, "cpuacct.usage_sys")

	v.IOServiceBytes = readBlkio(blkio, "blkio.throttle.io_service_bytes")
	v.IOServiced = readBlkio(blkio, "blkio.throttle.io_serviced")
}

func readCFS(dir string) CPUQuota {
	quota := readParsed(dir, "cpu.cfs_quota_us", parseCFSQuota)
	return newCPUQuota(quota, readFigure(dir, "cpu.cfs_period_us"))
}

func readBlkio(dir, name string) Blkio {
	data, state := readFile(dir, name)
	if state != Present {
		return Blkio{State: state}
	}
	return parseBlkio(data)
}

// readFile reads a file of a cgroup once. Without a folder the controller is not mounted.
func readFile(dir, name string) ([]byte, State) {
	if dir == "" {
		return nil, Unsupported
	}
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	return data, stateOf(path, err)
}

func readParsed(dir, name string, parse func([]byte) Figure) Figure {
	data, state := readFile(dir, name)
	if state != Present {
		return Without(state)
	}
	return parse(data)
}

func readFigure(dir, name string) Figure { return readParsed(dir, name, parseFigure) }

// figureOf makes a reader of one file for [climb].
func figureOf(name string) func(dir string) Figure {
	return func(dir string) Figure { return readFigure(dir, name) }
}

func readStats[T stats](dir, name string, parse func([]byte) T) T {
	data, state := readFile(dir, name)
	if state != Present {
		return without[T](state)
	}
	return parse(data)
}
