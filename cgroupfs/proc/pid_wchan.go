package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"haltscope/cgroupfs/figure"
)

func readWchan(pid int) (string, figure.State) {
	data, state := figure.ReadFile(Folder(pid) + "/wchan")
	return parseWchan(data), state
}

// parseWchan parses the name of the kernel function in which a task waits, without a newline. It returns "" for 0, which
// stands for a task that does not wait, and is also what a reader who may not trace the process gets.
//
//	do_freezer_trap
//
// Source: proc_pid_wchan(5).
func parseWchan(data []byte) string {
	if name := string(bytes.TrimSpace(data)); name != "0" {
		return name
	}
	return ""
}

// freezerFunctions are the kernel functions in which a task waits that the freezer has stopped: two of v2, and v1's.
var freezerFunctions = []string{"do_freezer_trap", "get_signal", "__refrigerator"}

// harmlessWaits are kernel functions in which a task shows state D although it is frozen, by v1's freezer, or does not
// delay freezing: a parent that waits for its child of vfork, under the names that this function has had. A task of a cgroup above
// memory.high delays it by at most 2 s, and SIGKILL ends its sleep at once. Source: mm/memcontrol.c, MEMCG_MAX_HIGH_DELAY_JIFFIES and
// schedule_timeout_killable.
var harmlessWaits = []string{"__refrigerator", "kernel_clone", "_do_fork", "do_fork", "wait_for_vfork_done",
	"mem_cgroup_handle_over_high", "__mem_cgroup_handle_over_high"}

// fuseWait is the kernel function in which a task waits for the answer of a FUSE server. It shows state S until a signal or a freeze
// wakes it, and waits on in state D, where it cannot be frozen; SIGKILL ends it only if the server has not read the request yet.
// Source: fs/fuse/dev.c.
const fuseWait = "request_wait_answer"

// Wait is a thread in uninterruptible sleep, state D, or one that would be as soon as it is to be frozen: Fuse.
type Wait struct {
	TID   int
	Fuse  bool   // it waits for a FUSE server
	Wchan string // kernel function in which it waits, "" if unknown
	// VoluntarySwitches counts how often the thread has gone to sleep. While it does not change, it is the same sleep.
	VoluntarySwitches figure.Figure
}

// UninterruptibleWaits lists the threads of a process that are in uninterruptible sleep, or wait for a FUSE server. On cgroup v1, a
// thread that was frozen in such a sleep is listed as well. Threads that end in the meantime are not listed. The error says which
// could not be read.
func UninterruptibleWaits(pid int) ([]Wait, error) {
	return uninterruptibleWaits(pid, fmt.Sprintf("/proc/%d/task", pid))
}

func uninterruptibleWaits(pid int, tasks string) (all []Wait, unread error) {
	entries, err := os.ReadDir(tasks)
	if err = processError(pid, tasks, err); err != nil {
		if errors.Is(err, ErrNoProcess) {
			return nil, nil
		}
		return nil, fmt.Errorf("listing the threads of a process: %w", err)
	}
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		dir := fmt.Sprintf("%s/%d/", tasks, tid)
		data, state := figure.ReadFile(dir + "stat")
		if state != figure.Present {
			if state != figure.Vanished {
				unread = errors.Join(unread, fmt.Errorf("thread %d of process %d: %sstat: %s", tid, pid, dir, state))
			}
			continue
		}
		stat, err := parseStat(data)
		if err != nil {
			unread = errors.Join(unread, fmt.Errorf("thread %d of process %d: %w", tid, pid, err))
			continue
		}
		if stat.State != 'D' && stat.State != 'S' {
			continue
		}
		w := Wait{TID: tid}
		if data, state := figure.ReadFile(dir + "wchan"); state == figure.Present {
			w.Wchan = parseWchan(data)
		}
		w.Fuse = w.Wchan == fuseWait
		if w.Fuse || stat.State == 'D' && !slices.Contains(harmlessWaits, w.Wchan) {
			w.VoluntarySwitches = readVoluntarySwitches(dir + "status")
			all = append(all, w)
		}
	}
	return all, unread
}
