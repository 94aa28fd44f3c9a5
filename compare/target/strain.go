package target

import (
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/prediction"
)

// strainOf returns what slows a container down.
func strainOf(s cgroupfs.Strain) (f prediction.Strain) {
	if cpus, ok := s.CPULimit.Effective.CPUs(); ok {
		f.CPUs = &cpus
	}
	return f
}

// During returns what was seen of a container during a stop, by a reading from before it and the last one.
func During(before, last cgroupfs.Strain, took time.Duration) *prediction.During {
	d := &prediction.During{Took: took}
	if usec, ok := since(last.ThrottledUsec, before.ThrottledUsec); ok {
		throttled := time.Duration(usec) * time.Microsecond
		d.Throttled = &throttled
	}
	if n, ok := since(last.ForksFailed, before.ForksFailed); ok {
		d.ForksFailed = &n
	}
	return d
}

func since(last, before figure.Figure) (uint64, bool) { return last.Since(before).Value() }
