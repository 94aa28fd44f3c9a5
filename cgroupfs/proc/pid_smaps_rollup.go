package proc

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// SmapsRollup is /proc/PID/smaps_rollup, in bytes: the sums over all mappings of a process. Rss counts a page that several
// processes map once for each of them, Pss counts each one's share. Only the Pss of several processes can be added up.
//
// LazyFree is anonymous memory that the program has released by madvise(MADV_FREE) and not written to since. The kernel
// counts it as anonymous until it reclaims it, and needs no swap for that: it is on the lists of file pages. A few pages
// that a CPU has not put there yet are not counted. Source: fs/proc/task_mmu.c, smaps_account; mm/swap.c, lru_lazyfree.
type SmapsRollup struct {
	Rss, Pss, PssAnon, PssFile, PssShmem                 figure.Figure
	SharedClean, SharedDirty, PrivateClean, PrivateDirty figure.Figure
	LazyFree, AnonHugePages, Swap, SwapPss, Locked       figure.Figure
}

// ReadSmapsRollup reads /proc/PID/smaps_rollup, which makes the kernel walk the page tables. For a process that has no
// memory of its own, a kernel thread or a zombie, the state is [figure.Vanished], as if it had ended.
func ReadSmapsRollup(pid int) (SmapsRollup, figure.State) {
	data, state := figure.ReadFile(Folder(pid) + "/smaps_rollup")
	if state != figure.Present {
		return figure.AllWithout[SmapsRollup](state), state
	}
	return parseSmapsRollup(data), state
}

// parseSmapsRollup parses a header, and lines of a key and a size.
//
//	55a9191b9000-7ffcbc7df000 ---p 00000000 00:00 0                          [rollup]
//	Rss:                1712 kB
//	Pss:                 254 kB
//	Pss_Anon:            112 kB
//	…
//
// Source: proc_pid_smaps(5); Documentation/ABI/testing/procfs-smaps_rollup. The file came with Linux 4.14; Pss_Anon,
// Pss_File and Pss_Shmem came with 5.3.
func parseSmapsRollup(data []byte) SmapsRollup {
	r := figure.AllWithout[SmapsRollup](figure.Unsupported)
	for line := range bytes.Lines(data) {
		key, value, _ := bytes.Cut(line, []byte{':'})
		if f := r.field(key); f != nil {
			*f = figure.ParseKiB(value)
		}
	}
	return r
}

func (r *SmapsRollup) field(key []byte) *figure.Figure {
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

// LazyFree adds up the LazyFree of several processes. It is an upper bound: memory that processes share after a fork is
// counted for each of them, as in Rss.
func LazyFree(members []Member) figure.Figure {
	// A process that was not read, has no memory of its own, or has ended holds nothing.
	nothing := func(f figure.Figure) bool {
		return f.State() == figure.NotMeasured || f.State() == figure.Unsupported || f.State() == figure.Vanished
	}
	var sum figure.Figure
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
