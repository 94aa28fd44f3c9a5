package proc

import (
	"fmt"
	"os"
	"strconv"

	"haltscope/cgroupfs/figure"
)

// A process ends with the last of its threads. The first one may end before the others, by pthread_exit or the system call exit:
// it then shows state Z, while the others live on. What belongs to that thread alone is gone with it: /proc/PID/exe, cmdline,
// environ, auxv, cwd, root, mem, fd and smaps_rollup show nothing, and on cgroup v1 /proc/PID/cgroup shows the root. The files of
// the other threads still show what they share. Source: kernel/exit.c, exit_mm, cgroup_exit and delay_group_leader.

// Folder returns the folder in /proc that shows what the threads of a process share: /proc/PID or, if its first thread has ended
// and others live on, /proc/PID/task/TID of one of those.
func Folder(pid int) string {
	if stat, err := ReadStat(pid); err == nil && stat.FirstThreadEnded {
		if tid := livingThread(pid); tid != 0 {
			return fmt.Sprintf("/proc/%d/task/%d", pid, tid)
		}
	}
	return fmt.Sprintf("/proc/%d", pid)
}

// livingThread returns a thread of a process, other than its first, that has not ended; 0 if there is none.
func livingThread(pid int) int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return 0 // the process has ended
	}
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil || tid == pid {
			continue
		}
		data, state := figure.ReadFile(fmt.Sprintf("/proc/%d/task/%d/stat", pid, tid))
		if state != figure.Present {
			continue // it has ended
		}
		if stat, ok := scanStat(data); ok && !stat.Exiting {
			return tid
		}
	}
	return 0
}
