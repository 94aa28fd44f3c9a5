package watch

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
)

// Docker may report an end that is none: its runtime takes a container for stopped whose first thread has ended while others live
// on, and Docker then makes up an exit code. As long as the pidfd shows that the main process lives, no end is written.

// isAlive reports whether a run of which Docker has reported the end lives by the kernel's word. The kernel reports an end before
// Docker can, so there is no doubt once related events had their time.
func (r *run) isAlive(now time.Time) bool {
	return r.state == ended && r.processHeld && !r.waitDone && r.exitedAt == nil && !now.Before(r.end.learned.Add(settleTime))
}

// endedLater reports whether the main process ended long after Docker had reported its end, with an exit code that is not the one that
// Docker had made up: it lived then. Without its shim, Docker may report the end of a process that the clean-up ends a moment later.
func (r *run) endedLater(wait unix.WaitStatus) bool {
	if r.state != ended || r.exitedAt == nil || r.shimLost != nil || r.aliveAt != nil || !r.exitedAt.After(r.end.at.Add(settleTime)) {
		return false
	}
	code, err := strconv.Atoi(r.eventCode)
	if r.inspected != nil {
		code, err = r.inspected.ExitCode, nil
	}
	_, madeUp := verdict.RealExitCode(code, &wait)
	return err == nil && madeUp
}

// aliveLine writes that Docker says a run has ended, which has not.
func (t *Timeline) aliveLine(r *run) Line {
	p, said := r.end, "that it has ended"
	state, _ := t.endState(r)
	if state != nil {
		said = fmt.Sprintf("exited (%d)", state.ExitCode)
	}
	signals := []unix.Signal{}
	for _, s := range r.signals {
		if !s.outlived {
			signals = append(signals, s.signal)
		}
	}
	t.apply(r, occurrence{input: endDisproved})
	line := t.line(p.at, "die", verdict.RunsOn, "Docker says "+said+"; its program runs on, and no docker command reaches it",
		verdict.Observation{Source: p.source, Value: said}, verdict.Observation{Source: sourceKernel, Value: "the main process has not ended"})
	line.Signals = signals
	return line
}

// disprove takes back an end that Docker has reported, with what Docker says of it. The signals so far did not end the run.
func (*Timeline) disprove(r *run, _ occurrence) {
	r.end, r.inspected, r.eventCode, r.stopEvent = nil, nil, "", false
	for n := range r.signals {
		r.signals[n].outlived = true
	}
}

// recordRealEnd records the end of a run that Docker had reported before it came. Docker has nothing more to say about it.
func (t *Timeline) recordRealEnd(r *run, o occurrence) {
	t.recordExit(r, o)
	o.source, r.wasDisproved = sourceKernel, true
	r.end = o.pending()
}

// aliveRuns reports whether the real end of a run is still to come.
func (t *Timeline) aliveRuns() bool {
	return slices.ContainsFunc(t.runs(), func(r *run) bool { return r.state == disproved || r.wasDisproved && !r.isWritten() })
}
