package cgroupfs

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// cpuClocks are the clocks of CPUs as their schedulers see them, in nanoseconds. Nothing shows such a clock but a thread
// that has just run on that CPU, so a thread of ours has to go there for a moment. It goes to no CPU that is set apart for
// other work, to each other one once in a while only, and a CPU that does not let it run is not waited for.
type cpuClocks struct {
	mu    sync.Mutex
	reads map[int]clockRead
	visit func(cpu int) Figure
}

type clockRead struct {
	clock Figure
	at    time.Time
}

const (
	// clockAge is for how long a clock is taken to go as ours does.
	clockAge = 2 * time.Second
	// visitLimit is how long a CPU has to let a thread run. A real-time task may never do so.
	visitLimit = 100 * time.Millisecond
)

var clocks = cpuClocks{reads: map[int]clockRead{}, visit: func(cpu int) Figure { return visitCPU(cpu, visitLimit) }}

// read returns the clock of a CPU: NotMeasured where no thread goes, or where it could not run.
func (c *cpuClocks) read(cpu int) Figure {
	c.mu.Lock()
	defer c.mu.Unlock()
	last, known := c.reads[cpu]
	if !known || time.Since(last.at) > clockAge {
		last = clockRead{clock: c.visit(cpu), at: time.Now()}
		c.reads[cpu] = last
	}
	if v, ok := last.clock.Value(); ok {
		return Number(v + uint64(time.Since(last.at)))
	}
	return last.clock
}

// visitCPU has a thread of ours run on a CPU and reads when it was last accounted for there, a few milliseconds ago at most.
// It is NotMeasured if the thread could not run there within limit.
func visitCPU(cpu int, limit time.Duration) Figure {
	if !slices.Contains(sharedCPUs(), cpu) {
		return Without(NotMeasured)
	}
	// The thread is not used again: it ends with the goroutine that has locked it.
	told := make(chan Figure, 1)
	go func() {
		runtime.LockOSThread()
		var set unix.CPUSet
		set.Set(cpu)
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			told <- Without(Failed)
			return
		}
		// Giving way has the scheduler account for it.
		unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		told <- readExecStart(fmt.Sprintf("/proc/self/task/%d/sched", unix.Gettid()))
	}()
	select {
	case clock := <-told:
		return clock
	case <-time.After(limit):
		return Without(NotMeasured)
	}
}

// sharedCPUs are those on which this process may run and that are not set apart: neither isolated from the scheduler
// (isolcpus=) nor free of its tick (nohz_full=). A cpuset partition that is isolated is none of those that we may use.
// Source: admin-guide/kernel-parameters.txt; ABI/testing/sysfs-devices-system-cpu.
var sharedCPUs = sync.OnceValue(func() (all []int) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil
	}
	var apart []int
	for _, name := range []string{"isolated", "nohz_full"} {
		// Where there are none, the file is empty, says (null), or is not there.
		apart = append(apart, readCPUs("/sys/devices/system/cpu", name).List...)
	}
	for cpu := range len(set) * 64 {
		if set.IsSet(cpu) && !slices.Contains(apart, cpu) {
			all = append(all, cpu)
		}
	}
	return all
})
