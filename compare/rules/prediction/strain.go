package prediction

import (
	"fmt"
	"time"

	"haltscope/compare/value"
)

// Strain is what slows down the processes of a container, so that a handler may not end them in time.
type Strain struct {
	CPUs   *float64 // how many CPUs it may use, by cpu.max of its own cgroup or one above; nil for no limit, or unknown
	During *During  // what was seen during a stop; nil for a prediction
}

// During is what was seen of a container during a stop, up to the end or shortly before.
type During struct {
	Took        time.Duration
	Throttled   *time.Duration // for how long its tasks had used up their quota; nil if unknown
	ForksFailed *uint64        // how often a fork failed because of the pids limit; nil if unknown
}

// starved reports whether the CPU quota kept the container from running for most of a stop.
func (s *Strain) starved() bool {
	return s.CPUs != nil && s.During != nil && s.During.Throttled != nil && *s.During.Throttled > s.During.Took/2
}

// forksFailed reports whether a fork failed during the stop.
func (s *Strain) forksFailed() bool {
	return s.During != nil && s.During.ForksFailed != nil && *s.During.ForksFailed > 0
}

// strainConsequences says what slows down a handler of the stop signal.
func (f *Facts) strainConsequences() (all []Evidence) {
	note := func(source, format string, args ...any) {
		all = append(all, Evidence{source, fmt.Sprintf(format, args...)})
	}
	if cpus := f.Strain.CPUs; cpus != nil && *cpus < 1 {
		text := fmt.Sprintf("it may use %.4g CPUs", *cpus)
		if f.Grace >= 0 {
			text += fmt.Sprintf(": a handler gets at most %s of CPU time in a grace of %s",
				value.Duration(value.Milliseconds(time.Duration(float64(f.Grace)**cpus))), value.Duration(value.Milliseconds(f.Grace)))
		}
		note(f.cpuSource(), "%s", text)
	}
	return all
}

// cpuSource names the file that holds the CPU quota.
func (f *Facts) cpuSource() string {
	if f.CgroupVersion == 1 {
		return "cpu.cfs_quota_us"
	}
	return "cpu.max"
}
