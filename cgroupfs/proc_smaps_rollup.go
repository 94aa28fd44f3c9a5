package cgroupfs

import (
	"bytes"
	"fmt"
)

// SmapsRollup is /proc/PID/smaps_rollup, in bytes: all mappings of a process added up. Rss counts a page that several
// processes map whole for each of them, Pss its share; only Pss of all processes adds up. Pss_Anon and its two kin
// came with 5.3, the file with 4.14.
//
// LazyFree are the anonymous pages that the program has given up by madvise(MADV_FREE) and not written to since. They
// are counted as anonymous until reclaim takes them, which drops them without swap: to it they are clean pages of
// page cache, and on its lists of files (fs/proc/task_mmu.c, smaps_account; mm/swap.c, lru_lazyfree). A few that a CPU
// has not put there yet are missing.
type SmapsRollup struct {
	Rss, Pss, PssAnon, PssFile, PssShmem                 Figure
	SharedClean, SharedDirty, PrivateClean, PrivateDirty Figure
	LazyFree, AnonHugePages, Swap, SwapPss, Locked       Figure
}

// parseSmapsRollup parses a header and lines of "Key: value kB". Source: proc_pid_smaps(5);
// Documentation/ABI/testing/procfs-smaps_rollup.
//
//	55a9191b9000-7ffcbc7df000 ---p 00000000 00:00 0                          [rollup]
//	Rss:                1712 kB
//	Pss:                 254 kB
//	Pss_Anon:            112 kB
//	…
func parseSmapsRollup(data []byte) SmapsRollup {
	r := without[SmapsRollup](Unsupported)
	for line := range bytes.Lines(data) {
		key, value, _ := bytes.Cut(line, []byte{':'})
		if f := r.field(key); f != nil {
			*f = parseKiB(value)
		}
	}
	return r
}

func (r *SmapsRollup) field(key []byte) *Figure {
	switch string(key) {
	case "Rss":
		return &r.Rss
	case "Pss":
		return &r.Pss
	case "Pss_Anon":
		return &r.PssAnon
	case "Pss_File":
		return &r.PssFile
	case "Pss_Shmem":
		return &r.PssShmem
	case "Shared_Clean":
		return &r.SharedClean
	case "Shared_Dirty":
		return &r.SharedDirty
	case "Private_Clean":
		return &r.PrivateClean
	case "Private_Dirty":
		return &r.PrivateDirty
	case "LazyFree":
		return &r.LazyFree
	case "AnonHugePages":
		return &r.AnonHugePages
	case "Swap":
		return &r.Swap
	case "SwapPss":
		return &r.SwapPss
	case "Locked":
		return &r.Locked
	}
	return nil
}

// readSmapsRollup reads it of a process. One without memory of its own has none: the state is [Vanished], as of one that
// has ended.
func readSmapsRollup(pid int) (SmapsRollup, State) {
	data, state := readProc(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if state != Present {
		return without[SmapsRollup](state), state
	}
	return parseSmapsRollup(data), state
}

// LazyFree adds up what processes have given up. It is a bound: what a fork shares is counted for each, as in Rss.
func LazyFree(members []Member) Figure {
	// Those without memory of their own, and those that have ended, hold nothing.
	nothing := func(f Figure) bool {
		return f.State() == NotMeasured || f.State() == Unsupported || f.State() == Vanished
	}
	var sum Figure
	for i := range members {
		switch f := members[i].Rollup.LazyFree; {
		case nothing(sum):
			sum = f
		case !nothing(f):
			sum = sum.Plus(f)
		}
	}
	return sum
}

// LazyFree is [LazyFree] of the processes in the cgroup and in those below it. It walks their page tables.
func (g *Group) LazyFree() Figure {
	pids, err := g.Members()
	switch {
	case err != nil && !g.Exists():
		return Without(Vanished)
	case err != nil:
		return Without(Failed)
	}
	members := make([]Member, len(pids))
	for i, pid := range pids {
		members[i].Rollup, _ = readSmapsRollup(pid)
	}
	return LazyFree(members)
}
