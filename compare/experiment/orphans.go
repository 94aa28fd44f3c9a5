package experiment

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

// others are the processes of a twin that the signal does not target.
type others struct {
	held []endedProcess
	err  error // why held is not all of them
}

// endedProcess is a handle on a process that may have ended.
type endedProcess interface {
	Ended() bool
	WaitStatus() (unix.WaitStatus, figure.State)
}

// openOthers opens the other processes until the clean-up, so that the kernel can be asked how they ended.
func (x *experiment) openOthers(t *runningTwin, b baseline) others {
	if !x.Orphans {
		return others{}
	}
	if b.membersErr != nil {
		return others{err: b.membersErr}
	}
	skip := []int{t.container.State.Pid}
	if p := b.predicted.facts.Target.Child; p != nil {
		skip = append(skip, p.PID)
	}
	var all others
	for _, pid := range b.members {
		if slices.Contains(skip, pid) {
			continue
		}
		p, err := proc.OpenProcess(pid)
		if err != nil {
			if !errors.Is(err, proc.ErrNoProcess) { // else it has ended before the action
				all.err = fmt.Errorf("opening process %d: %w", pid, err)
			}
			continue
		}
		x.leftovers.atEnd(p.Close)
		all.held = append(all.held, p)
	}
	return all
}

const (
	reapInterval = 50 * time.Millisecond
	reapAttempts = 20 // a parent may take a moment to wait for its child
)

// killed counts the processes that SIGKILL ended.
func (o others) killed() value.Maybe[int] {
	if o.err != nil {
		return value.Absent[int](value.Failed, o.err.Error())
	}
	killed := 0
	for _, p := range o.held {
		if !p.Ended() {
			continue // in a PID namespace that goes on, such as the host's
		}
		status, state := p.WaitStatus()
		for n := 0; n < reapAttempts && state == figure.NotMeasured; n++ {
			time.Sleep(reapInterval)
			status, state = p.WaitStatus()
		}
		if state != figure.Present {
			return value.Absent[int](value.Unsupported, "this kernel does not report how a process ended")
		}
		if status.Signaled() && status.Signal() == unix.SIGKILL {
			killed++
		}
	}
	return value.Known(killed)
}
