package proc

import (
	"errors"
	"fmt"

	"haltscope/cgroupfs/figure"
)

// Member is what /proc reports about one process, a member of a cgroup. The letter in [Stat].State does not show whether
// it is frozen.
type Member struct {
	Stat
	// Status is valid if StatusState is [figure.Present]. Otherwise its figures have that state, and the rest is empty.
	Status
	StatusState figure.State
	// Wchan is the kernel function in which the main thread waits, or "" if it does not wait.
	Wchan      string
	WchanState figure.State
	Rollup     SmapsRollup // Unsupported if the process has no memory of its own: a kernel thread or a zombie
}

// ReadMember reads as much as it can about a process. Each part has a state, which is [figure.Vanished] for a process that
// ended in the meantime. The error wraps [ErrNoProcess] if there was no such process to begin with, and if the PID went to
// another process while it was read.
func ReadMember(pid int) (Member, error) {
	before, err := ReadStat(pid)
	if err != nil {
		return Member{}, err
	}
	m := Member{Stat: before}
	m.Status, m.StatusState = readMemberStatus(fmt.Sprintf("/proc/%d", pid))
	m.Wchan, m.WchanState = readWchan(pid)
	var rollup figure.State
	m.Rollup, rollup = ReadSmapsRollup(pid)

	after, err := ReadStat(pid)
	switch {
	case errors.Is(err, ErrNoProcess):
		return m, nil
	case err != nil:
		return Member{}, err
	case after.ID() != before.ID():
		return Member{}, fmt.Errorf("process %d: %w: its PID was reused", pid, ErrNoProcess)
	case after.FirstThreadEnded: // it has no memory any more, but the others have
		living, _ := readMemberStatus(Folder(pid))
		m.VMRSS, m.VMSwap = living.VMRSS, living.VMSwap
	case rollup == figure.Vanished:
		// ESRCH although the process is still there: it has no memory.
		m.Rollup = figure.AllWithout[SmapsRollup](figure.Unsupported)
	}
	return m, nil
}

// readMemberStatus reads the file status in a folder of /proc. If that fails, the figures have the state that is returned.
func readMemberStatus(folder string) (Status, figure.State) {
	data, state := figure.ReadFile(folder + "/status")
	if state == figure.Present {
		status, err := parseStatus(data)
		if err == nil {
			return status, figure.Present
		}
		state = figure.Failed
	}
	return Status{VMRSS: figure.Without(state), VMSwap: figure.Without(state)}, state
}
