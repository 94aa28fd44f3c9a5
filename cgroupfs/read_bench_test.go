package cgroupfs

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// benchGroup is the cgroup of a container that runs here (HALTSCOPE_BENCH_CONTAINER, else any). Where none runs it is a
// recorded one, which costs no kernel's counting.
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
		b.Log("no container runs here: recorded files are read")
		g := openFixture("testdata/linux-6.12.107-cgroup-v2/running", true)
		b.Cleanup(g.Close)
		return g
	}
	id := os.Getenv("HALTSCOPE_BENCH_CONTAINER")
	if id == "" {
		id = slices.Min(slices.Collect(maps.Keys(groups)))
	}
	g := groups[id]
	if g == nil {
		b.Fatal("HALTSCOPE_BENCH_CONTAINER is no container's full id: ", id)
	}
	return g
}

// bare reads what a reading reads, and does nothing with it: one pread for each file that is open.
func bare(g *Group) func() {
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

// BenchmarkRead reads one container again and again: its own ns/op, and how that compares.
func BenchmarkRead(b *testing.B) {
	g := benchGroup(b)
	var r Reading
	read := func() { g.Read(&r) }
	preads := ratio(read, bare(g), 500, 10)
	b.ReportAllocs()
	for b.Loop() {
		read()
	}
	b.ReportMetric(preads, "x-bare-preads")
}

// ratio is the median, over the rounds, of the time that one takes over that of the other, each done n times on end. The
// two take turns, for the machine may be busy.
func ratio(one, other func(), rounds, n int) float64 {
	again := func(do func()) time.Duration {
		do() // uncounted: the first finds the processor's caches full of the other's
		from := time.Now()
		for range n {
			do()
		}
		return time.Since(from)
	}
	var ratios []float64
	for range rounds {
		a, b := again(one), again(other)
		ratios = append(ratios, float64(a)/float64(b))
	}
	slices.Sort(ratios)
	return ratios[rounds/2]
}
