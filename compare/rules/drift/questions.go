package drift

import (
	"slices"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// Questions compares the answers of Docker and the kernel. A container without a cgroup has only the question whether it is
// running.
func Questions(d *Docker, k *Kernel) []document.Question {
	if !k.Exists {
		return []document.Question{isRunning(d, k)}
	}
	return []document.Question{isRunning(d, k), paused(d, k), frozen(d, k), memory(d, k), cpu(d, k), processes(d, k),
		memoryLimit(d, k), swapLimit(d, k), cpuLimit(d, k), cpuset(d, k), pidsLimit(d, k), oom(d, k)}
}

func isRunning(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "running", Docker: d.Status, Kernel: "its cgroup is gone",
		Agree: value.Known(d.hasProcess() == k.populated())}
	switch {
	case !k.Exists:
	case k.MembersError != "":
		q.Kernel = k.MembersError
	case k.Ending:
		q.Kernel = "its cgroup has only processes that are ending"
	default:
		q.Kernel = countProcesses(k.MembersAfter) + " in its cgroup"
	}
	return q
}

func paused(d *Docker, k *Kernel) document.Question {
	f := k.After.Freezer
	q := document.Question{Question: "paused", Docker: yesNo(d.Paused, "paused", "not paused"), Kernel: "no freeze is requested"}
	switch {
	case f.Requested.State() != figure.Present:
		q.Kernel = unknown(f.Requested)
		q.Agree = figures.Without[bool](f.Requested)
		return q
	case f.By == k.Path:
		q.Kernel = "a freeze is requested"
		if f.Above != "" {
			q.Kernel += ", and another for its ancestor " + value.Quote(f.Above)
		}
	case f.By != "":
		q.Kernel = "a freeze is requested only for its ancestor " + value.Quote(f.By)
	}
	q.Agree = value.Known(d.Paused == (f.By == k.Path))
	return q
}

func frozen(d *Docker, k *Kernel) document.Question {
	f := k.After.Freezer.Frozen
	q := document.Question{Question: "frozen", Docker: yesNo(d.Paused, "paused, so frozen", "not paused, so not frozen")}
	if f.State() != figure.Present {
		q.Kernel, q.Agree = unknown(f), figures.Without[bool](f)
		return q
	}
	q.Kernel = yesNo(f.Is(1), "frozen", "not frozen")
	q.Agree = value.Known(d.Paused == f.Is(1))
	return q
}

func processes(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "processes", Docker: d.tool() + " top: " + d.ProcessesError, Kernel: countProcesses(k.MembersAfter)}
	if k.MembersError != "" {
		q.Kernel = k.MembersError
	}
	if d.Processes != nil {
		q.Docker = countProcesses(d.Processes)
	}
	if d.Processes == nil || k.MembersError != "" {
		q.Agree = value.Absent[bool](value.NotMeasured, "one side could not list the processes")
		return q
	}
	// Processes that began or ended during the reading may be in either list.
	same := true
	for _, pid := range d.Processes {
		same = same && (slices.Contains(k.MembersBefore, pid) || slices.Contains(k.MembersAfter, pid))
	}
	for _, pid := range k.MembersBefore {
		same = same && (slices.Contains(d.Processes, pid) || !slices.Contains(k.MembersAfter, pid))
	}
	q.Agree = agreeIfSettled(k, same)
	return q
}

// oom compares OOM kills. Both sides count the whole container, not only its main process. Engines before 24.0 report it only
// when the container ends.
func oom(d *Docker, k *Kernel) document.Question {
	kills := k.After.Memory.OOMKill
	q := document.Question{Question: "oom-killed", Docker: yesNo(d.OOMKilled, "yes", "no"), Kernel: unknown(kills),
		Agree: figures.Without[bool](kills)}
	if v, ok := kills.Value(); ok {
		q.Kernel = value.Count(int(v), "process", "processes") + " killed by the OOM killer"
		q.Agree = value.Known(d.OOMKilled == (v > 0))
	}
	return q
}

// agreeIfSettled returns whether the two answers are the same. On a container that is not frozen, different answers may come from
// different moments, so they prove nothing.
func agreeIfSettled(k *Kernel, same bool) value.Maybe[bool] {
	if same || k.frozen() {
		return value.Known(same)
	}
	return value.Absent[bool](value.NotMeasured, "it changed during the reading")
}

func countProcesses(pids []int) string { return value.Count(len(pids), "process", "processes") }

func unknown(f figure.Figure) string { return "not known: " + f.String() }

func yesNo(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}
