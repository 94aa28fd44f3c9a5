package experiment

import (
	"slices"
	"time"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

// others holds the processes of a twin besides the one that the signal is for.
type others struct {
	held []*proc.Process
	lost error // why not all are held
}

// holdOthers takes hold of the other processes, so that how they end can be asked.
func (x *experiment) holdOthers() error {
	if !x.Orphans {
		return nil
	}
	for _, a := range x.arms {
		skip := []int{a.Before.State.Pid}
		if p := a.foreseen.Receiver.Behind; p != nil {
			skip = append(skip, p.PID)
		}
		for _, pid := range a.membersBefore {
			if slices.Contains(skip, pid) {
				continue
			}
			if p, err := proc.OpenProcess(pid); err == nil {
				a.others.held = append(a.others.held, p)
			}
		}
	}
	return nil
}

// orphans counts those that SIGKILL ended.
func (o *others) orphans() value.Maybe[int] {
	killed := 0
	for _, p := range o.held {
		if !p.Ended() {
			continue // in a PID namespace that goes on, such as the host's
		}
		status, state := p.WaitStatus()
		for range 20 { // its parent may not have waited yet
			if state != figure.NotMeasured {
				break
			}
			time.Sleep(50 * time.Millisecond)
			status, state = p.WaitStatus()
		}
		if state != figure.Present {
			return value.Absent[int](value.Unsupported, "this kernel does not tell how a process has ended")
		}
		if status.Signaled() && int(status.Signal()) == sigkill {
			killed++
		}
	}
	return value.Known(killed)
}

func (o *others) close() {
	for _, p := range o.held {
		p.Close()
	}
}
