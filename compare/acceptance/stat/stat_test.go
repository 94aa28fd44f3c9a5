// Package stat compares the speed of a cgroupfs reading with Stat of containerd/cgroups.
package stat

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/containerd/cgroups/v3/cgroup1"
	"github.com/containerd/cgroups/v3/cgroup2"

	"haltscope/cgroupfs"
)

// library returns the Stat call of containerd/cgroups for a container's cgroup.
func library(b *testing.B, g *cgroupfs.Group) func() {
	b.Helper()
	if g.Version == 2 {
		manager, err := cgroup2.Load("/", cgroup2.WithMountpoint(g.Path))
		if err != nil {
			b.Fatal(err)
		}
		return func() {
			if _, err := manager.Stat(); err != nil {
				b.Fatal(err)
			}
		}
	}
	manager, err := cgroup1.Load(cgroup1.StaticPath(strings.TrimPrefix(g.Path, "/sys/fs/cgroup/freezer")))
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		if _, err := manager.Stat(cgroup1.IgnoreNotExist); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead reads the container HALTSCOPE_BENCH_CONTAINER, or any container if that is unset, and reports how many times
// faster than Stat that is.
func BenchmarkRead(b *testing.B) {
	host, err := cgroupfs.NewHost()
	if err != nil {
		b.Skip(err)
	}
	groups, err := host.Containers()
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		for _, g := range groups {
			g.Close()
		}
	}()
	if len(groups) == 0 {
		b.Skip("no container is running")
	}
	id := os.Getenv("HALTSCOPE_BENCH_CONTAINER")
	if id == "" {
		id = slices.Min(slices.Collect(maps.Keys(groups)))
	}
	g := groups[id]
	if g == nil {
		b.Fatal("no container has the full id ", id)
	}
	stat := library(b, g)
	var r cgroupfs.Reading
	read := func() { g.Read(&r) }
	times := faster(read, stat)
	for b.Loop() {
		read()
	}
	b.ReportMetric(times, "x-faster-than-Stat")
}

// faster returns the median of 100 ratios of the time that 10 calls of Stat take to that of 10 readings. The two alternate,
// because the machine may be busy.
func faster(read, stat func()) float64 {
	took := func(call func()) time.Duration {
		call() // Not timed: it fills the processor's caches.
		start := time.Now()
		for range 10 {
			call()
		}
		return time.Since(start)
	}
	var ratios []float64
	for range 100 {
		ratios = append(ratios, float64(took(stat))/float64(took(read)))
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}
