package cgroupfs

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// benchGroup returns the cgroup of a container that runs here, HALTSCOPE_BENCH_CONTAINER or any. If none runs, it returns
// recorded files, for which the kernel need not count.
func benchGroup(b *testing.B) *Group {
	h, err := NewHost()
	if err != nil {
		b.Skip(err)
	}
	groups, err := h.Containers()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		for _, g := range groups {
			g.Close()
		}
	})
	if len(groups) == 0 {
		b.Log("no container is running; reading recorded files")
		g := openRecorded("testdata/linux-6.12.107-cgroup-v2/running", true)
		b.Cleanup(g.Close)
		return g
	}
	id := os.Getenv("HALTSCOPE_BENCH_CONTAINER")
	if id == "" {
		id = slices.Min(slices.Collect(maps.Keys(groups)))
	}
	g := groups[id]
	if g == nil {
		b.Fatal("HALTSCOPE_BENCH_CONTAINER is not the full id of a running container: ", id)
	}
	return g
}

// barePreads returns a function that reads the same files as a reading, one pread each, and does nothing with them.
func barePreads(g *Group) func() {
	g.Read(new(Reading))
	var fds []int
	for _, f := range g.files() {
		if f.opened && f.err == nil {
			fds = append(fds, f.fd)
		}
	}
	buf := make([]byte, bufferSize)
	return func() {
		for _, fd := range fds {
			unix.Pread(fd, buf, 0)
		}
	}
}

// BenchmarkRead reads one container again and again, and compares that with bare preads of the same files.
func BenchmarkRead(b *testing.B) {
	g := benchGroup(b)
	var r Reading
	read := func() { g.Read(&r) }
	preads := ratio(read, barePreads(g), 500, 10)
	b.ReportAllocs()
	for b.Loop() {
		read()
	}
	b.ReportMetric(preads, "x-bare-preads")
}

// ratio returns the median of the ratio between the time that one takes and the time that other takes. In each round both run
// n times, one after the other, because the load of the machine may change.
func ratio(one, other func(), rounds, n int) float64 {
	measure := func(do func()) time.Duration {
		do() // not measured: the CPU caches are full of the other's data
		start := time.Now()
		for range n {
			do()
		}
		return time.Since(start)
	}
	var ratios []float64
	for range rounds {
		a, b := measure(one), measure(other)
		ratios = append(ratios, float64(a)/float64(b))
	}
	slices.Sort(ratios)
	return ratios[rounds/2]
}
