package ps

import (
	"strings"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/drift"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// isRunning reports whether Docker's state means that a container is running. A paused one is.
func isRunning(state string) bool { return state == "running" || state == "paused" }

func (l *listing) lines(lines []dockercli.PsLine) []document.PsLine {
	all := make([]document.PsLine, len(lines))
	each(lines, func(i int, line dockercli.PsLine) {
		s := l.seen[line.ID]
		if s == nil {
			s = &snapshot{}
		}
		all[i] = psLine(line, s, l.cpu)
	})
	return all
}

// psLine makes the line of a container. The group of its snapshot is nil if it has no cgroup.
func psLine(line dockercli.PsLine, s *snapshot, cpuOf func(string, *snapshot, *drift.Kernel) document.PsCPU) document.PsLine {
	k := kernelOf(s, isRunning(line.State))
	cpu := cpuOf(line.ID, s, &k)
	l := document.PsLine{Name: name(line.Name), ID: line.ID, Drift: []document.FindingKind{},
		Docker:   document.PsState{State: value.Clean(line.State), Status: value.Clean(line.Status)},
		Cgroup:   document.PsCgroup{Exists: k.Exists, Path: value.KnownOr(k.Path, k.Exists, value.Vanished, "the cgroup or process is gone")},
		Freezer:  document.Freezer{Requested: figures.Flag(k.After.Freezer.Requested), Frozen: figures.Flag(k.After.Freezer.Frozen)},
		FrozenMs: value.Absent[float64](value.NotMeasured, "it is not frozen"),
		LastEnd:  value.Absent[document.LastEnd](value.NotMeasured, "it has not ended, or nobody asked (--all)"),
		CPU:      cpu, Memory: psMemory(k.After.Memory)}
	if k.Exists {
		l.FrozenMs = target.FrozenFor(k.After.Freezer, k.MembersAfter)
	}
	// Docker's answer may be from before or after a change that happened while it was asked, so that proves no drift.
	if s.before.Freezer != s.now.Freezer || s.before.Populated != s.now.Populated {
		return l
	}
	d := &drift.Docker{Status: line.State, Running: isRunning(line.State), Paused: line.State == "paused"}
	for _, f := range drift.Findings(l.Name, d, &k) {
		if !s.busy || !drift.OfPause(f.Kind) {
			l.Drift = append(l.Drift, f.Kind)
		}
	}
	return l
}

// kernelOf returns what the kernel says about a container that runs, or that Docker says does not.
func kernelOf(s *snapshot, running bool) drift.Kernel {
	k := drift.Kernel{Before: s.before, After: s.now}
	if s.group == nil || s.gone() {
		k.After, _ = cgroupfs.Gone()
		return k
	}
	k.Exists, k.Version, k.Path, k.Populated = true, s.group.Version, s.group.Path, s.now.Populated
	k.Below = s.below
	if s.main.FirstThreadEnded {
		k.FirstThreadEnded = &drift.MainProcess{PID: s.main.PID, Command: value.Clean(s.main.Comm)}
	}
	if k.After.Freezer.Frozen.Is(1) || !k.Populated.Is(1) || !running {
		pids, err := s.group.Members()
		if k.MembersAfter = pids; err != nil && s.group.Exists() {
			k.MembersError = err.Error()
		}
		k.Ending = k.Populated.Is(1) && len(pids) == 0 && err == nil
	}
	return k
}

func psMemory(m cgroupfs.Memory) document.PsMemory {
	return document.PsMemory{CurrentBytes: figures.Number(m.Current), AnonBytes: figures.Number(m.Anon), FileBytes: figures.Number(m.File),
		ShmemBytes: figures.Number(m.Shmem), KernelBytes: figures.Number(m.Kernel), SwapBytes: figures.Number(m.Swap),
		LimitBytes: figures.Number(m.Limit)}
}

// name returns a container's own name. Docker lists those that links add as well, as other/alias.
func name(names string) string {
	for one := range strings.SplitSeq(names, ",") {
		if !strings.Contains(one, "/") {
			return value.Clean(one)
		}
	}
	return value.Clean(names)
}
