package watch

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/target"
)

// Kernel takes a sight of the run's cgroup and, once its first process has ended, how.
func (l *Timeline) Sample(began time.Time, s cgroupfs.Sight, sources map[string]string, wait *unix.WaitStatus, now time.Time) {
	i := l.runSince(began)
	if i == nil {
		return
	}
	if s.Ended != nil && i.exitedAt == nil {
		i.exitedAt, i.exitLearned = s.Ended, now
	}
	if s.Orphaned != nil && i.shimLost == nil {
		i.shimLost = s.Orphaned
	}
	if wait != nil {
		i.waitStatus = wait
	}
	i.sources = sources
	i.counts(&s, sources["oom_kill"], now)
	if s.Freezer.Frozen.State() != cgroupfs.Present || s.Ended != nil {
		return // it is over
	}
	was := i.sample
	i.sample = &s
	frozen := s.Freezer.Frozen.Is(1)
	if frozen && i.frozenSample == nil {
		i.frozenSample = &s
	} else if !frozen && i.pause == nil {
		i.frozenSample = nil
	}
	soon := &pending{at: s.At, learned: now, due: now.Add(settleTime), source: sources["frozen"]}
	switch {
	case frozen && i.pause == nil && i.frozenOutside == nil:
		i.frozenOutside, i.inquired = soon, false
	case !frozen && i.frozenOutside != nil && !i.frozenOutside.written:
		i.frozenOutside = nil // it flickered: runc freezes for an instant when it changes limits
	case !frozen && i.pause != nil && i.pause.written && i.unpause == nil && i.thawedOutside == nil && was != nil && was.Freezer.Frozen.Is(1):
		i.thawedOutside, i.inquired = soon, false
	case frozen && i.thawedOutside != nil && !i.thawedOutside.written:
		i.thawedOutside = nil
	}
}

// Stance takes how the process that gets the signals stands to them. A program may drop its handler, or ignore the signal,
// as soon as it has come: while it is being handled, what counts is how the program stood before.
func (l *Timeline) Dispositions(began time.Time, s *target.Dispositions) {
	if i := l.runSince(began); i != nil && s != nil && i.exitedAt == nil && !l.handling(i) {
		i.dispositions = s
	}
}

// handling reports whether a signal has come that the program, as it stood, handles, and that is not outlived.
func (l *Timeline) handling(i *run) bool {
	return slices.ContainsFunc(i.signals, func(k sentSignal) bool {
		signal := k.signal
		if signal == 0 {
			signal = l.stopSignal()
		}
		r := i.dispositions.To(signal)
		return !k.outlived && r != nil && (r.Takes != "" || r.Caught && (r.Handles == nil || *r.Handles))
	})
}

// run finds a run that is not over by when it began.
func (l *Timeline) runSince(began time.Time) *run {
	for _, i := range append(slices.Clone(l.earlier), l.current) {
		if i != nil && i.key().Equal(began) {
			return i
		}
	}
	return nil
}

// key is what the watcher of cgroups knows a run by. It stays when Docker says when the run really began.
func (i *run) key() time.Time {
	if !i.processStarted.IsZero() {
		return i.processStarted
	}
	return i.started
}
