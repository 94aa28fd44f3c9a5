package live

import (
	"fmt"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/compare/agree"
	"haltscope/compare/ledger"
	"haltscope/compare/report"
)

// document turns the account into the document of the JSON contract.
func (a *account) document() report.Inspected {
	state := a.container.State
	k := &a.kernel
	doc := report.Inspected{
		Name: a.name(), ID: a.container.ID,
		Docker: report.DockerState{Status: a.docker.Status, Paused: a.docker.Paused, OOMKilled: a.docker.OOMKilled,
			PID:          knownOr(state.Pid, state.Pid > 0, report.Vanished, "it does not run"),
			ExitCode:     knownOr(state.ExitCode, !state.Running && state.Status != "created", report.NotMeasured, "it has not ended"),
			CgroupParent: a.container.HostConfig.CgroupParent,
			StatsCPU:     pointer(a.docker.StatsCPU)},
		Cgroup: report.InspectedCgroup{Exists: k.Exists, Version: k.Version,
			Path:        knownOr(k.Path, k.Exists, report.Vanished, "it has no cgroup"),
			Below:       report.Number(k.Details.V2.Cgroup.NrDescendants),
			Dying:       report.Number(k.Details.V2.Cgroup.NrDyingDescendants),
			DyingBeside: report.Number(k.Details.V2.ParentCgroup.NrDyingDescendants)},
		Freezer:     a.freezer(),
		Memory:      a.memory(),
		CPU:         a.cpu(),
		Pids:        report.InspectedPids{Current: report.Number(k.After.Pids), Limit: report.Number(k.Details.PidsLimit.Effective), LimitBy: by(k.Details.PidsLimit.By, k.Details.PidsLimit.Effective)},
		IO:          a.io(),
		Pressure:    report.Pressures{CPU: pressure(k.Details.V2.CPUPressure), Memory: pressure(k.Details.V2.MemoryPressure), IO: pressure(k.Details.V2.IOPressure)},
		Processes:   []report.Process{},
		Agreement:   agree.Questions(&a.docker, k),
		Findings:    append([]report.Finding{}, agree.Drift(a.name(), &a.docker, k)...),
		Explanation: []report.Sentence{},
	}
	for i := range a.members {
		doc.Processes = append(doc.Processes, process(&a.members[i]))
	}
	if k.Exists {
		f, processes := k.After.Freezer, len(k.MembersAfter)
		if k.MembersError != "" {
			processes = -1
		}
		doc.Explanation = ledger.Explain(ledger.Account{Name: a.name(), Now: ledger.Split(&k.After, k.Version), Swap: a.swap, Unevictable: ledger.Unevictable(&k.After, k.Version),
			LockedBy: a.lockedBy(), Unpausable: a.docker.Paused && f.By == k.Path && f.Above == "",
			Frozen: f.Frozen.Is(1), FrozenSource: k.Sources["frozen"], Processes: processes, NoReclaim: a.noReclaim})
	}
	return doc
}

func (a *account) freezer() report.InspectedFreeze {
	f := a.kernel.After.Freezer
	return report.InspectedFreeze{Requested: report.Flag(f.Requested), Frozen: report.Flag(f.Frozen),
		By: askedOf(f.By), Above: askedOf(f.Above), FrozenUsec: report.Number(a.kernel.Details.V2.FrozenUsec),
		FrozenMs: frozenFor(f, a.kernel.MembersAfter)}
}

func askedOf(path string) report.Maybe[string] {
	return knownOr(path, path != "", report.Unsupported, "freezing is asked for of no such cgroup")
}

func (a *account) memory() report.InspectedMemory {
	k := &a.kernel
	m, d := k.After.Memory, &k.Details
	doc := report.InspectedMemory{
		CurrentBytes: report.Number(m.Current), PeakBytes: report.Number(m.Peak),
		LimitBytes: report.Number(d.MemoryLimit.Effective), LimitBy: by(d.MemoryLimit.By, d.MemoryLimit.Effective), OwnLimitBytes: report.Number(d.MemoryLimit.Own),
		HighBytes: report.Number(d.V2.MemoryHigh), LowBytes: report.Number(d.V2.MemoryLow),
		SwapBytes: report.Number(m.Swap), SwapLimitBytes: report.Number(d.SwapLimit()), ZswapBytes: report.Number(d.V2.ZswapCurrent),
		Ledger: []report.HeldRow{}, Reconciled: []report.Line{},
		ToleranceBytes: ledger.Tolerance(&k.After, k.Batch), BatchBytes: k.Batch,
		DockerStatsBytes: pointer(a.docker.StatsMemory),
		Events: report.MemoryEvents{Low: report.Number(d.V2.MemoryEvents.Low), High: report.Number(d.V2.MemoryEvents.High),
			Max: report.Number(d.V2.MemoryEvents.Max), OOM: report.Number(d.V2.MemoryEvents.OOM),
			OOMKill: report.Number(m.OOMKill), LocalKill: report.Number(d.V2.MemoryEventsLocal.OOMKill)},
	}
	if !k.Exists {
		doc.UnattributedBytes = report.Without[int64](m.Current)
		return doc
	}
	rows := ledger.Split(&k.After, k.Version)
	doc.UnattributedBytes = rows[len(rows)-1].Bytes
	for _, row := range rows {
		rule := a.rule(row)
		held := report.HeldRow{Kind: row.Kind, Group: row.Group, Bytes: row.Bytes, Source: row.Source, HeldBy: a.holders(row.Kind),
			Kept: rule.Kept, FreedBy: rule.FreedBy, Sure: rule.Sure, Parts: []report.RowPart{}}
		for _, p := range row.Parts {
			held.Parts = append(held.Parts, report.RowPart{Kind: p.Kind, Bytes: p.Bytes, Source: p.Source})
		}
		doc.Ledger = append(doc.Ledger, held)
	}
	doc.Reconciled = a.reconcile()
	return doc
}

// rule is what can be said of a row as it stands.
func (a *account) rule(row ledger.Row) ledger.Rule {
	rule := ledger.RuleOf(row.Kind, a.swap)
	if a.kernel.After.Freezer.Frozen.Is(0) {
		rule.FreedBy = strings.ReplaceAll(rule.FreedBy, ", once unpaused", "")
	}
	v, ok := row.Bytes.Get()
	switch row.Group {
	case ledger.Unattributed:
		if ok && v > int64(ledger.Tolerance(&a.kernel.After, a.kernel.Batch)) {
			return ledger.Beyond
		}
	case ledger.Anon, ledger.File, ledger.Shmem:
		locked, ok := ledger.Unevictable(&a.kernel.After, a.kernel.Version).Value()
		if ok && locked > 0 && strings.HasPrefix(rule.FreedBy, "reclaim") {
			rule.FreedBy += fmt.Sprintf("; reclaim takes none of what is locked (%s of all pages)", report.Bytes(locked))
			if rule.Sure == ledger.Sure {
				rule.Sure = ledger.Likely
			}
		}
	}
	return rule
}

func (a *account) cpu() report.InspectedCPU {
	k := &a.kernel
	s := k.Details.V2.CPUStat
	doc := report.InspectedCPU{
		UsageUsec: report.Number(k.After.CPUUsage), UserUsec: report.Number(s.UserUsec), SystemUsec: report.Number(s.SystemUsec),
		Throttled: report.Number(s.NrThrottled), ThrottledUsec: report.Number(s.ThrottledUsec),
		Percent:  report.Without[float64](k.After.CPUUsage),
		WindowMs: report.Without[float64](k.After.CPUUsage),
		LimitBy:  by(k.Details.CPULimit.By, k.Details.CPULimit.Effective.QuotaUsec),
	}
	if k.Version == 1 {
		doc.UserUsec = report.Number(k.Details.V1.CPUAcctUsageUser.Per(1000))
		doc.SystemUsec = report.Number(k.Details.V1.CPUAcctUsageSys.Per(1000))
		doc.Throttled = report.Number(k.Details.V1.CPUStat.NrThrottled)
		doc.ThrottledUsec = report.Number(k.Details.V1.CPUStat.ThrottledTime.Per(1000))
	}
	if v, ok := agree.CPUPercent(&k.Before, &k.After); ok {
		doc.Percent, doc.WindowMs = report.Known(v), report.Known(float64(a.window().Microseconds())/1000)
	}
	quota := k.Details.CPULimit.Effective
	doc.LimitCores = report.Without[float64](quota.QuotaUsec)
	if cores, ok := quota.CPUs(); ok {
		doc.LimitCores = report.Known(cores)
	}
	return doc
}

func (a *account) io() report.Maybe[[]report.IODevice] {
	v2, v1 := a.kernel.Details.V2.IO, a.kernel.Details.V1
	state := v2.State
	all := []report.IODevice{}
	for _, d := range v2.Devices {
		all = append(all, report.IODevice{Device: d.Device, ReadBytes: report.Number(d.Rbytes), WriteBytes: report.Number(d.Wbytes),
			Reads: report.Number(d.Rios), Writes: report.Number(d.Wios)})
	}
	if a.kernel.Version == 1 {
		state = v1.IOServiceBytes.State
	}
	for _, d := range v1.IOServiceBytes.Devices {
		device := report.IODevice{Device: d.Device, ReadBytes: report.Number(d.Read), WriteBytes: report.Number(d.Write)}
		for _, ops := range v1.IOServiced.Devices {
			if ops.Device == d.Device {
				device.Reads, device.Writes = report.Number(ops.Read), report.Number(ops.Write)
			}
		}
		all = append(all, device)
	}
	if state != cgroupfs.Present {
		return report.Without[[]report.IODevice](cgroupfs.Without(state))
	}
	return report.Known(all)
}

func pressure(p cgroupfs.Pressure) report.Pressure {
	percent := func(f cgroupfs.Figure) report.Maybe[float64] {
		if v, ok := f.Value(); ok {
			return report.Known(float64(v) / 100)
		}
		return report.Without[float64](f)
	}
	return report.Pressure{SomePercent10: percent(p.Some.Avg10), SomeUsec: report.Number(p.Some.Total),
		FullPercent10: percent(p.Full.Avg10), FullUsec: report.Number(p.Full.Total)}
}

func process(m *cgroupfs.Member) report.Process {
	status := cgroupfs.Without(m.StatusState)
	names := func(set cgroupfs.SignalSet) report.Maybe[[]string] {
		if m.StatusState != cgroupfs.Present {
			return report.Without[[]string](status)
		}
		return report.Known(append([]string{}, set.Names()...))
	}
	p := report.Process{PID: m.PID, Command: m.Comm, State: report.Known(string(m.Stat.State)), StartTicks: m.StartTime,
		NSPID: report.Without[int](status), Threads: report.Without[int](status),
		RSSBytes: report.Number(m.VmRSS), PSSBytes: report.Number(m.Rollup.Pss), SwapBytes: report.Number(m.VmSwap), LazyFreeBytes: report.Number(m.Rollup.LazyFree),
		Signals: report.Signals{Caught: names(m.Caught), Ignored: names(m.Ignored), Blocked: names(m.Blocked), Pending: names(m.Pending | m.SharedPending)}}
	p.Wchan = knownOr(m.Wchan, m.WchanState == cgroupfs.Present, m.WchanState.String(), "")
	if m.StatusState == cgroupfs.Present {
		p.Threads = report.Known(m.Threads)
		if n := len(m.NSpid); n > 0 {
			p.NSPID = report.Known(m.NSpid[n-1])
		}
	}
	return p
}

// holdersShown bounds the list of who holds a row.
const holdersShown = 5

func knownOr[T any](v T, known bool, reason, detail string) report.Maybe[T] {
	if known {
		return report.Known(v)
	}
	return report.Absent[T](reason, detail)
}

// by is the cgroup that sets a limit; where there is none, for the reason why there is no limit.
func by(path string, limit cgroupfs.Figure) report.Maybe[string] {
	if limit.State() == cgroupfs.Max || limit.State() == cgroupfs.Present {
		return knownOr(path, path != "", report.Max, "nothing limits it")
	}
	return report.Without[string](limit)
}

func pointer(v *float64) report.Maybe[float64] {
	if v == nil {
		return report.Absent[float64](report.NotMeasured, "docker stats had no sample")
	}
	return report.Known(*v)
}
