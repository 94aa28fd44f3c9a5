package cgroupfs

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"time"
)

// parseExecStart takes `se.exec_start` out of /proc/PID/sched: when the scheduler last accounted for the thread, in
// nanoseconds of the clock of the CPU it was on. That clock stands still while the CPU serves interrupts or its
// hypervisor, so only two readings of the same CPU can be compared. The file needs CONFIG_SCHED_DEBUG before 6.15.
//
//	nginx (4242, #threads: 1)
//	-------------------------------------------------------------------
//	se.exec_start                                :       2551752.848000
//
// Source: kernel/sched/debug.c, proc_sched_show_task; kernel/sched/core.c, update_rq_clock_task.
func parseExecStart(data []byte) Figure {
	for line := range bytes.Lines(data) {
		key, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || string(bytes.TrimSpace(key)) != "se.exec_start" {
			continue
		}
		whole, fraction, ok := bytes.Cut(bytes.TrimSpace(value), []byte{'.'})
		ms, known := parseUint(whole).Value()
		ns, exact := parseUint(fraction).Value()
		if !ok || !known || !exact || len(fraction) != 6 || ms > 1<<43 {
			return Without(Failed)
		}
		return Number(ms*1e6 + ns)
	}
	return Without(Unsupported)
}

func readExecStart(path string) Figure {
	data, err := os.ReadFile(path)
	if err != nil {
		return Without(stateOf(path, err))
	}
	return parseExecStart(data)
}

// inFreezer are the kernel functions in which a task stands that the freezer has stopped: v2's, and v1's.
var inFreezer = []string{"do_freezer_trap", "get_signal", "__refrigerator"}

// FrozenFor is how long the processes of a frozen cgroup have been frozen, in microseconds, as far as that can be told:
// since the first of them last ran, for freezing wakes a task to bring it to the freezer. The kernel keeps no time of
// the freeze itself. Those that it froze where they slept are left out; a signal wakes a frozen task of v2 for a moment,
// so the one that has stood still the longest counts.
func FrozenFor(pids []int) Figure {
	var woken []int
	for _, pid := range pids {
		if data, state := readProc(fmt.Sprintf("/proc/%d/wchan", pid)); state == Present && slices.Contains(inFreezer, parseWchan(data)) {
			woken = append(woken, pid)
		}
	}
	return stoodStill(woken)
}

// stoodStill is how long ago the first of the processes last ran, in microseconds.
func stoodStill(pids []int) Figure {
	longest := Without(Unsupported)
	for _, pid := range pids {
		stat, err := ReadStat(pid)
		if err != nil {
			continue // it has ended
		}
		stood := readExecStart(fmt.Sprintf("/proc/%d/sched", pid))
		if then, ok := stood.Value(); ok {
			if stood = clocks.read(stat.Processor); stood.State() == Present {
				now, _ := stood.Value()
				stood = Number((now - min(now, then)) / uint64(time.Microsecond))
			}
		}
		v, ok := stood.Value()
		if most, measured := longest.Value(); !measured || ok && v > most {
			longest = stood
		}
	}
	return longest
}
