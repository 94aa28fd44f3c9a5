package cgroupfs

import (
	"path/filepath"
	"time"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// Details is what the kernel reports about a cgroup beyond a [Reading]: limits, peaks, events and other figures that are
// asked for once. Each figure has its own state. Those of the other cgroup version are [figure.NotMeasured].
type Details struct {
	At time.Time

	MemoryLimit Limit // bytes
	CPULimit    CPULimit
	PidsLimit   Limit         // tasks, that is, threads
	PidsPeak    figure.Figure // since 6.1
	PidsEvents  figure.Figure // number of forks that failed because of a limit; see parsePidsEvents for which limit

	V2 DetailsV2
	V1 DetailsV1
}

// DetailsV2 is what only v2 reports, named after its files. Memory is in bytes.
type DetailsV2 struct {
	SwapLimit  Limit // of swap alone, unlike v1's
	MemoryHigh figure.Figure
	MemoryLow  figure.Figure
	MemoryMin  figure.Figure
	ZswapMax   figure.Figure // since 5.19
	OOMGroup   figure.Figure // 1: the OOM killer kills all processes of the cgroup or none; since 4.19

	MemoryEvents      MemoryEvents
	MemoryEventsLocal MemoryEvents
	SwapEvents        SwapEvents
	MemoryPeak        figure.Figure // since 5.19
	SwapPeak          figure.Figure // since 6.5
	ZswapCurrent      figure.Figure // since 5.19

	CPUStat      CPUStat
	Cgroup       CgroupStat
	ParentCgroup CgroupStat // of the cgroup above, which counts what removed containers have left
	FrozenUsec   figure.Figure

	IO                                      IO
	CPUPressure, MemoryPressure, IOPressure proc.Pressure
}

// DetailsV1 is what only v1 reports, named after its files. Memory is in bytes.
type DetailsV1 struct {
	MemswLimit    Limit         // of memory and swap together
	MemoryFailcnt figure.Figure // how often memory.limit_in_bytes was reached
	OOMControl    OOMControl
	KmemTCP       figure.Figure // memory.kmem.tcp.usage_in_bytes: network buffers

	CPUStat CPUStatV1
	// CPU time used, in nanoseconds. The kernel counts user and system time separately, so they need not add up.
	CPUAcctUsage, CPUAcctUsageUser, CPUAcctUsageSys figure.Figure

	IOServiceBytes Blkio // bytes
	IOServiced     Blkio // operations
}

// Details reads the details, each file once.
func (g *Group) Details() Details {
	d := Details{At: time.Now()}
	pids := g.folder("pids")
	d.PidsLimit = g.PidsLimit()
	d.PidsPeak = readFigure(pids, "pids.peak")
	d.PidsEvents = readParsed(pids, "pids.events", parsePidsEvents)
	if g.Version == 2 {
		g.detailsV2(&d)
	} else {
		g.detailsV1(&d)
	}
	if g.replaced() {
		gone := figure.AllWithout[Details](figure.Vanished)
		gone.At = d.At
		return gone
	}
	return d
}

func (g *Group) detailsV2(d *Details) {
	own, all := g.Path, ancestry(g.Path)
	d.MemoryLimit = smallestFigure(all, figureIn("memory.max"))
	d.CPULimit = smallestQuota(all, func(folder string) CPUQuota { return readStruct(folder, "cpu.max", parseCPUMax) })
	v := &d.V2
	v.SwapLimit = smallestFigure(all, figureIn("memory.swap.max"))
	v.MemoryHigh = readFigure(own, "memory.high")
	v.MemoryLow = readFigure(own, "memory.low")
	v.MemoryMin = readFigure(own, "memory.min")
	v.ZswapMax = readFigure(own, "memory.zswap.max")
	v.OOMGroup = readFigure(own, "memory.oom.group")

	v.MemoryEvents = readStruct(own, "memory.events", parseMemoryEvents)
	v.MemoryEventsLocal = readStruct(own, "memory.events.local", parseMemoryEvents)
	v.SwapEvents = readStruct(own, "memory.swap.events", parseSwapEvents)
	v.MemoryPeak = readFigure(own, "memory.peak")
	v.SwapPeak = readFigure(own, "memory.swap.peak")
	v.ZswapCurrent = readFigure(own, "memory.zswap.current")

	v.CPUStat = readStruct(own, "cpu.stat", parseCPUStat)
	v.Cgroup = readStruct(own, "cgroup.stat", parseCgroupStat)
	v.ParentCgroup = readStruct(filepath.Dir(own), "cgroup.stat", parseCgroupStat)
	v.FrozenUsec = readParsed(g.frozenFolder(), "cgroup.stat.local", parseFrozenUsec)

	v.IO = readStruct(own, "io.stat", parseIOStat)
	v.CPUPressure = readStruct(own, "cpu.pressure", proc.ParsePressure)
	v.MemoryPressure = readStruct(own, "memory.pressure", proc.ParsePressure)
	v.IOPressure = readStruct(own, "io.pressure", proc.ParsePressure)
}

func (g *Group) detailsV1(d *Details) {
	memory, cpu, cpuacct, blkio := g.folder("memory"), g.folder("cpu"), g.folder("cpuacct"), g.folder("blkio")
	all := ancestry(memory)
	limitIn := func(name string) func(string) figure.Figure {
		return func(folder string) figure.Figure { return limitV1(readFigure(folder, name)) }
	}
	d.MemoryLimit = smallestFigure(all, limitIn("memory.limit_in_bytes"))
	d.CPULimit = smallestQuota(ancestry(cpu), readCFSQuota)
	v := &d.V1
	v.MemswLimit = smallestFigure(all, limitIn("memory.memsw.limit_in_bytes"))
	v.MemoryFailcnt = readFigure(memory, "memory.failcnt")
	v.OOMControl = readStruct(memory, "memory.oom_control", parseOOMControl)
	v.KmemTCP = readFigure(memory, "memory.kmem.tcp.usage_in_bytes")

	v.CPUStat = readStruct(cpu, "cpu.stat", parseCPUStatV1)
	v.CPUAcctUsage = readFigure(cpuacct, "cpuacct.usage")
	v.CPUAcctUsageUser = readFigure(cpuacct, "cpuacct.usage_user")
	v.CPUAcctUsageSys = readFigure(cpuacct, "cpuacct.usage_sys")

	v.IOServiceBytes = readStruct(blkio, "blkio.throttle.io_service_bytes", parseBlkio)
	v.IOServiced = readStruct(blkio, "blkio.throttle.io_serviced", parseBlkio)
}

// Gone returns the reading and the details of a cgroup that no longer exists: each figure is [figure.Vanished].
func Gone() (Reading, Details) {
	return figure.AllWithout[Reading](figure.Vanished), figure.AllWithout[Details](figure.Vanished)
}
