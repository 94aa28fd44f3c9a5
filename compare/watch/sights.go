package watch

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/target"
)

// Kernel takes a sight of the run's cgroup and, once its first process has ended, how.
func (l *Life) Kernel(began time.Time, s cgroupfs.Sample, sources map[string]string, wait *unix.WaitStatus, now time.Time) {
	i := l.run(began)
	if i == nil {
		return
	}
	if s.Ended != nil && i.ended == nil {
		i.ended, i.endSeen = s.Ended, now
	}
	if s.Orphaned != nil && i.orphaned == nil {
		i.orphaned = s.Orphaned
	}
	if wait != nil {
		i.wait = wait
	}
	i.sources = sources
	i.counts(&s, sources["oom_kill"], now)
	if s.Freezer.Frozen.State() != figure.Present || s.Ended != nil {
		return // it is over
	}
	was := i.sight
	i.sight = &s
	frozen := s.Freezer.Frozen.Is(1)
	if frozen && i.confirms == nil {
		i.confirms = &s
	} else if !frozen && i.pause == nil {
		i.confirms = nil
	}
	soon := &pending{at: s.At, came: now, due: now.Add(settle), source: sources["frozen"]}
	switch {
	case frozen && i.pause == nil && i.outside == nil:
		i.outside, i.asked = soon, false
	case !frozen && i.outside != nil && !i.outside.told:
		i.outside = nil // it flickered: runc freezes for an instant when it changes limits
	case !frozen && i.pause != nil && i.pause.told && i.resumed == nil && i.thawed == nil && was != nil && was.Freezer.Frozen.Is(1):
		i.thawed, i.asked = soon, false
	case frozen && i.thawed != nil && !i.thawed.told:
		i.thawed = nil
	}
}

// Stance takes how the process that gets the signals stands to them. A program may drop its handler, or ignore the signal,
// as soon as it has come: while it is being handled, what counts is how the program stood before.
func (l *Life) Stance(began time.Time, s *target.Dispositions) {
	if i := l.run(began); i != nil && s != nil && i.ended == nil && !l.handling(i) {
		i.stance = s
	}
}

// handling reports whether a signal has come that the program, as it stood, handles, and that is not outlived.
func (l *Life) handling(i *instance) bool {
	return slices.ContainsFunc(i.kills, func(k sent) bool {
		signal := k.signal
		if signal == 0 {
			signal = l.stopSignal()
		}
		r := i.stance.For(unix.Signal(signal))
		return !k.told && r != nil && (r.Accepts != "" || r.Caught && (r.AsksFor == nil || *r.AsksFor))
	})
}

// run finds a run that is not over by when it began.
func (l *Life) run(began time.Time) *instance {
	for _, i := range append(slices.Clone(l.ending), l.current) {
		if i != nil && i.key().Equal(began) {
			return i
		}
	}
	return nil
}

// key is what the watcher of cgroups knows a run by. It stays when Docker says when the run really began.
func (i *instance) key() time.Time {
	if !i.found.IsZero() {
		return i.found
	}
	return i.began
}
