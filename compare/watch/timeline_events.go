package watch

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/dockercli"
)

// Event records one of Docker's events.
func (t *Timeline) Event(n dockercli.Event, now time.Time) {
	if n.Name != "" && n.Action != "rename" {
		t.Name = n.Name
	}
	t.learnLabels(&n)
	event := dockerEvents[n.Action]
	o := occurrence{input: event.input, at: n.Time, learned: now, source: event.source, exitCode: n.ExitCode}
	switch o.input {
	case none:
	case eventStart:
		t.eventStarted(o)
	case eventRestart:
		if t.current != nil {
			t.apply(t.current, o)
		}
	case eventDestroy:
		t.removal = o.pending()
	case eventPause, eventUnpause:
		t.applyFreezer(t.runAt(o.at), o)
	case eventKill:
		if number, ok := n.SignalNumber(); ok {
			o.signal = unix.Signal(number)
		}
		fallthrough
	default:
		t.apply(t.runAt(o.at), o)
	}
}

// eventStarted records a start event: of a run that inspect or the kernel has shown before, or of a new one.
func (t *Timeline) eventStarted(o occurrence) {
	t.cancelledRestart = nil // that stop was part of a docker restart
	r := t.current
	if r != nil && !r.startedBy(o.at) && t.startedBefore(o.at) {
		t.insertEarlier(o)
		return
	}
	if r == nil || !r.startedBy(o.at) {
		r = t.begin(o.at, o.learned)
	}
	t.apply(r, o)
}

func (t *Timeline) recordStart(r *run, o occurrence) {
	written := r.start != nil && r.start.written // inspect was first
	r.start, r.startEvent, r.startMissed, r.eventsLost = o.pending(), true, false, false
	r.start.written = written
	t.status, t.wantsInspect, t.baseline = "running", true, false
}

func (*Timeline) recordRestart(r *run, _ occurrence) { r.restarted = true }

func (t *Timeline) recordSignal(r *run, o occurrence) {
	r.signals = append(r.signals, sentSignal{raw: o.signal, at: o.at, learned: o.learned})
	t.revealSignals(r)
	slices.SortStableFunc(r.signals, func(a, b sentSignal) int { return a.at.Compare(b.at) })
}

func (*Timeline) recordStop(r *run, _ occurrence) { r.stopEvent = true }

// recordStopAfterEnd records the stop event of a run that has ended. Between two starts, a stop sends nothing and cancels the
// next start.
func (t *Timeline) recordStopAfterEnd(r *run, o occurrence) {
	asked := slices.ContainsFunc(r.signals, func(s sentSignal) bool { return !s.outlived })
	if t.container != nil && t.container.State.Status == "restarting" && !asked {
		t.cancelledRestart, t.wantsInspect = o.pending(), true
		return
	}
	r.stopEvent = true
}

func (t *Timeline) recordDie(r *run, o occurrence) {
	r.end, r.eventCode = o.pending(), o.exitCode
	if r == t.current {
		t.status, t.wantsInspect, t.baseline = "exited", true, false
	}
}

// recordRepeatedDie records a die event after everything was written.
func (t *Timeline) recordRepeatedDie(r *run, _ occurrence) {
	t.wantsInspect = t.wantsInspect || r.confirmation != nil
}

// recordConfirmation records that Docker has confirmed an end that was written without it. The event of it counts more than
// an inspection.
func (t *Timeline) recordConfirmation(r *run, o occurrence) {
	if o.input == eventDie {
		t.wantsInspect = true
	}
	if r.confirmation != nil && o.exitCode == "" {
		return
	}
	r.confirmation = o.pending()
	if o.exitCode != "" {
		r.eventCode = o.exitCode
	}
}
