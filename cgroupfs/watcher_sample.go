package cgroupfs

import (
	"time"

	"haltscope/cgroupfs/figure"
)

// Sample is a reading of a container that a [Watcher] follows.
type Sample struct {
	At      time.Time
	Freezer Freezer
	OOMKill figure.Figure // number of processes that the OOM killer has killed so far
	Memory  figure.Figure // all that is charged to it, in bytes
	// Limit and Peak are about its memory, in bytes. They were read when OOMKill last changed or the main process ended, or
	// when the container was added.
	Limit, Peak figure.Figure
	// Ended is when the main process was seen to have ended, or nil.
	Ended *time.Time
	// Orphaned is when the parent of the main process was seen to have ended before the main process itself, or nil.
	Orphaned *time.Time
}

// sample takes a sample of a container, and keeps it for comparison with later ones.
func (w *Watcher) sample(c *watched) Sample {
	s := Sample{At: time.Now(), Ended: c.last.Ended, Orphaned: c.last.Orphaned, Limit: c.last.Limit, Peak: c.last.Peak}
	s.Freezer, _ = c.group.freezer.read(w.buf, c.group.Version)
	if c.group.Version == 2 {
		s.OOMKill = c.group.v2.memoryEvents.parsed(w.buf, parseOOMKill)
		s.Memory = c.group.v2.memoryCurrent.figure(w.buf)
	} else {
		s.OOMKill = c.group.v1.oomControl.parsed(w.buf, parseOOMKill)
		s.Memory = c.group.v1.usage.figure(w.buf)
	}
	if c.last.OOMKill.State() == figure.Present && s.OOMKill.State() != figure.Present {
		s.OOMKill = c.last.OOMKill // the cgroup is gone, and its count stays
	}
	if s.Ended == nil && c.process != nil && c.process.Ended() {
		at := s.At
		s.Ended = &at
	}
	if s.OOMKill != c.last.OOMKill || s.Ended != c.last.Ended {
		s.Limit, s.Peak = w.limitAndPeak(c)
	}
	if c.group.Version == 2 {
		c.group.releaseAllBut() // the watcher has files of its own
	} else {
		c.group.releaseAllBut(&c.group.freezer.state, &c.group.v1.oomControl)
	}
	c.last = s
	return s
}

// limitAndPeak reads the limit and the peak of a container's memory. If the cgroup is gone, its last limit stays; its peak is
// unknown.
func (w *Watcher) limitAndPeak(c *watched) (limit, peak figure.Figure) {
	if c.group.Version == 2 {
		limit, peak = c.group.v2.memoryMax.figure(w.buf), c.group.v2.memoryPeak.figure(w.buf)
	} else {
		limit, peak = limitV1(c.group.v1.limit.figure(w.buf)), c.group.v1.maxUsage.figure(w.buf)
	}
	if limit.State() == figure.Vanished && c.last.Limit.State() != figure.NotMeasured {
		limit = c.last.Limit
	}
	return limit, peak
}
