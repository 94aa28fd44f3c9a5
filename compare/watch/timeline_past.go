package watch

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/dockercli"
)

// PastSignals records the signals that Docker sent to the container before the watch began, by the daemon's history, which begins at
// oldest: the stop or kill that one of them began may end it now.
func (t *Timeline) PastSignals(kills []dockercli.Event, oldest, now time.Time) {
	r := t.current
	if r == nil || r.state != running {
		return
	}
	if oldest.After(r.started) {
		r.eventsLost, r.eventsLostUntil = true, oldest
	}
	for _, e := range kills {
		if e.Time.Before(r.started) {
			continue
		}
		s := sentSignal{at: e.Time, learned: e.Time}
		if number, ok := e.SignalNumber(); ok {
			s.raw = unix.Signal(number)
		}
		if t.container != nil && !t.labelHides("signal") {
			s.signal = s.raw
		}
		patience := t.patience(s.signal)
		s.outlived = patience >= 0 && !now.Before(e.Time.Add(patience)) // which is no news
		if t.container != nil {
			t.learnPolicyOff(r, s.signal, s.at)
		}
		r.signals = append(r.signals, s)
	}
	slices.SortStableFunc(r.signals, func(a, b sentSignal) int { return a.at.Compare(b.at) })
	t.forgetSignals(r)
}
