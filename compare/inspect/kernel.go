package inspect

import (
	"errors"
	"os"
	"slices"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/drift"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// batch returns how many bytes the kernel may charge in advance. If the number of CPUs is not known, it is that of one.
func batch(online figure.CPUList) uint64 {
	return memory.Batch(max(len(online.List), 1), os.Getpagesize())
}

// readMembers reads processes, without those that have ended.
func readMembers(pids []int) (members []proc.Member) {
	for _, pid := range pids {
		m, err := proc.ReadMember(pid)
		if err != nil {
			continue
		}
		m.Comm = value.Clean(m.Comm)
		members = append(members, m)
	}
	return members
}

// waits returns the threads in uninterruptible sleep.
func waits(members []proc.Member) (all []drift.Wait) {
	for i := range members {
		m := &members[i]
		for _, w := range proc.UninterruptibleWaits(m.PID) {
			all = append(all, drift.Wait{PID: m.PID, TID: w.TID, Command: m.Comm, Wchan: w.Wchan})
		}
	}
	return all
}

func readHeld(t *target.Target, details *cgroupfs.Details, pids []int, members []proc.Member) held {
	h := held{members: members, swap: memory.Swap{Swap: t.Group.Swap(details), LazyFree: proc.LazyFree(members)},
		noReclaim: errors.Is(t.Group.CanReclaim(), cgroupfs.ErrNoReclaim)}
	// Docker's PID may belong to another process by now, or to another PID namespace. Only the mounts of a member are the container's.
	if pid := t.Container.State.Pid; slices.Contains(pids, pid) {
		h.tmpfs, h.tmpfsErr = proc.TmpfsMounts(pid)
	}
	return h
}
