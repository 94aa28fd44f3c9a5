package cgroupfs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// Member is what /proc says of one process of a cgroup. Its State letter does not tell whether it is frozen: see
// [Stat].
type Member struct {
	Stat
	// Status has its figures' State, and is empty otherwise, unless StatusState is [Present].
	Status
	StatusState State
	// Wchan is the kernel function in which its first thread waits; empty where it does not wait.
	Wchan      string
	WchanState State
	Rollup     SmapsRollup // Unsupported for a process without memory of its own: a kernel thread, a zombie
}

// ReadMember reads what it can of a process. A part that is missing has its own State: [Vanished] is that of a process
// which ended meanwhile. The error wraps [ErrNoProcess] where there was no such process to begin with, and where the
// pid went to another one while it was read.
func ReadMember(pid int) (Member, error) {
	before, err := ReadStat(pid)
	if err != nil {
		return Member{}, err
	}
	m := Member{Stat: before}
	file := fmt.Sprintf("/proc/%d/status", pid)
	data, state := readProc(file)
	m.Status, m.StatusState = Status{VmRSS: Without(state), VmSwap: Without(state)}, state
	if state == Present {
		if m.Status, err = parseStatus(data); err != nil {
			m.Status, m.StatusState = Status{VmRSS: Without(Failed), VmSwap: Without(Failed)}, Failed
		}
	}
	data, m.WchanState = readProc(fmt.Sprintf("/proc/%d/wchan", pid))
	m.Wchan = parseWchan(data)
	m.Rollup, state = readSmapsRollup(pid)

	after, err := ReadStat(pid)
	switch {
	case errors.Is(err, ErrNoProcess):
		return m, nil
	case err != nil:
		return Member{}, err
	case after.StartTime != before.StartTime:
		return Member{}, fmt.Errorf("process %d: %w: its pid is another's now", pid, ErrNoProcess)
	case state == Vanished:
		// ESRCH of a process that is still there: it has no memory.
		m.Rollup = without[SmapsRollup](Unsupported)
	}
	return m, nil
}

func readProc(file string) ([]byte, State) {
	data, err := os.ReadFile(file)
	return data, stateOf(file, err)
}

// parseWchan reads /proc/PID/wchan: a function's name, without a newline, or 0 for a process that does not wait. It is
// 0 as well for a reader who may not trace the process. Source: proc_pid_wchan(5).
//
//	do_freezer_trap
func parseWchan(data []byte) string {
	if name := string(bytes.TrimSpace(data)); name != "0" {
		return name
	}
	return ""
}
