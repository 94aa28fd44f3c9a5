package cgroupfs

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pause is the time between two changes. The kernel delays a second notification of the same file within 10 ms, rounded up to
// its ticks. Source: kernel/cgroup/cgroup.c, CGROUP_FILE_NOTIFY_MIN_INTV.
const pause = 40 * time.Millisecond

// BenchmarkWatch freezes and thaws a cgroup again and again. A thread that only reads cgroup.events sees each change first. The
// benchmark reports how much later Watch reports it, and, for comparison, how much later a thread sees it that only calls
// poll(2). It also reports the CPU time that watching takes while nothing changes.
func BenchmarkWatch(b *testing.B) {
	c := newOwnCgroup(b)
	// Even with a single CPU, the reading and polling threads must not keep the watcher from running.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(4, runtime.NumCPU())))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watched := make(chan time.Time, 1)
	go c.Watch(ctx, func(Change) bool {
		watched <- time.Now()
		return true
	})
	<-watched
	start, before := time.Now(), cpuTime()
	time.Sleep(time.Second)
	idle := 100 * float64(cpuTime()-before) / float64(time.Since(start))

	readerWants, read := make(chan bool), make(chan time.Time, 1)
	pollerWants, polled := make(chan bool), make(chan time.Time, 1)
	go follow(c, readerWants, read, func(*file) {})
	go follow(c, pollerWants, polled, func(events *file) {
		unix.Poll([]unix.PollFd{{Fd: int32(events.fd), Events: unix.POLLPRI}}, -1)
	})
	defer close(readerWants)
	defer close(pollerWants)
	var watch, poll []float64 // µs
	for b.Loop() {
		for _, want := range []bool{true, false} {
			readerWants <- want
			pollerWants <- want
			time.Sleep(pause)
			c.freeze(want)
			at := <-read
			watch = append(watch, float64((<-watched).Sub(at).Nanoseconds())/1000)
			poll = append(poll, float64((<-polled).Sub(at).Nanoseconds())/1000)
		}
	}
	for name, late := range map[string][]float64{"watch": watch, "poll": poll} {
		slices.Sort(late)
		within, _ := slices.BinarySearch(late, 1000)
		b.ReportMetric(late[len(late)/2], name+"-median-µs")
		b.ReportMetric(late[len(late)*99/100], name+"-p99-µs")
		b.ReportMetric(100*float64(within)/float64(len(late)), name+"-%-within-1ms")
	}
	b.ReportMetric(idle, "idle-%-of-a-core")
	b.ReportMetric(0, "ns/op") // most of it is the pause
}

// follow reads cgroup.events, on its own thread, until the cgroup is frozen or thawed as wanted, and sends the time. It
// calls wait after each reading.
func follow(c *ownCgroup, wants <-chan bool, seen chan<- time.Time, wait func(*file)) {
	runtime.LockOSThread()
	events := file{in: c.folders[0], name: "cgroup.events"}
	defer events.close()
	buf := make([]byte, 256)
	for want := range wants {
		for {
			if data, _ := events.read(buf); parseEvents(data).Frozen.Is(1) == want {
				break
			}
			wait(&events)
		}
		seen <- time.Now()
	}
}

// cpuTime returns the CPU time that this process has used.
func cpuTime() time.Duration {
	var usage unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
