// Package drift compares what Docker says about a container with what the kernel says, question by question, and names the
// known ways in which they drift apart. It is pure.
package drift

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// Docker is what Docker says of a container.
type Docker struct {
	Podman          bool   // it is podman that says it, whose stats count otherwise
	Status          string // docker inspect, State.Status
	Running, Paused bool
	OOMKilled       bool
	Processes       []int    // docker top, in the host's PID namespace; nil where it was refused
	ProcessesError  string   // what docker top said then
	StatsMemory     *float64 // docker stats, in bytes, rounded to four digits; nil where it had no sample
	StatsCPU        *float64 // docker stats, in percent of one core
	MemoryLimit     int64    // bytes; 0 for none
	CPULimit        float64  // cores; 0 for none
	PidsLimit       int64    // 0 or −1 for none
	MemorySwap      int64    // memory and swap together, in bytes; 0 where it was not said, −1 for none
	Cpuset          string   // the CPUs it may run on, as docker run --cpuset-cpus takes them; "" for all
}

// runs reports whether Docker says that there is a process. Between two tries of its restart policy it calls a container
// running, and knows that there is none (moby, container/state.go, SetRestarting).
func (d *Docker) runs() bool { return d.Running && d.Status != "restarting" }

func (d *Docker) tool() string {
	if d.Podman {
		return "podman"
	}
	return "docker"
}

// Kernel is what the kernel says of it, read right before Docker was asked and right behind.
type Kernel struct {
	Exists        bool // its cgroup was found
	Version       int
	Path          string
	Before, After cgroupfs.Reading
	MembersBefore []int
	MembersAfter  []int
	MembersError  string
	Populated     figure.Figure // where the members were not listed: v2's word on whether there are any
	Details       cgroupfs.Details
	Cpuset        figure.CPUList // on which its tasks may run
	Online        figure.CPUList // of the host
	Batch         uint64         // what the kernel may charge ahead, in bytes
	Blocked       []string       // members in state D, "PID NAME in WCHAN"
	Sources       map[string]string
}

// frozen is 1 when the last reading says so.
func (k *Kernel) frozen() bool { return k.After.Freezer.Frozen.Is(1) }

// populated reports whether the cgroup has processes.
func (k *Kernel) populated() bool {
	return k.Exists && (len(k.MembersAfter) > 0 || k.MembersError != "" || k.Populated.Is(1))
}

// Questions puts the two accounts side by side. Of a container that does not run there is one thing to ask.
func Questions(d *Docker, k *Kernel) []document.Question {
	running := document.Question{Question: "running", Docker: d.Status, Kernel: "its cgroup is gone", Agree: value.Known(d.runs() == k.populated())}
	if k.Exists {
		running.Kernel = value.Count(len(k.MembersAfter), "process", "processes") + " in its cgroup"
		if k.MembersError != "" {
			running.Kernel = k.MembersError
		}
	}
	if !k.Exists {
		return []document.Question{running}
	}
	return []document.Question{running, paused(d, k), frozen(d, k), memory(d, k), cpu(d, k), processes(d, k),
		memoryLimit(d, k), swapLimit(d, k), cpuLimit(d, k), cpuset(d, k), pidsLimit(d, k), oom(d, k)}
}

func paused(d *Docker, k *Kernel) document.Question {
	f := k.After.Freezer
	q := document.Question{Question: "paused", Docker: yesNo(d.Paused, "paused", "not paused"), Kernel: "freezing is not asked for"}
	switch {
	case f.Requested.State() != figure.Present:
		q.Kernel = "not known: " + f.Requested.String()
		q.Agree = figures.Without[bool](f.Requested)
		return q
	case f.By == k.Path:
		q.Kernel = "freezing is asked for"
		if f.Above != "" {
			q.Kernel += ", of it and of " + value.Quote(f.Above)
		}
	case f.By != "":
		q.Kernel = "freezing is asked for, not of it but of " + value.Quote(f.By)
	}
	q.Agree = value.Known(d.Paused == (f.By == k.Path))
	return q
}

func frozen(d *Docker, k *Kernel) document.Question {
	f := k.After.Freezer.Frozen
	q := document.Question{Question: "frozen", Docker: yesNo(d.Paused, "frozen, since paused", "not frozen, since not paused")}
	if f.State() != figure.Present {
		q.Kernel, q.Agree = "not known: "+f.String(), figures.Without[bool](f)
		return q
	}
	q.Kernel = yesNo(f.Is(1), "frozen", "not frozen")
	q.Agree = value.Known(d.Paused == f.Is(1))
	return q
}

// counted is the memory that docker stats shows: what is charged, less the inactive page cache
// (cli/command/container/stats_helpers.go, calculateMemUsageUnixNoCache).
func Counted(r *cgroupfs.Reading) (uint64, bool) {
	current, ok := r.Memory.Current.Value()
	if !ok {
		return 0, false
	}
	if inactive, ok := r.Memory.InactiveFile.Value(); ok && inactive < current {
		current -= inactive
	}
	return current, true
}

func memory(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "memory", Docker: "no sample", Kernel: "not known: " + k.After.Memory.Current.String()}
	before, ok1 := Counted(&k.Before)
	after, ok2 := Counted(&k.After)
	if ok2 {
		q.Kernel = value.Bytes(after) + ", less inactive page cache as docker stats counts"
	}
	if d.Podman && d.StatsMemory != nil && ok2 {
		charged, _ := k.After.Memory.Current.Value()
		q.Docker, q.Kernel = value.Bytes(*d.StatsMemory), value.Bytes(charged)+" charged"
		if anon, ok := k.After.Memory.Anon.Value(); ok {
			q.Kernel += ", " + value.Bytes(anon) + " of it anonymous"
		}
		q.Agree = value.Absent[bool](value.NotMeasured, "what podman stats counts differs between its versions: all that is charged, or anonymous memory alone")
		return q
	}
	if d.StatsMemory == nil || !ok1 || !ok2 {
		q.Agree = value.Absent[bool](value.NotMeasured, "one of the two has no figure")
		return q
	}
	v := *d.StatsMemory
	q.Docker = value.Bytes(v)
	// Docker rounds to four digits, and what is charged ahead comes and goes.
	slack := v/1000 + float64(k.Batch)
	low, high := float64(min(before, after))-slack, float64(max(before, after))+slack
	q.Agree = settled(k, low <= v && v <= high)
	return q
}

func cpu(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "cpu", Docker: "no sample", Kernel: "not known: " + k.After.CPUUsage.String()}
	percent, ok := CPUPercent(&k.Before, &k.After)
	if ok {
		q.Kernel = fmt.Sprintf("%.2f %% of a core, over %s", percent, value.Duration(value.Milliseconds(k.After.At.Sub(k.Before.At))))
	}
	if d.StatsCPU == nil || !ok {
		q.Agree = value.Absent[bool](value.NotMeasured, "one of the two has no figure")
		return q
	}
	q.Docker = fmt.Sprintf("%.2f %% of a core", *d.StatsCPU)
	if d.Podman {
		q.Docker += ", on average since its start"
		q.Agree = value.Absent[bool](value.NotMeasured, "podman stats --no-stream tells the average since the container's start")
		return q
	}
	q.Agree = settled(k, math.Abs(percent-*d.StatsCPU) <= 2+max(percent, *d.StatsCPU)/10)
	return q
}

// settled: figures of a container that runs may differ because they are of different moments.
func settled(k *Kernel, same bool) value.Maybe[bool] {
	if same || k.frozen() {
		return value.Known(same)
	}
	return value.Absent[bool](value.NotMeasured, "it changed while it was asked about")
}

// CPUPercent is the CPU time used between two readings, in percent of one core.
func CPUPercent(before, after *cgroupfs.Reading) (float64, bool) {
	b, ok1 := before.CPUUsage.Value()
	a, ok2 := after.CPUUsage.Value()
	during := after.At.Sub(before.At).Microseconds()
	if !ok1 || !ok2 || a < b || during <= 0 {
		return 0, false
	}
	return 100 * float64(a-b) / float64(during), true
}

func processes(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "processes", Docker: d.tool() + " top: " + d.ProcessesError, Kernel: value.Count(len(k.MembersAfter), "process", "processes")}
	if k.MembersError != "" {
		q.Kernel = k.MembersError
	}
	if d.Processes != nil {
		q.Docker = value.Count(len(d.Processes), "process", "processes")
	}
	if d.Processes == nil || k.MembersError != "" {
		q.Agree = value.Absent[bool](value.NotMeasured, "one of the two lists none")
		return q
	}
	// Processes that began or ended meanwhile may be on either list.
	same := true
	for _, pid := range d.Processes {
		same = same && (slices.Contains(k.MembersBefore, pid) || slices.Contains(k.MembersAfter, pid))
	}
	for _, pid := range k.MembersBefore {
		same = same && (slices.Contains(d.Processes, pid) || !slices.Contains(k.MembersAfter, pid))
	}
	q.Agree = settled(k, same)
	return q
}

func memoryLimit(d *Docker, k *Kernel) document.Question {
	l := k.Details.MemoryLimit
	q := document.Question{Question: "memory limit", Docker: "none", Kernel: limitText(l.Own, func(v uint64) string { return value.Bytes(v) })}
	if d.MemoryLimit > 0 {
		q.Docker = value.Bytes(d.MemoryLimit)
	}
	if l.By != "" && l.Effective != l.Own {
		q.Kernel += fmt.Sprintf("; %s by %s above it", limitText(l.Effective, func(v uint64) string { return value.Bytes(v) }), value.Quote(l.By))
	}
	q.Agree = sameLimit(l.Own, d.MemoryLimit > 0, func(v uint64) bool {
		// The kernel counts in pages.
		return v <= uint64(d.MemoryLimit) && uint64(d.MemoryLimit)-v < 64<<10
	})
	return q
}

// swapLimit: v2 limits swap alone, v1 memory and swap together, and Docker speaks as v1 does.
func swapLimit(d *Docker, k *Kernel) document.Question {
	bytes := func(v uint64) string { return value.Bytes(v) }
	own, what := k.Details.V2.SwapLimit.Own, ""
	if k.Version == 1 {
		own, what = k.Details.V1.MemswLimit.Own, ", memory with it"
	}
	q := document.Question{Question: "swap limit", Docker: "none", Kernel: limitText(own, bytes)}
	set := d.MemorySwap > 0 && d.MemoryLimit > 0
	want := uint64(max(d.MemorySwap, 0))
	if k.Version == 2 {
		want -= min(want, uint64(max(d.MemoryLimit, 0)))
	}
	if set {
		q.Docker = value.Bytes(want) + what
	}
	if _, ok := own.Value(); ok {
		q.Kernel += what
	}
	q.Agree = sameLimit(own, set, func(v uint64) bool { return v <= want && want-v < 64<<10 })
	if agree, ok := q.Agree.Get(); d.Podman && ok && !agree {
		q.Agree = value.Absent[bool](value.NotMeasured, "podman does not tell what it has asked for")
	}
	return q
}

// cpuset: Docker's list may name CPUs that are not there, or not online.
func cpuset(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "cpuset", Docker: "all CPUs", Kernel: "not known: " + k.Cpuset.State.String()}
	want, asked := k.Online.List, figure.CPUList{State: figure.Present}
	if d.Cpuset != "" {
		q.Docker = "CPUs " + d.Cpuset
		asked = figure.ParseCPUList(d.Cpuset)
		want = slices.DeleteFunc(asked.List, func(cpu int) bool { return !slices.Contains(k.Online.List, cpu) })
	}
	switch {
	case asked.State != figure.Present:
		q.Agree = value.Absent[bool](value.Failed, "Docker's list of CPUs cannot be understood")
	case k.Cpuset.State != figure.Present:
		q.Agree = figures.Without[bool](figure.Without(k.Cpuset.State))
		return q
	case k.Online.State != figure.Present:
		q.Agree = figures.Without[bool](figure.Without(k.Online.State))
	default:
		q.Agree = value.Known(slices.Equal(want, k.Cpuset.List))
	}
	q.Kernel = "CPUs " + k.Cpuset.String()
	return q
}

func cpuLimit(d *Docker, k *Kernel) document.Question {
	l := k.Details.CPULimit
	text := func(c cgroupfs.CPUQuota) string {
		return limitText(c.QuotaUsec, func(uint64) string {
			cores, _ := c.CPUs()
			return fmt.Sprintf("%.2f cores", cores)
		})
	}
	q := document.Question{Question: "cpu limit", Docker: "none", Kernel: text(l.Own)}
	if d.CPULimit > 0 {
		q.Docker = fmt.Sprintf("%.2f cores", d.CPULimit)
	}
	if l.By != "" && l.Effective != l.Own {
		q.Kernel += fmt.Sprintf("; %s by %s above it", text(l.Effective), value.Quote(l.By))
	}
	q.Agree = sameLimit(l.Own.QuotaUsec, d.CPULimit > 0, func(uint64) bool {
		cores, ok := l.Own.CPUs()
		return ok && math.Abs(cores-d.CPULimit) < 0.001+d.CPULimit/1000
	})
	return q
}

func pidsLimit(d *Docker, k *Kernel) document.Question {
	l := k.Details.PidsLimit
	q := document.Question{Question: "pids limit", Docker: "none", Kernel: limitText(l.Own, func(v uint64) string { return fmt.Sprint(v) })}
	if d.PidsLimit > 0 {
		q.Docker = fmt.Sprint(d.PidsLimit)
	}
	if l.By != "" && l.Effective != l.Own {
		q.Kernel += fmt.Sprintf("; %s by %s above it", l.Effective, value.Quote(l.By))
	}
	if _, limited := l.Own.Value(); limited && d.PidsLimit <= 0 && strings.HasSuffix(k.Path, ".scope") {
		// With the systemd driver "none" is not passed on, nor is --pids-limit -1 (moby 45188).
		q.Kernel += ", systemd's DefaultTasksMax"
	}
	q.Agree = sameLimit(l.Own, d.PidsLimit > 0, func(v uint64) bool { return v == uint64(d.PidsLimit) })
	return q
}

// sameLimit compares a limit that Docker has set, or none, with the kernel's.
func sameLimit(own figure.Figure, set bool, same func(uint64) bool) value.Maybe[bool] {
	switch v, ok := own.Value(); {
	case ok:
		return value.Known(set && same(v))
	case own.State() == figure.Max:
		return value.Known(!set)
	}
	return figures.Without[bool](own)
}

func limitText(f figure.Figure, text func(uint64) string) string {
	switch v, ok := f.Value(); {
	case ok:
		return text(v)
	case f.State() == figure.Max:
		return "none"
	}
	return "not known: " + f.String()
}

// oom: both count the whole container, not its first process alone. Engines before 24.0 say so only at its end.
func oom(d *Docker, k *Kernel) document.Question {
	kills := k.After.Memory.OOMKill
	q := document.Question{Question: "oom-killed", Docker: yesNo(d.OOMKilled, "yes", "no"), Kernel: "not known: " + kills.String(), Agree: figures.Without[bool](kills)}
	if v, ok := kills.Value(); ok {
		q.Kernel = value.Count(int(v), "process", "processes") + " killed by the OOM killer"
		q.Agree = value.Known(d.OOMKilled == (v > 0))
	}
	return q
}

func yesNo(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// list joins what is named, up to a few.
func list(all []string) string {
	const few = 4
	if len(all) > few {
		return strings.Join(all[:few], ", ") + fmt.Sprintf(" and %d more", len(all)-few)
	}
	return strings.Join(all, ", ")
}
