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

// pageSlack is by how much a limit in bytes may be rounded down: the kernel counts in pages, of 64 KiB at most.
const pageSlack = 64 << 10

func memoryLimit(d *Docker, k *Kernel) document.Question {
	l := k.Details.MemoryLimit
	q := document.Question{Question: "memory limit", Docker: "none", Kernel: limitText(l.Own, value.Bytes[uint64])}
	if d.MemoryLimit > 0 {
		q.Docker = value.Bytes(d.MemoryLimit)
	}
	if l.By != "" && l.Effective != l.Own {
		q.Kernel += byAncestor(limitText(l.Effective, value.Bytes[uint64]), l.By)
	}
	q.Agree = sameLimit(l.Own, d.MemoryLimit > 0, func(v uint64) bool {
		return v <= uint64(d.MemoryLimit) && uint64(d.MemoryLimit)-v < pageSlack
	})
	return q
}

// swapLimit compares swap limits. v2 limits swap alone, v1 limits memory and swap together, and Docker's option means what v1
// does.
func swapLimit(d *Docker, k *Kernel) document.Question {
	own, including := k.Details.V2.SwapLimit.Own, ""
	if k.Version == 1 {
		own, including = k.Details.V1.MemswLimit.Own, " including memory"
	}
	q := document.Question{Question: "swap limit", Docker: "none", Kernel: limitText(own, value.Bytes[uint64])}
	set := d.MemorySwap > 0 && d.MemoryLimit > 0
	want := uint64(max(d.MemorySwap, 0))
	if k.Version == 2 {
		want -= min(want, uint64(max(d.MemoryLimit, 0)))
	}
	if set {
		q.Docker = value.Bytes(want) + including
	}
	if _, ok := own.Value(); ok {
		q.Kernel += including
	}
	q.Agree = sameLimit(own, set, func(v uint64) bool { return v <= want && want-v < pageSlack })
	if agree, ok := q.Agree.Get(); d.Podman && ok && !agree {
		q.Agree = value.Absent[bool](value.NotMeasured, "podman does not report the limit that it requested")
	}
	return q
}

// cpuset compares CPU lists. Docker's list may name CPUs that do not exist or are offline.
func cpuset(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "cpuset", Docker: "all CPUs", Kernel: "not known: " + k.Cpuset.State.String()}
	want, requested := k.Online.List, figure.CPUList{State: figure.Present}
	if d.Cpuset != "" {
		q.Docker = "CPUs " + d.Cpuset
		requested = figure.ParseCPUList(d.Cpuset)
		want = slices.DeleteFunc(requested.List, func(cpu int) bool { return !slices.Contains(k.Online.List, cpu) })
	}
	switch {
	case requested.State != figure.Present:
		q.Agree = value.Absent[bool](value.Failed, "Docker's list of CPUs could not be parsed")
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
	q := document.Question{Question: "cpu limit", Docker: "none", Kernel: quotaText(l.Own)}
	if d.CPULimit > 0 {
		q.Docker = coresText(d.CPULimit)
	}
	if l.By != "" && l.Effective != l.Own {
		q.Kernel += byAncestor(quotaText(l.Effective), l.By)
	}
	q.Agree = sameLimit(l.Own.QuotaUsec, d.CPULimit > 0, func(uint64) bool {
		cores, ok := l.Own.CPUs()
		return ok && math.Abs(cores-d.CPULimit) < 0.001+d.CPULimit/1000
	})
	return q
}

func quotaText(c cgroupfs.CPUQuota) string {
	return limitText(c.QuotaUsec, func(uint64) string {
		if cores, ok := c.CPUs(); ok {
			return coresText(cores)
		}
		return unknown(c.PeriodUsec)
	})
}

func coresText(cores float64) string { return fmt.Sprintf("%.2f cores", cores) }

func pidsLimit(d *Docker, k *Kernel) document.Question {
	l := k.Details.PidsLimit
	q := document.Question{Question: "pids limit", Docker: "none", Kernel: limitText(l.Own, func(v uint64) string { return fmt.Sprint(v) })}
	if d.PidsLimit > 0 {
		q.Docker = fmt.Sprint(d.PidsLimit)
	}
	if l.By != "" && l.Effective != l.Own {
		q.Kernel += byAncestor(l.Effective.String(), l.By)
	}
	if _, limited := l.Own.Value(); limited && d.PidsLimit <= 0 && strings.HasSuffix(k.Path, ".scope") {
		// The systemd driver passes on neither "none" nor --pids-limit -1 (moby issue 45188).
		q.Kernel += ", systemd's DefaultTasksMax"
	}
	q.Agree = sameLimit(l.Own, d.PidsLimit > 0, func(v uint64) bool { return v == uint64(d.PidsLimit) })
	return q
}

// byAncestor says that an ancestor cgroup has a smaller limit.
func byAncestor(limit, path string) string {
	return fmt.Sprintf("; %s by its ancestor %s", limit, value.Quote(path))
}

// sameLimit compares Docker's limit, or none, with the kernel's.
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
	return unknown(f)
}
