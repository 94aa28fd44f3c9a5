package cgroupfs

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
)

// Wait is a thread in uninterruptible sleep, state D.
type Wait struct {
	TID   int
	Wchan string // the kernel's function that it waits in; "" where that is not told
	// Sleeps counts how often it has gone to sleep: while that stays, it is the same sleep.
	Sleeps Figure
}

// notStuck are functions of the kernel in which a thread shows D and is not in the way of a freeze, or frozen: v1's freezer,
// and the wait for the child of a vfork, by its names so far.
var notStuck = []string{"__refrigerator", "kernel_clone", "_do_fork", "do_fork", "wait_for_vfork_done"}

// Uninterruptible lists the threads of a process that are in uninterruptible sleep. On v1 a frozen one may be among them,
// where it was frozen in its sleep. Source: proc_pid_stat(5), proc_pid_wchan(5).
func Uninterruptible(pid int) (all []Wait) {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		dir := fmt.Sprintf("/proc/%d/task/%d/", pid, tid)
		data, state := readProc(dir + "stat")
		if state != Present {
			continue
		}
		if stat, err := parseStat(data); err != nil || stat.State != 'D' {
			continue
		}
		wchan, _ := readProc(dir + "wchan")
		status, _ := readProc(dir + "status")
		if w := (Wait{tid, parseWchan(wchan), parseSleeps(status)}); !slices.Contains(notStuck, w.Wchan) {
			all = append(all, w)
		}
	}
	return all
}

// parseSleeps takes one figure out of /proc/PID/task/TID/status. Source: proc_pid_status(5).
//
//	voluntary_ctxt_switches:	150
func parseSleeps(data []byte) Figure {
	for line := range bytes.Lines(data) {
		if value, ok := bytes.CutPrefix(line, []byte("voluntary_ctxt_switches:")); ok {
			return parseUint(bytes.TrimSpace(value))
		}
	}
	return Without(Unsupported)
}
