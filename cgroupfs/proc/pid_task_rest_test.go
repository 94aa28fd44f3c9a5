package proc

import (
	"testing"

	"haltscope/cgroupfs/figure"
)

// A thread that runs is read again: in the first reading it is on its way out of sigwait, with SIGTERM unblocked.
func TestAtRest(t *testing.T) {
	const term = SignalSet(1 << 14)
	running := Thread{State: 'R'}
	waits := Thread{State: 'S', WaitKnown: true, Blocked: 0}
	for name, c := range map[string]struct {
		readings []Thread
		state    figure.State // of the last reading
		reads    int
		want     byte
	}{
		"at rest":             {[]Thread{waits}, figure.Present, 1, 'S'},
		"runs, then rests":    {[]Thread{running, running, {State: 'S', WaitKnown: true, WaitsFor: new(term)}}, figure.Present, 3, 'S'},
		"cannot be read":      {[]Thread{{State: 'S', WaitUnread: true}}, figure.Present, 1, 'S'},
		"runs, then is gone":  {[]Thread{running, {}}, figure.Vanished, 2, 0},
		"computes":            {[]Thread{running}, figure.Present, runningReads, 'R'},
		"runs, and has ended": {[]Thread{running, {State: 'Z'}}, figure.Present, 2, 'Z'},
	} {
		reads := 0
		got, state := atRest(func() (Thread, figure.State) {
			thread := c.readings[min(reads, len(c.readings)-1)]
			reads++
			if reads < len(c.readings) {
				return thread, figure.Present
			}
			return thread, c.state
		})
		if got.State != c.want || state != c.state || reads != c.reads {
			t.Errorf("%s: %+v, %s after %d readings", name, got, state, reads)
		}
	}
}
