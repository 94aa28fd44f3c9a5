package drift

import (
	"fmt"
	"math"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// DockerStatsMemory returns the memory that docker stats shows, in bytes: what is charged, without inactive page cache
// (docker/cli, command/container/stats_helpers.go, calculateMemUsageUnixNoCache).
func DockerStatsMemory(r *cgroupfs.Reading) (uint64, bool) {
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
	if d.Podman {
		return podmanMemory(d, k)
	}
	q := document.Question{Question: "memory", Docker: "no sample", Kernel: unknown(k.After.Memory.Current)}
	before, ok1 := DockerStatsMemory(&k.Before)
	after, ok2 := DockerStatsMemory(&k.After)
	if ok2 {
		q.Kernel = value.Bytes(after) + " without inactive page cache, as docker stats counts"
	}
	if d.StatsMemory == nil || !ok1 || !ok2 {
		q.Agree = noFigure()
		return q
	}
	v := *d.StatsMemory
	q.Docker = value.Bytes(v)
	// Docker rounds to four digits, and what is charged in advance varies.
	slack := v/1000 + float64(k.Batch)
	low, high := float64(min(before, after))-slack, float64(max(before, after))+slack
	q.Agree = agreeIfSettled(k, low <= v && v <= high)
	return q
}

func podmanMemory(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "memory", Docker: "no sample", Kernel: unknown(k.After.Memory.Current)}
	charged, ok := k.After.Memory.Current.Value()
	if ok {
		q.Kernel = value.Bytes(charged) + " charged"
	}
	if anon, known := k.After.Memory.Anon.Value(); ok && known {
		q.Kernel += ", " + value.Bytes(anon) + " of it anonymous"
	}
	if d.StatsMemory == nil || !ok {
		q.Agree = noFigure()
		return q
	}
	q.Docker = value.Bytes(*d.StatsMemory)
	q.Agree = value.Absent[bool](value.NotMeasured,
		"podman stats counts differently in different versions: everything that is charged, or only anonymous memory")
	return q
}

func cpu(d *Docker, k *Kernel) document.Question {
	q := document.Question{Question: "cpu", Docker: "no sample", Kernel: unknown(k.After.CPUUsage)}
	percent, ok := CPUPercent(&k.Before, &k.After)
	if ok {
		q.Kernel = fmt.Sprintf("%.2f %% of a core, over %s", percent, value.Duration(value.Milliseconds(k.After.At.Sub(k.Before.At))))
	}
	if d.StatsCPU == nil || !ok {
		q.Agree = noFigure()
		return q
	}
	q.Docker = fmt.Sprintf("%.2f %% of a core", *d.StatsCPU)
	if d.Podman {
		q.Docker += ", on average since its start"
		q.Agree = value.Absent[bool](value.NotMeasured, "podman stats --no-stream reports the average since the container's start")
		return q
	}
	q.Agree = agreeIfSettled(k, math.Abs(percent-*d.StatsCPU) <= 2+max(percent, *d.StatsCPU)/10)
	return q
}

func noFigure() value.Maybe[bool] {
	return value.Absent[bool](value.NotMeasured, "one side has no figure")
}

// CPUPercent returns the CPU time used between two readings, in percent of one core. It returns false if the counter fell, as it
// then belongs to another cgroup.
func CPUPercent(before, after *cgroupfs.Reading) (float64, bool) {
	b, ok1 := before.CPUUsage.Value()
	a, ok2 := after.CPUUsage.Value()
	during := after.At.Sub(before.At).Microseconds()
	if !ok1 || !ok2 || a < b || during <= 0 {
		return 0, false
	}
	return 100 * float64(a-b) / float64(during), true
}
