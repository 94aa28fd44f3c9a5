package ps

import (
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/drift"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// runs reports whether Docker calls a container running: it does so of a paused one too.
func runs(state string) bool { return state == "running" || state == "paused" }

// psLine is the line of a container, whose cgroup may be nil.
func psLine(line dockercli.PsLine, s *sight) document.PsLine {
	var k drift.Kernel
	var g *cgroupfs.Group
	// What changed while Docker was asked is no drift: its answer may be of the moment before, or of the one behind.
	settled := true
	if s != nil {
		k.Before, k.After = s.before, s.now
		settled = s.before.Freezer == s.now.Freezer && s.before.Populated == s.now.Populated
		if !s.gone() {
			g = s.group
		}
	}
	k.Exists = g != nil
	gone := figure.Without(figure.Vanished)
	l := document.PsLine{Name: name(line.Name), ID: line.ID, Drift: []string{},
		Docker:   document.PsState{State: value.Clean(line.State), Status: value.Clean(line.Status)},
		Cgroup:   document.PsCgroup{Exists: k.Exists, Path: figures.Without[string](gone)},
		FrozenMs: value.Absent[float64](value.NotMeasured, "it is not frozen")}
	if g == nil {
		k.After.Freezer = cgroupfs.Freezer{Requested: gone, Frozen: gone}
		k.After.Memory = cgroupfs.Memory{Current: gone, Anon: gone, File: gone, Shmem: gone, Kernel: gone, Swap: gone, Limit: gone}
		k.After.CPUUsage = gone
	} else {
		k.Version, k.Path = g.Version, g.Path
		l.Cgroup.Path = value.Known(g.Path)
		k.Populated = k.After.Populated
		if k.After.Freezer.Frozen.Is(1) || !k.Populated.Is(1) {
			var err error
			if k.MembersAfter, err = g.Members(); err != nil && g.Exists() {
				k.MembersError = err.Error()
			}
		}
		l.FrozenMs = target.FrozenFor(k.After.Freezer, k.MembersAfter)
	}
	m := k.After.Memory
	l.Freezer = document.Freezer{Requested: figures.Flag(k.After.Freezer.Requested), Frozen: figures.Flag(k.After.Freezer.Frozen)}
	l.Memory = document.PsMemory{CurrentBytes: figures.Number(m.Current), AnonBytes: figures.Number(m.Anon), FileBytes: figures.Number(m.File), ShmemBytes: figures.Number(m.Shmem),
		KernelBytes: figures.Number(m.Kernel), SwapBytes: figures.Number(m.Swap), LimitBytes: figures.Number(m.Limit)}
	l.CPU = document.PsCPU{UsageUsec: figures.Number(k.After.CPUUsage),
		Percent:  value.Absent[float64](value.NotMeasured, "it was found too late to be read twice"),
		WindowMs: value.Absent[float64](value.NotMeasured, "it was found too late to be read twice")}
	if percent, ok := drift.CPUPercent(&k.Before, &k.After); ok {
		l.CPU.Percent = value.Known(percent)
		l.CPU.WindowMs = value.Known(value.Milliseconds(k.After.At.Sub(k.Before.At)))
	} else if g == nil {
		l.CPU.Percent, l.CPU.WindowMs = figures.Without[float64](gone), figures.Without[float64](gone)
	}
	d := &drift.Docker{Status: line.State, Running: runs(line.State), Paused: line.State == "paused"}
	if !settled {
		return l
	}
	for _, f := range drift.Findings(l.Name, d, &k) {
		l.Drift = append(l.Drift, f.Kind)
	}
	return l
}

// name is the first of a container's names: links add others.
func name(names string) string {
	for one := range strings.SplitSeq(names, ",") {
		if !strings.Contains(one, "/") {
			return value.Clean(one)
		}
	}
	return value.Clean(names)
}
