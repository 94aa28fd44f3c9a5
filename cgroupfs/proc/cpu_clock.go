package proc

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// clockCache reads the clock of each CPU as its scheduler sees it, in nanoseconds. The kernel shows that clock only in the
// accounting of a thread that has just run on the CPU, so a thread of this process has to visit the CPU.
//
// CPUs that are set apart for other work are not visited, the others only once in a while. A CPU that does not let the thread
// run is not waited for.
type clockCache struct {
	mu    sync.Mutex
	known map[int]clockReading // by CPU
	visit func(cpu int) figure.Figure
}

type clockReading struct {
	clock figure.Figure
	at    time.Time
}

const (
	// maxClockAge is how long a clock is assumed to run at the same speed as the clock of this process.
	maxClockAge = 2 * time.Second
	// visitTimeout is how long a CPU has to let a thread run. While a real-time task runs there, it may never do so.
	visitTimeout = 100 * time.Millisecond
)

var cpuClocks = clockCache{
	known: map[int]clockReading{},
	visit: func(cpu int) figure.Figure { return visitCPU(cpu, visitTimeout) },
}

// read returns the clock of a CPU. It is [figure.NotMeasured] if no thread may visit the CPU, or could not run there.
func (c *clockCache) read(cpu int) figure.Figure {
	c.mu.Lock()
	defer c.mu.Unlock()
	last, ok := c.known[cpu]
	if !ok || time.Since(last.at) > maxClockAge {
		last = clockReading{clock: c.visit(cpu), at: time.Now()}
		c.known[cpu] = last
	}
	return last.clock.Plus(figure.Number(uint64(time.Since(last.at))))
}

// visitCPU runs a thread on a CPU, and returns when the scheduler last accounted for it there, a few milliseconds ago at
// most. The result is [figure.NotMeasured] if the thread did not run within the timeout.
func visitCPU(cpu int, timeout time.Duration) figure.Figure {
	if !slices.Contains(sharedCPUs(), cpu) {
		return figure.Without(figure.NotMeasured)
	}
	clock := make(chan figure.Figure, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		var set unix.CPUSet
		set.Set(cpu)
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			clock <- figure.Without(figure.Failed)
			return
		}
		// Yielding makes the scheduler account for the thread.
		unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		clock <- readExecStart(fmt.Sprintf("/proc/self/task/%d/sched", unix.Gettid()))
	}()
	select {
	case c := <-clock:
		return c
	case <-time.After(timeout):
		return figure.Without(figure.NotMeasured)
	}
}

// sharedCPUs returns the CPUs on which this process may run and that are not set apart, neither isolated from the
// scheduler (isolcpus=) nor free of its tick (nohz_full=). This process may not run on those of an isolated cpuset
// partition to begin with. Source: admin-guide/kernel-parameters.txt; ABI/testing/sysfs-devices-system-cpu.
var sharedCPUs = sync.OnceValue(func() (shared []int) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return nil
	}
	var apart []int
	for _, name := range []string{"isolated", "nohz_full"} {
		// If there are none, the file is empty, reads "(null)", or is missing.
		apart = append(apart, figure.ReadCPUList("/sys/devices/system/cpu/"+name).List...)
	}
	for cpu := range len(allowed) * 64 {
		if allowed.IsSet(cpu) && !slices.Contains(apart, cpu) {
			shared = append(shared, cpu)
		}
	}
	return shared
})
