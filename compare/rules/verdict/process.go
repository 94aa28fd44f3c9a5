package verdict

import (
	"slices"
	"time"

	"haltscope/compare/value"
)

// Ends is how the processes of a container ended while an action went on.
type Ends struct {
	All []Process // the first process is among them, and its parent is 0
	// Missed is why All may lack a process, or know too little about one; "" if it does not.
	Missed string
	// Untraced is why a process may have been born and killed unseen, in between two looks; "" if none can.
	Untraced string
}

// Process is one process of a container, and how it ended. Nil fields are not known.
type Process struct {
	PID, Parent int // Parent is 0 where it is no process of the container
	Name        string
	// Waits says how the process is known to do nothing but start others and wait for them, as a wrapper does: "waits for its
	// children in wait4". "" where it may do more.
	Waits string
	// Forked means that it runs the same program as its parent: it was forked, and has executed no other program.
	Forked bool
	// Idle means that it runs a tool that is there to pass time or text on, such as sleep or tail: no program that a container is for.
	Idle bool
	// Born means that it was started after the command began.
	Born bool
	// Injected means that docker exec started it, for a user or for a health check: it is none of the container's own.
	Injected bool
	Target   *SignalTarget  // what it does with the signal
	Caught   []value.Signal // the signals that it catches

	EndedAt *time.Duration // since the command began; nil if it was not seen to end
	// BeforeFirst means that the first process had not begun to end when this one had ended: the end of the PID namespace, in which
	// the kernel kills all others, had no part in it.
	BeforeFirst bool
	Wait        *value.WaitStatus
}

// bySIGKILL reports whether SIGKILL is known to have ended the process.
func (p *Process) bySIGKILL() bool {
	return p.Wait != nil && p.Wait.Signaled() && p.Wait.Signal() == value.SIGKILL
}

// Own returns the processes that are the container's own, other than the first: not those of docker exec and what came of them.
func (e *Ends) Own() (all []Process) {
	for _, p := range e.All {
		if p.Parent != 0 && !e.injected(&p) {
			all = append(all, p)
		}
	}
	return all
}

// injected reports whether a process, or one above it, was started by docker exec.
func (e *Ends) injected(p *Process) bool {
	for range e.All { // the tree is no deeper than that
		if p == nil || p.Injected {
			return p != nil
		}
		p = e.find(p.Parent)
	}
	return false
}

// find returns the process that has a PID; nil if there is none.
func (e *Ends) find(pid int) *Process {
	for i := range e.All {
		if e.All[i].PID == pid {
			return &e.All[i]
		}
	}
	return nil
}

// WaitOf returns how the process ended that has a PID; nil where that is not known.
func (e *Ends) WaitOf(pid int) *value.WaitStatus {
	if e == nil {
		return nil
	}
	if p := e.find(pid); p != nil {
		return p.Wait
	}
	return nil
}

// Killed returns the container's own processes that SIGKILL ended: those that it ended before the first process had begun to end,
// and those of which that is not known.
func (e *Ends) Killed() (before, others []Process) {
	for _, p := range e.Own() {
		switch {
		case !p.bySIGKILL():
		case p.BeforeFirst:
			before = append(before, p)
		default:
			others = append(others, p)
		}
	}
	return before, others
}

// Left returns the container's own processes that had not ended when the observation was over.
func (e *Ends) Left() []Process {
	return slices.DeleteFunc(e.Own(), func(p Process) bool { return p.EndedAt != nil })
}

// Unknown returns the container's own processes that have ended, and of which nobody said how.
func (e *Ends) Unknown() []Process {
	return slices.DeleteFunc(e.Own(), func(p Process) bool { return p.EndedAt == nil || p.Wait != nil })
}

// Programs returns the processes that a process and the wrappers below it are there for, with the wrappers in front of each, the
// outermost first. A process that is no wrapper is its own program.
func (e *Ends) Programs(of int) []Program {
	p := e.find(of)
	if p == nil {
		return nil
	}
	return e.programs(p, nil)
}

// Program is a process that wrappers are in front of.
type Program struct {
	Process
	Under []Process // the wrappers, the outermost first
}

func (e *Ends) programs(p *Process, under []Process) (all []Program) {
	below, isWrapper := e.below(p, len(e.All))
	if !isWrapper {
		return []Program{{*p, under}}
	}
	further := append(slices.Clone(under), *p)
	for _, child := range below {
		if !slices.ContainsFunc(further, func(q Process) bool { return q.PID == child.PID }) { // else a PID was reused
			all = append(all, e.programs(child, further)...)
		}
	}
	if len(all) == 0 {
		return []Program{{*p, under}}
	}
	return all
}

// below returns the programs that a process, or a copy of it that waits as well, has started. It is a wrapper if it does nothing but
// wait for those: a copy of it that does more is a worker, and makes it a program itself. The tree is no deeper than depth.
func (e *Ends) below(p *Process, depth int) (all []*Process, isWrapper bool) {
	if p.Waits == "" || depth == 0 {
		return nil, false
	}
	for i := range e.All {
		child := &e.All[i]
		switch {
		case child.Parent != p.PID || child.PID == p.PID || child.Born || child.Injected || child.Idle:
		case !child.Forked:
			all = append(all, child)
		default:
			further, also := e.below(child, depth-1)
			if !also {
				return nil, false
			}
			all = append(all, further...)
		}
	}
	return all, len(all) > 0
}

// children returns the programs that a process, or a copy of it that does nothing but wait, has started. A copy that may do more is a
// worker, and part of the process. The tree is no deeper than depth.
func (e *Ends) children(of, depth int) (all []Process) {
	for _, p := range e.Own() {
		switch {
		case p.Parent != of || p.PID == of || p.Born || p.Idle || depth == 0:
		case !p.Forked:
			all = append(all, p)
		case p.Waits != "":
			all = append(all, e.children(p.PID, depth-1)...)
		}
	}
	return all
}
