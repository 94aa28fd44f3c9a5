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

// batch returns how many bytes the kernel may charge in advance. If the number of CPUs is not known, it assumes one.
func batch(online figure.CPUList) uint64 {
	return memory.Batch(max(len(online.List), 1), os.Getpagesize())
}

// readMembers reads processes, leaving out those that have ended. The error is that of the first other process that could not be read.
func readMembers(pids []int, read func(pid int) (proc.Member, error)) (members []proc.Member, unread error) {
	for _, pid := range pids {
		m, err := read(pid)
		switch {
		case err == nil:
			m.Comm = value.Clean(m.Comm)
			members = append(members, m)
		case !errors.Is(err, proc.ErrNoProcess) && unread == nil:
			unread = err
		}
	}
	return members, unread
}

// zombiesOf counts the children that the processes of all accounts have not waited for.
func zombiesOf(all []*account) (map[int]int, error) {
	var pids []int
	for _, a := range all {
		pids = append(pids, a.kernel.MembersBefore...)
	}
	return proc.Zombies(pids)
}

// zombies returns how many ended children each process has not waited for, in two looks: a zombie of a moment does not count.
func zombies(before, after map[int]int, members []proc.Member) (all []drift.Zombie) {
	for i := range members {
		m := &members[i]
		if n := min(before[m.PID], after[m.PID]); n > 0 {
			all = append(all, drift.Zombie{PID: m.PID, Command: m.Comm, Count: n})
		}
	}
	return all
}

// firstThreadEnded returns the main process if its first thread has ended and others live on, or nil.
func firstThreadEnded(main int, members []proc.Member) *drift.MainProcess {
	for i := range members {
		if m := &members[i]; m.PID == main && m.FirstThreadEnded {
			return &drift.MainProcess{PID: main, Command: m.Comm}
		}
	}
	return nil
}

// waits returns the threads in uninterruptible sleep.
func waits(members []proc.Member) (all []drift.Wait, unread error) {
	for i := range members {
		m := &members[i]
		found, err := proc.UninterruptibleWaits(m.PID)
		unread = errors.Join(unread, err)
		for _, w := range found {
			all = append(all, drift.Wait{PID: m.PID, TID: w.TID, Command: m.Comm, Wchan: w.Wchan, Fuse: w.Fuse})
		}
	}
	if !slices.ContainsFunc(all, func(w drift.Wait) bool { return w.Fuse }) {
		return all, unread
	}
	pids := make([]int, len(members))
	for i := range members {
		pids[i] = members[i].PID
	}
	server, err := proc.FuseServer(pids)
	for i := range all {
		if all[i].Fuse {
			all[i].Server = server
		}
	}
	return all, errors.Join(unread, err)
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
