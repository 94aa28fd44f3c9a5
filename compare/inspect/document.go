package inspect

import (
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/drift"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// document turns the account into the document of the JSON contract.
func (a *account) document() document.Inspected {
	state := a.Container.State
	k := &a.kernel
	doc := document.Inspected{
		Name: a.Name(), ID: a.Container.ID,
		Docker: document.DockerState{Status: a.docker.Status, Paused: a.docker.Paused, OOMKilled: a.docker.OOMKilled,
			PID:          value.KnownOr(state.Pid, state.Pid > 0, value.Vanished, "it does not run"),
			ExitCode:     value.KnownOr(state.ExitCode, !state.Running && state.Status != "created", value.NotMeasured, "it has not ended"),
			CgroupParent: a.Container.HostConfig.CgroupParent,
			StatsCPU:     pointer(a.docker.StatsCPU)},
		Cgroup: document.InspectedCgroup{Exists: k.Exists, Version: k.Version,
			Path:        value.KnownOr(k.Path, k.Exists, value.Vanished, "it has no cgroup"),
			Below:       figures.Number(k.Details.V2.Cgroup.NrDescendants),
			Dying:       figures.Number(k.Details.V2.Cgroup.NrDyingDescendants),
			DyingBeside: figures.Number(k.Details.V2.ParentCgroup.NrDyingDescendants)},
		Freezer:     a.freezer(),
		Memory:      a.memory(),
		CPU:         a.cpu(),
		Pids:        document.InspectedPids{Current: figures.Number(k.After.Pids), Limit: figures.Number(k.Details.PidsLimit.Effective), LimitBy: by(k.Details.PidsLimit.By, k.Details.PidsLimit.Effective)},
		IO:          a.io(),
		Pressure:    document.Pressures{CPU: pressure(k.Details.V2.CPUPressure), Memory: pressure(k.Details.V2.MemoryPressure), IO: pressure(k.Details.V2.IOPressure)},
		Processes:   []document.Process{},
		Agreement:   drift.Questions(&a.docker, k),
		Findings:    append([]document.Finding{}, drift.Findings(a.Name(), &a.docker, k)...),
		Explanation: []document.Sentence{},
	}
	for i := range a.members {
		doc.Processes = append(doc.Processes, process(&a.members[i]))
	}
	if k.Exists {
		doc.Explanation = memory.Explain(a.memoryFacts())
	}
	return doc
}

func (a *account) freezer() document.InspectedFreeze {
	f := a.kernel.After.Freezer
	return document.InspectedFreeze{Requested: figures.Flag(f.Requested), Frozen: figures.Flag(f.Frozen),
		By: askedOf(f.By), Ancestor: askedOf(f.Above), FrozenUsec: figures.Number(a.kernel.Details.V2.FrozenUsec),
		FrozenMs: target.FrozenFor(f, a.kernel.MembersAfter)}
}

func askedOf(path string) value.Maybe[string] {
	return value.KnownOr(path, path != "", value.Unsupported, "freezing is asked for of no such cgroup")
}

// memoryFacts returns what the rules of memory are applied to.
func (a *account) memoryFacts() memory.Facts {
	k := &a.kernel
	f, processes := k.After.Freezer, len(k.MembersAfter)
	if k.MembersError != "" {
		processes = -1
	}
	return memory.Facts{Name: a.Name(), Now: memory.Split(&k.After, k.Version), Tolerance: memory.Tolerance(&k.After, k.Batch), Swap: a.swap,
		Unevictable: memory.Unevictable(&k.After, k.Version), LockedBy: a.lockedBy(), NoReclaim: a.noReclaim,
		Frozen: f.Frozen.Is(1), Unpausable: a.docker.Paused && f.By == k.Path && f.Above == "", FrozenSource: k.Sources["frozen"], Processes: processes}
}

func (a *account) memory() document.InspectedMemory {
	k := &a.kernel
	m, d := k.After.Memory, &k.Details
	doc := document.InspectedMemory{
		CurrentBytes: figures.Number(m.Current), PeakBytes: figures.Number(m.Peak),
		LimitBytes: figures.Number(d.MemoryLimit.Effective), LimitBy: by(d.MemoryLimit.By, d.MemoryLimit.Effective), OwnLimitBytes: figures.Number(d.MemoryLimit.Own),
		HighBytes: figures.Number(d.V2.MemoryHigh), LowBytes: figures.Number(d.V2.MemoryLow),
		SwapBytes: figures.Number(m.Swap), SwapLimitBytes: figures.Number(d.SwapLimit()), ZswapBytes: figures.Number(d.V2.ZswapCurrent),
		Ledger: []document.HeldRow{}, Reconciled: []document.Line{},
		ToleranceBytes: memory.Tolerance(&k.After, k.Batch), BatchBytes: k.Batch,
		DockerStatsBytes: pointer(a.docker.StatsMemory),
		Events: document.MemoryEvents{Low: figures.Number(d.V2.MemoryEvents.Low), High: figures.Number(d.V2.MemoryEvents.High),
			Max: figures.Number(d.V2.MemoryEvents.Max), OOM: figures.Number(d.V2.MemoryEvents.OOM),
			OOMKill: figures.Number(m.OOMKill), LocalKill: figures.Number(d.V2.MemoryEventsLocal.OOMKill)},
	}
	if !k.Exists {
		doc.UnattributedBytes = figures.Without[int64](m.Current)
		return doc
	}
	facts := a.memoryFacts()
	doc.UnattributedBytes = facts.Now[len(facts.Now)-1].Bytes
	for _, row := range facts.Now {
		rule := facts.RowRule(row)
		held := document.HeldRow{Kind: row.Kind, Group: row.Group, Bytes: row.Bytes, Source: row.Source, HeldBy: a.holders(row.Kind),
			KeptBecause: rule.KeptBecause, FreedBy: rule.FreedBy, Reclaimable: rule.Certainty, Parts: []document.RowPart{}}
		for _, p := range row.Parts {
			held.Parts = append(held.Parts, document.RowPart{Kind: p.Kind, Bytes: p.Bytes, Source: p.Source})
		}
		doc.Ledger = append(doc.Ledger, held)
	}
	doc.Reconciled = a.reconcile()
	return doc
}

func (a *account) cpu() document.InspectedCPU {
	k := &a.kernel
	s := k.Details.V2.CPUStat
	doc := document.InspectedCPU{
		UsageUsec: figures.Number(k.After.CPUUsage), UserUsec: figures.Number(s.UserUsec), SystemUsec: figures.Number(s.SystemUsec),
		Throttled: figures.Number(s.NrThrottled), ThrottledUsec: figures.Number(s.ThrottledUsec),
		Percent:  figures.Without[float64](k.After.CPUUsage),
		WindowMs: figures.Without[float64](k.After.CPUUsage),
		LimitBy:  by(k.Details.CPULimit.By, k.Details.CPULimit.Effective.QuotaUsec),
	}
	if k.Version == 1 {
		doc.UserUsec = figures.Number(k.Details.V1.CPUAcctUsageUser.DividedBy(1000))
		doc.SystemUsec = figures.Number(k.Details.V1.CPUAcctUsageSys.DividedBy(1000))
		doc.Throttled = figures.Number(k.Details.V1.CPUStat.NrThrottled)
		doc.ThrottledUsec = figures.Number(k.Details.V1.CPUStat.ThrottledTime.DividedBy(1000))
	}
	if v, ok := drift.CPUPercent(&k.Before, &k.After); ok {
		doc.Percent, doc.WindowMs = value.Known(v), value.Known(value.Milliseconds(a.window()))
	}
	quota := k.Details.CPULimit.Effective
	doc.LimitCores = figures.Without[float64](quota.QuotaUsec)
	if cores, ok := quota.CPUs(); ok {
		doc.LimitCores = value.Known(cores)
	}
	return doc
}

func (a *account) io() value.Maybe[[]document.IODevice] {
	v2, v1 := a.kernel.Details.V2.IO, a.kernel.Details.V1
	state := v2.State
	all := []document.IODevice{}
	for _, d := range v2.Devices {
		all = append(all, document.IODevice{Device: d.Device, ReadBytes: figures.Number(d.Rbytes), WriteBytes: figures.Number(d.Wbytes),
			Reads: figures.Number(d.Rios), Writes: figures.Number(d.Wios)})
	}
	if a.kernel.Version == 1 {
		state = v1.IOServiceBytes.State
	}
	for _, d := range v1.IOServiceBytes.Devices {
		device := document.IODevice{Device: d.Device, ReadBytes: figures.Number(d.Read), WriteBytes: figures.Number(d.Write)}
		for _, ops := range v1.IOServiced.Devices {
			if ops.Device == d.Device {
				device.Reads, device.Writes = figures.Number(ops.Read), figures.Number(ops.Write)
			}
		}
		all = append(all, device)
	}
	if state != figure.Present {
		return figures.Without[[]document.IODevice](figure.Without(state))
	}
	return value.Known(all)
}

func pressure(p proc.Pressure) document.Pressure {
	percent := func(f figure.Figure) value.Maybe[float64] {
		if v, ok := f.Value(); ok {
			return value.Known(float64(v) / 100)
		}
		return figures.Without[float64](f)
	}
	return document.Pressure{SomePercent10: percent(p.Some.Avg10), SomeUsec: figures.Number(p.Some.Total),
		FullPercent10: percent(p.Full.Avg10), FullUsec: figures.Number(p.Full.Total)}
}

func process(m *proc.Member) document.Process {
	status := figure.Without(m.StatusState)
	names := func(set proc.SignalSet) value.Maybe[[]string] {
		if m.StatusState != figure.Present {
			return figures.Without[[]string](status)
		}
		return value.Known(append([]string{}, set.Names()...))
	}
	p := document.Process{PID: m.PID, Command: m.Comm, State: value.Known(string(m.Stat.State)), StartTicks: m.StartTime,
		NSPID: figures.Without[int](status), Threads: figures.Without[int](status),
		RSSBytes: figures.Number(m.VMRSS), PSSBytes: figures.Number(m.Rollup.Pss), SwapBytes: figures.Number(m.VMSwap), LazyFreeBytes: figures.Number(m.Rollup.LazyFree),
		Signals: document.Signals{Caught: names(m.Caught), Ignored: names(m.Ignored), Blocked: names(m.Blocked), Pending: names(m.Pending | m.SharedPending)}}
	p.Wchan = value.KnownOr(m.Wchan, m.WchanState == figure.Present, value.Reason(m.WchanState.String()), "")
	if m.StatusState == figure.Present {
		p.Threads = value.Known(m.Threads)
		if n := len(m.NSpid); n > 0 {
			p.NSPID = value.Known(m.NSpid[n-1])
		}
	}
	return p
}

// holdersShown bounds the list of who holds a row.
const holdersShown = 5

// by is the cgroup that sets a limit; where there is none, for the reason why there is no limit.
func by(path string, limit figure.Figure) value.Maybe[string] {
	if limit.State() == figure.Max || limit.State() == figure.Present {
		return value.KnownOr(path, path != "", value.Max, "nothing limits it")
	}
	return figures.Without[string](limit)
}

func pointer(v *float64) value.Maybe[float64] {
	if v == nil {
		return value.Absent[float64](value.NotMeasured, "docker stats had no sample")
	}
	return value.Known(*v)
}
