package watch

import (
	"time"

	"haltscope/cgroupfs"
)

// freezer is what Docker and the kernel report of a freeze. Docker's pause and a freeze outside Docker exclude each other.
type freezer struct {
	pause         *pending  // Docker's; nil unless Docker says paused
	unpause       *pending  // the end of that pause
	lastUnpause   time.Time // when Docker's last unpause was learned: an inspection asked for before may still show the pause
	freezeOutside *pending  // frozen, and Docker does not say paused
	thawOutside   *pending  // Docker says paused, and the kernel shows it thawed
	sample        *cgroupfs.Sample
	frozenSample  *cgroupfs.Sample // of the present pause, or of what may become one: the first that showed it frozen
	sources       map[string]string
	frozenMemory  *uint64 // bytes charged when the freeze was confirmed
	inquired      bool    // an inspection for freezeOutside or thawOutside is wanted already
}

// state is what is known of a freeze.
func (f *freezer) state() freezerState {
	switch {
	case f.freezeOutside != nil && f.freezeOutside.written:
		return frozenOutside
	case f.freezeOutside != nil:
		return freezing
	case f.pause == nil:
		return thawed
	case f.unpause != nil:
		return resuming
	case f.thawOutside != nil && f.thawOutside.written:
		return thawedOutside
	case f.thawOutside != nil:
		return thawing
	case f.pause.written:
		return paused
	}
	return pausing
}

// sampleFreezer records what a sample shows of the freezer.
func (t *Timeline) sampleFreezer(r *run, s *cgroupfs.Sample, now time.Time) {
	o := occurrence{input: sampleThawed, at: s.At, learned: now, source: r.sources["frozen"]}
	switch {
	case s.Freezer.Frozen.Is(1):
		o.input = sampleFrozen
		if r.frozenSample == nil {
			r.frozenSample = s
		}
	case r.pause == nil:
		r.frozenSample = nil
	}
	wasFrozen := r.sampledFrozen()
	r.sample = s
	if o.input == sampleThawed && r.freezer.state() == paused && !wasFrozen {
		return // that it ever froze was not seen
	}
	t.applyFreezer(r, o)
}

// sampledFrozen reports whether the last sample showed it frozen.
func (f *freezer) sampledFrozen() bool { return f.sample != nil && f.sample.Freezer.Frozen.Is(1) }

func (*Timeline) recordFreeze(r *run, o occurrence) { r.freezeOutside, r.inquired = o.pending(), false }
func (*Timeline) forgetFreeze(r *run, _ occurrence) { r.freezeOutside = nil }
func (*Timeline) recordThaw(r *run, o occurrence)   { r.thawOutside, r.inquired = o.pending(), false }
func (*Timeline) forgetThaw(r *run, _ occurrence)   { r.thawOutside = nil }

func (t *Timeline) recordPause(r *run, o occurrence) {
	if r.pause == nil || r.pause.source == sourceInspect {
		written := r.pause != nil && r.pause.written
		r.pause = o.pending()
		r.pause.written = written
	}
	r.freezeOutside, r.thawOutside = nil, nil
	t.status, t.wantsSample = "paused", true
}

func (t *Timeline) recordUnpause(r *run, o occurrence) {
	r.lastUnpause = o.learned
	t.status, t.wantsSample = "running", true
}

func (t *Timeline) recordResume(r *run, o occurrence) {
	r.unpause, r.thawOutside = o.pending(), nil
	t.recordUnpause(r, o)
}

func (t *Timeline) recordInspectedPause(r *run, o occurrence) {
	r.pause, r.freezeOutside, t.wantsSample = o.pending(), nil, true
}

func (*Timeline) recordInspectedResume(r *run, o occurrence) {
	r.unpause, r.thawOutside, r.lastUnpause = o.pending(), nil, o.learned
}

// freezerLines writes pauses, freezes and thaws. Over means that the end of the run is about to be written.
func (t *Timeline) freezerLines(r *run, now time.Time, over bool) (all []Line) {
	if p := r.pause; p != nil && !p.written && (over || p.isDue(now) || r.frozenSample != nil || r.unpause != nil) {
		p.written = true
		all = append(all, t.pauseLine(r))
	}
	if r.unpause != nil {
		p, still := r.unpause, r.frozenAbove()
		all = append(all, t.unpauseLine(r))
		r.pause, r.unpause, r.thawOutside, r.frozenMemory, r.frozenSample = nil, nil, nil, nil, nil
		if still { // which is written
			r.freezeOutside, r.frozenSample = &pending{at: p.at, learned: p.learned, due: p.due, source: p.source, written: true}, r.sample
		}
	}
	if over {
		return all
	}
	if t.confirmedByDocker(r, r.freezeOutside, now) {
		r.freezeOutside.written = true
		if t.status == "paused" {
			r.freezeOutside = nil
		} else {
			all = append(all, t.freezeLine(r))
		}
	}
	if r.freezer.state() == frozenOutside && !r.sampledFrozen() {
		all = append(all, t.thawLine(r))
		r.freezeOutside, r.frozenMemory = nil, nil
	}
	if t.confirmedByDocker(r, r.thawOutside, now) {
		r.thawOutside.written = true
		if t.status == "paused" {
			all = append(all, t.thawedWhilePausedLine(r))
		}
	}
	return all
}

// confirmedByDocker reports whether a freeze or thaw that is due can be written as one outside Docker: Docker was asked once
// more, and has answered or had its time.
func (t *Timeline) confirmedByDocker(r *run, p *pending, now time.Time) bool {
	if !p.isDue(now) {
		return false
	}
	if r.answered.After(p.learned) {
		return true
	}
	t.wantsInspect = t.wantsInspect || !r.inquired
	r.inquired = true
	return !now.Before(p.learned.Add(noAnswerWait))
}
