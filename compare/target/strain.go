package target

import (
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/prediction"
)

// strainOf returns what slows a container down, by a reading of it.
func strainOf(s cgroupfs.Strain, r *cgroupfs.Reading) (f prediction.Strain) {
	if cpus, ok := s.CPULimit.Effective.CPUs(); ok {
		f.CPUs = &cpus
	}
	high, limited := s.MemoryHigh.Effective.Value()
	reached, ok := s.MemoryHighEvents.Value()
	current, known := r.Memory.Current.Value()
	// The limit of a cgroup above counts what its other children use: only its events say that it was reached.
	atOwn := s.MemoryHigh.Own == s.MemoryHigh.Effective && known && current+highSlack >= high
	if limited && ok && reached > 0 && (atOwn || s.MemoryHigh.Own != s.MemoryHigh.Effective) {
		f.High = &prediction.High{Bytes: high, Folder: s.MemoryHigh.By}
	}
	return f
}

// highSlack is how far below memory.high a cgroup may be that is held there, in bytes: the kernel charges memory in batches for
// each processor. Source: mm/memcontrol.c, MEMCG_CHARGE_BATCH.
const highSlack = 1 << 20

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
