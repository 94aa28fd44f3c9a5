package experiment

import (
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/value"
)

// fakeProcess is a process that may have ended.
type fakeProcess struct {
	runs   bool
	status unix.WaitStatus
	states []figure.State // one after the other; the last one stays
}

func (p *fakeProcess) Ended() bool { return !p.runs }

func (p *fakeProcess) WaitStatus() (unix.WaitStatus, figure.State) {
	state := p.states[0]
	if len(p.states) > 1 {
		p.states = p.states[1:]
	}
	return p.status, state
}

func TestKilledOthers(t *testing.T) {
	const byKill, byTerm, returned = unix.WaitStatus(unix.SIGKILL), unix.WaitStatus(unix.SIGTERM), unix.WaitStatus(0)
	known := []figure.State{figure.Present}
	for _, c := range []struct {
		name   string
		others others
		want   value.Maybe[int]
	}{
		{"none", others{}, value.Known(0)},
		{"one of each", others{held: []endedProcess{&fakeProcess{status: byKill, states: known}, &fakeProcess{status: byTerm, states: known},
			&fakeProcess{status: returned, states: known}, &fakeProcess{runs: true}}}, value.Known(1)},
		{"its parent waits late", others{held: []endedProcess{
			&fakeProcess{status: byKill, states: []figure.State{figure.NotMeasured, figure.Present}}}}, value.Known(1)},
		{"an old kernel", others{held: []endedProcess{&fakeProcess{states: []figure.State{figure.Unsupported}}}},
			value.Absent[int](value.Unsupported, "this kernel does not report how a process ended")},
		{"one could not be opened", others{err: errDocker}, value.Absent[int](value.Failed, errDocker.Error())},
	} {
		if got := c.others.killed(); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
