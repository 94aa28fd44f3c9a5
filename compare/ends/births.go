package ends

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/rules/verdict"
)

// births follows the births and ends of processes through the kernel's process connector: a process may be born and killed between two
// looks at the cgroup. On kernels before 6.15 it is also how the ends of processes are known that their parents have waited for.
type births struct {
	tap  *trace.Processes
	lost error // why some may be missed; nil if none is

	running map[int]*birth // by PID: those that are not held and have not ended
	killed  []*held        // those that were never held, and that SIGKILL ended; without a handle
}

// birth is a process that is not held.
type birth struct {
	from   *held  // the held process that it descends from
	name   string // as the kernel has it; "" if it ended too soon after it executed a program
	forked bool   // it has executed no program: it runs its parent's, and has its name
}

func (b *birth) label() string {
	if b.name == "" {
		return "child of " + b.from.Name
	}
	return b.name
}

func followBirths() *births {
	tap, err := trace.OpenProcesses()
	return &births{tap: tap, lost: err, running: map[int]*birth{}}
}

func (b *births) close() {
	if b.tap != nil {
		_ = b.tap.Close() // the kernel was asked to stop, and the descriptor is closed in any case
	}
}

// follow takes the events since the last time.
func (o *Observer) follow() {
	if o.births.tap == nil {
		return
	}
	events, err := o.births.tap.Take()
	if err != nil {
		o.births.lost = err
	}
	if len(events) == 0 {
		return
	}
	now, monotonic := time.Now(), trace.Now()
	for _, e := range events {
		switch e.What {
		case trace.Fork:
			o.born(&e)
		case trace.Exec:
			o.births.rename(&e, true)
		case trace.Comm:
			o.births.rename(&e, false)
		case trace.Exit:
			o.exited(&e, now.Add(e.At-monotonic))
		}
	}
}

// born notes a process whose parent is one of the container's.
func (o *Observer) born(e *trace.Event) {
	if h := o.byPID[e.PID]; h != nil && h.exit == nil {
		return // it is held: a look at the cgroup was faster
	}
	b := o.births
	child := &birth{forked: true}
	parent, h := b.running[e.Parent], o.byPID[e.Parent]
	switch {
	case parent != nil:
		child.from, child.name = parent.from, parent.name
	case h != nil && (h.exit == nil || h.at.IsZero()): // else another process has its PID
		child.from, child.name = h, h.Name
	default:
		return
	}
	if len(b.running) >= mostProcesses {
		b.lost = errTooMany
		return
	}
	b.running[e.PID] = child
}

// rename notes that a process has another name, which it also gets when it executes a program.
func (b *births) rename(e *trace.Event, executed bool) {
	if p := b.running[e.PID]; p != nil && e.TID == e.PID {
		p.name, p.forked = e.Name, p.forked && !executed
	}
}

// exited notes how a thread ended. Of a process that is not held only its first thread counts.
func (o *Observer) exited(e *trace.Event, at time.Time) {
	b := o.births
	if p := b.running[e.PID]; p != nil {
		if e.TID != e.PID {
			return
		}
		delete(b.running, e.PID)
		if e.Status.Signaled() && e.Status.Signal() == unix.SIGKILL {
			o.noteKilled(e, p, at)
		}
		return
	}
	h := o.byPID[e.PID]
	if h == nil || e.TID != e.PID && h.exit == nil {
		return
	}
	h.exitedAt = at
	// If threads end after the first one, and with a status other than 0, then the whole process has ended that way.
	if e.TID == e.PID || e.Status != 0 {
		h.exit = &e.Status
	}
}

// noteKilled notes the end of a process that was never held.
func (o *Observer) noteKilled(e *trace.Event, child *birth, at time.Time) {
	b := o.births
	if len(b.killed) >= mostProcesses {
		b.lost = errTooMany
		return
	}
	p := verdict.Process{PID: e.PID, Parent: child.from.PID, Name: child.label(), Forked: child.forked, Born: true, BeforeFirst: o.firstRuns()}
	b.killed = append(b.killed, &held{Process: p, at: at, status: e.Status, state: figure.Present})
}

var errTooMany = fmt.Errorf("it has more than %d processes", mostProcesses)
