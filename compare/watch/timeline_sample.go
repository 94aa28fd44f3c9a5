package watch

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/target"
)

// Sample records a reading of a run's cgroup and, once its main process has ended, how. Key is the run's key; sources are
// the names of the kernel files that the reading came from.
func (t *Timeline) Sample(key time.Time, s cgroupfs.Sample, sources map[string]string, wait *unix.WaitStatus, now time.Time) {
	r := t.runSince(key)
	if r == nil {
		return
	}
	if s.Orphaned != nil && r.shimLost == nil {
		r.shimLost = s.Orphaned
	}
	if s.Ended != nil {
		o := occurrence{input: processExited, at: *s.Ended, learned: now}
		t.apply(r, o)
		if wait != nil && r.endedLater(*wait) {
			t.apply(r, occurrence{input: endDisproved})
			t.apply(r, o)
		}
	}
	if wait != nil {
		r.waitStatus = wait
	}
	r.sources = sources
	r.countOOMKills(&s, sources["oom_kill"], now)
	if s.Freezer.Frozen.State() == figure.Present && s.Ended == nil {
		t.sampleFreezer(r, &s, now)
	}
}

// Dispositions records how the signal target disposes of signals. A program may reset its handler, or ignore the signal, as
// soon as the signal has come: while it is being handled, what counts is the disposition before.
func (t *Timeline) Dispositions(key time.Time, d *target.Dispositions) {
	if r := t.runSince(key); r != nil && d != nil && r.exitedAt == nil && !t.handlesSignal(r) {
		r.dispositions = d
	}
}

// handlesSignal reports whether a signal has come that the program handles, and that it has not outlived.
func (t *Timeline) handlesSignal(r *run) bool {
	return slices.ContainsFunc(r.signals, func(s sentSignal) bool {
		number := s.signal
		if number == 0 {
			number = t.stopSignal()
		}
		return !s.outlived && r.handles(number)
	})
}
