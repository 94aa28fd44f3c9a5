// Package proof tests the claims about pausing against what was measured on twins. It is pure.
package proof

import (
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// Facts is what was measured. A step that was not come to says why.
type Facts struct {
	Version  int               // of the cgroups
	Batch    uint64            // ledger.Batch of this host
	Sources  map[string]string // of a Group
	Embedded bool              // the twins run the embedded workload
	Hold     value.Maybe[Hold]
	Reclaim  value.Maybe[Reclaim]
	Back     value.Maybe[Back]
	Stop     value.Maybe[Stop]
}

// Hold is the first pause, that of the comparison itself.
type Hold struct {
	Effective cgroupfs.Reading   // right after the freeze
	After     cgroupfs.Reading   // at the end of the hold
	Frozen    []cgroupfs.Reading // the samples that were taken while it was frozen
}

// Reclaim is what asking for all that is charged took from a frozen cgroup.
type Reclaim struct {
	Before, After cgroupfs.Reading
	Asked         uint64
	Took          time.Duration
	Thawed        bool          // at some moment in between it was not frozen
	Swap          memory.Swap   // as it was before
	LazyFree      figure.Figure // as it is after
}

// Back is what the return of the pages cost, after the unpause. The same was done before the pause, for comparison.
type Back struct {
	Warm, Cold Visit
	Frozen     cgroupfs.Reading // after the reclaim, before the unpause
	After      cgroupfs.Reading // after the cold visit
}

// Visit is a time in which the program had to do with its memory.
type Visit struct {
	MajorFaults figure.Figure // of the cgroup
	Lasted      time.Duration
	Touch       *Touch // nil where the program cannot be asked to touch all of it
}

// Touch is how long it took to read all of it.
type Touch struct {
	Held   time.Duration // memory without a file
	File   time.Duration
	Intact bool // it was what had been written
}

// Stop is what the host got back by docker stop.
type Stop struct {
	Moments                 []Moment // from before the command until after the end
	Gone                    bool     // the cgroup is
	DyingBefore, DyingAfter figure.Figure
}

// Moment is what was free on the host, and what was charged to the cgroup then.
type Moment struct {
	Available figure.Figure // MemAvailable
	PerCPU    figure.Figure // free on the lists of each CPU, which MemAvailable does not count
	Programs  figure.Figure // what all programs of the host hold without a file: AnonPages and Shmem
	Group     cgroupfs.Reading
}
