package cgroupfs

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// apart is longer than the 10 ms, rounded up to the kernel's ticks, within which it puts off a second notification of the
// same file (kernel/cgroup/cgroup.c, CGROUP_FILE_NOTIFY_MIN_INTV).
const apart = 40 * time.Millisecond

// BenchmarkWatch freezes and thaws a cgroup again and again. It reports how long after a thread that does nothing but read
// cgroup.events Watch tells of it, and a thread that does nothing but poll(2), which is what the machine allows for; and
// the processor time that watching costs while nothing changes.
func BenchmarkWatch(b *testing.B) {
	c := newOwnCgroup(b)
	// On a single processor too, the threads that read and poll must not keep the watcher from running Go.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(4, runtime.NumCPU())))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told := make(chan time.Time, 1)
	go c.Watch(ctx, func(Change) bool {
		told <- time.Now()
		return true
	})
	<-told
	from, before := time.Now(), used()
	time.Sleep(time.Second)
	idle := 100 * float64(used()-before) / float64(time.Since(from))

	readerWants, read := make(chan bool), make(chan time.Time, 1)
	pollerWants, polled := make(chan bool), make(chan time.Time, 1)
	go lookOut(c, readerWants, read, func(*file) {})
	go lookOut(c, pollerWants, polled, func(events *file) {
		unix.Poll([]unix.PollFd{{Fd: int32(events.fd), Events: unix.POLLPRI}}, -1)
	})
	defer close(readerWants)
	defer close(pollerWants)
	var watch, poll []float64 // µs
	for b.Loop() {
		for _, want := range []bool{true, false} {
			readerWants <- want
			pollerWants <- want
			time.Sleep(apart)
			c.freeze(want)
			at := <-read
			watch = append(watch, float64((<-told).Sub(at).Nanoseconds())/1000)
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
	b.ReportMetric(0, "ns/op") // most of it is the time in between
}

// lookOut reads cgroup.events on a thread of its own until what is wanted is there, waiting in between, and tells when it
// saw it.
func lookOut(c *ownCgroup, wants <-chan bool, seen chan<- time.Time, wait func(*file)) {
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

// used is the processor time that this process has used.
func used() time.Duration {
	var usage unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
