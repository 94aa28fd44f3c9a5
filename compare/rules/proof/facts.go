package proof

import (
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// Facts are the measurements. An absent step says why it was not done.
type Facts struct {
	Version  int               // of the cgroups: 1 or 2
	Batch    uint64            // memory.Batch of this host
	Sources  map[string]string // the kernel files of the pause twin's cgroup
	Embedded bool              // the twins run the embedded workload
	Hold     value.Maybe[Hold]
	Reclaim  value.Maybe[Reclaim]
	Return   value.Maybe[Return]
	Stop     value.Maybe[Stop]
}

// Hold is the first pause: that of the comparison itself.
type Hold struct {
	Effective cgroupfs.Reading   // right after the freeze
	After     cgroupfs.Reading   // at the end of the hold
	Frozen    []cgroupfs.Reading // the samples taken while it was frozen
}

// Reclaim is a request to a frozen cgroup for all the memory that is charged to it.
type Reclaim struct {
	Before, After cgroupfs.Reading
	Asked         uint64 // bytes
	Took          time.Duration
	Thawed        bool          // it was not frozen at some moment during the reclaim
	Swap          memory.Swap   // before
	LazyFree      figure.Figure // bytes given up with MADV_FREE, after
}

// Return is the program's use of its memory after the unpause. The same was done before the pause, for comparison.
type Return struct {
	Warm, Cold Visit            // before the pause, and after the unpause
	Frozen     cgroupfs.Reading // after the reclaim, before the unpause
	After      cgroupfs.Reading // after the cold visit
}

// Visit is a period in which the program used its memory.
type Visit struct {
	MajorFaults figure.Figure // of the cgroup
	Lasted      time.Duration
	Touch       *Touch // nil if the program cannot be asked to touch all its memory
}

// Touch is how long it took the program to read all its memory.
type Touch struct {
	Held   time.Duration // memory without a file
	File   time.Duration
	Intact bool // the content was what the program had written
}

// Stop is what the host got back from docker stop.
type Stop struct {
	Moments                 []Moment // from before the command until after the end
	Gone                    bool     // the cgroup no longer exists
	DyingBefore, DyingAfter figure.Figure
}

// Moment is a reading of the host's memory and of the cgroup at the same time.
type Moment struct {
	Available figure.Figure // MemAvailable, in bytes
	PerCPU    figure.Figure // bytes on the free lists of the CPUs, which MemAvailable does not count
	Programs  figure.Figure // bytes without a file of all programs on the host: AnonPages and Shmem
	Group     cgroupfs.Reading
}
