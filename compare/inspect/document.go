package inspect

import (
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/drift"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// document returns the account's part of the JSON contract.
func (a *account) document() document.Inspected {
	state := a.Container.State
	k := &a.kernel
	doc := document.Inspected{
		Name: a.Name(), ID: a.Container.ID,
		Docker: document.DockerState{Status: a.docker.Status, Paused: a.docker.Paused, OOMKilled: a.docker.OOMKilled,
			PID:          value.KnownOr(state.Pid, state.Pid > 0, value.Vanished, "it is not running"),
			ExitCode:     value.KnownOr(state.ExitCode, !state.Running && state.Status != "created", value.NotMeasured, "it has not ended"),
			CgroupParent: a.Container.HostConfig.CgroupParent,
			StatsCPU:     sampled(a.docker.StatsCPU)},
		Cgroup: document.InspectedCgroup{Exists: k.Exists, Version: k.Version,
			Path:          value.KnownOr(k.Path, k.Exists, value.Vanished, "it has no cgroup"),
			Below:         figures.Number(k.Details.V2.Cgroup.NrDescendants),
			Dying:         figures.Number(k.Details.V2.Cgroup.NrDyingDescendants),
			DyingInParent: figures.Number(k.Details.V2.ParentCgroup.NrDyingDescendants)},
		LastEnd: value.Absent[document.LastEnd](value.NotMeasured, "it has not ended"),
		Freezer: a.freezer(),
		Memory:  a.memory(),
		CPU:     a.cpu(),
		Pids: document.InspectedPids{Current: figures.Number(k.After.Pids), Limit: figures.Number(k.Details.PidsLimit.Effective),
			LimitBy: limitBy(k.Details.PidsLimit.By, k.Details.PidsLimit.Effective)},
		IO: a.io(),
		Pressure: document.Pressures{CPU: pressure(k.Details.V2.CPUPressure), Memory: pressure(k.Details.V2.MemoryPressure),
			IO: pressure(k.Details.V2.IOPressure)},
		Processes:   []document.Process{},
		Agreement:   drift.Questions(&a.docker, k),
		Findings:    append([]document.Finding{}, drift.Findings(a.Name(), &a.docker, k)...),
		Explanation: []document.Sentence{},
	}
	for i := range a.held.members {
		doc.Processes = append(doc.Processes, process(&a.held.members[i]))
	}
	if k.Exists {
		doc.Explanation = memory.Explain(a.memoryFacts())
	}
	return doc
}

func (a *account) freezer() document.InspectedFreeze {
	f := a.kernel.After.Freezer
	return document.InspectedFreeze{Requested: figures.Flag(f.Requested), Frozen: figures.Flag(f.Frozen),
		By: requestedFor(f.By), Ancestor: requestedFor(f.Above), FrozenUsec: figures.Number(a.kernel.Details.V2.FrozenUsec),
		FrozenMs: target.FrozenFor(f, a.kernel.MembersAfter)}
}

// requestedFor returns the cgroup for which a freeze is requested.
func requestedFor(path string) value.Maybe[string] {
	return value.KnownOr(path, path != "", value.Unsupported, "no freeze is requested on such a cgroup")
}

// limitBy returns the cgroup that sets a limit. If there is none, it gives the reason why there is no limit.
func limitBy(path string, limit figure.Figure) value.Maybe[string] {
	if limit.State() == figure.Max || limit.State() == figure.Present {
		return value.KnownOr(path, path != "", value.Max, "nothing limits it")
	}
	return figures.Without[string](limit)
}

// sampled returns a figure of docker stats.
func sampled(v *float64) value.Maybe[float64] {
	if v == nil {
		return value.Absent[float64](value.NotMeasured, "docker stats had no sample")
	}
	return value.Known(*v)
}
