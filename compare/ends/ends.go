// Package ends observes how each process of a container ends while a docker action goes on.
//
//	Observe  holds all processes of a cgroup
//	Begin    watches for their ends, and looks for new ones
//	End      returns how each of them ended
//
// The kernel says how a process ended while it is a zombie and, since Linux 6.15, for as long as it is held. The process connector says so
// on any kernel, at the moment of the end, and announces new processes.
package ends

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// Group is a cgroup that lists its processes.
type Group interface{ Members() ([]int, error) }

const (
	// scanInterval is the time between two looks for new processes in the cgroup: the kernel does not announce those that enter it.
	scanInterval = 10 * time.Millisecond
	// lastWait is how long other processes may outlive the first one, and how long a parent may take to wait for its child.
	lastWait = 500 * time.Millisecond
	// traceWait is how long what the process connector reports may take: on a busy machine this program may have to wait for its turn.
	traceWait = 2 * time.Second
	// mostProcesses bounds how many processes are held.
	mostProcesses = 4096
)

// Observer observes the processes of one container.
type Observer struct {
	group  Group
	first  int
	signal unix.Signal // the one that is about to reach its programs
	epoll  int
	held   []*held
	byPID  map[int]*held // the last one that had the PID
	births *births
	gone   bool   // the cgroup: there are no new processes to look for
	missed string // why a process is not held; "" if none is missed
	ended  string // why a process is not held that had ended by then; "" if none is missed
	stop   chan struct{}
	done   chan struct{}
}

// held is a process that is held by a pidfd.
type held struct {
	verdict.Process
	handle *proc.Process
	at     time.Time       // when it was seen to have ended; zero before that
	status unix.WaitStatus // valid if state is Present
	state  figure.State
	// By the process connector; nil and zero if it has not reported the end of the first thread:
	exit     *unix.WaitStatus
	exitedAt time.Time // when the last thread had ended that it has reported
}

// Observe holds the processes of a cgroup. first is the container's first process, and signal the one that is about to
// reach its programs.
func Observe(group Group, first int, signal unix.Signal) (*Observer, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("observing the processes of a container: epoll_create1: %w", err)
	}
	o := &Observer{group: group, first: first, signal: signal, epoll: epoll, byPID: map[int]*held{}, births: followBirths(),
		stop: make(chan struct{}), done: make(chan struct{})}
	o.scan(signal)
	o.follow()
	return o, nil
}

// Begin goes on with the observation until [Observer.End].
func (o *Observer) Begin() { go o.run() }

// miss notes why a process is not observed. The first reason is kept.
func (o *Observer) miss(format string, args ...any) {
	if o.missed == "" {
		o.missed = fmt.Sprintf(format, args...)
	}
}

// scan holds the processes that are new. signal is 0 once the command has begun.
func (o *Observer) scan(signal unix.Signal) {
	if o.gone {
		return
	}
	members, err := o.group.Members()
	switch {
	case errors.Is(err, os.ErrNotExist):
		o.gone = true
		return
	case err != nil:
		o.miss("%v", err)
	}
	if signal == 0 {
		o.followExec(members)
	}
	var fresh []int
	for _, pid := range members {
		if last := o.byPID[pid]; last == nil || !last.at.IsZero() {
			fresh = append(fresh, pid)
		}
	}
	if len(fresh) == 0 {
		return
	}
	// What is read is about the process that is held if it had ended by neither time.
	handles := map[int]*proc.Process{}
	for _, pid := range fresh {
		p, err := o.open(pid, signal != 0)
		if err != nil {
			continue
		}
		if last := o.byPID[pid]; last != nil && last.handle.ID() == p.ID() {
			p.Close() // it has ended, and is still listed
			continue
		}
		handles[pid] = p
	}
	for _, p := range o.read(members, signal) {
		if handle := handles[p.PID]; handle != nil {
			p.Born = signal == 0
			o.hold(p, handle)
			delete(handles, p.PID)
		}
	}
	for pid, handle := range handles { // it ended while it was read
		if signal == 0 {
			p := verdict.Process{PID: pid, Parent: o.first, Name: fmt.Sprintf("process %d", pid), Born: true}
			if child := o.births.running[pid]; child != nil {
				p.Parent, p.Name, p.Forked = child.from.PID, child.label(), child.forked
			}
			o.hold(p, handle)
		} else {
			handle.Close()
		}
	}
}

// read reads processes, if signal is about to reach them; 0 for none. One that could not be read is missed.
func (o *Observer) read(members []int, signal unix.Signal) []verdict.Process {
	all, err := target.ReadProcesses(o.first, members, signal)
	if err != nil {
		o.miss("%v", err)
	}
	return all
}

// followExec reads a process again that was a copy of its parent and has executed another program since: it was seen between fork and
// execve.
func (o *Observer) followExec(members []int) {
	executed := func(h *held, p *verdict.Process) bool {
		return h != nil && h.Forked && h.at.IsZero() && !p.Forked && p.Name != h.Name && p.Parent == h.Parent
	}
	if !slices.ContainsFunc(o.held, func(h *held) bool { return h.Forked && h.at.IsZero() }) {
		return
	}
	now := o.read(members, 0)
	if !slices.ContainsFunc(now, func(p verdict.Process) bool { return executed(o.byPID[p.PID], &p) }) {
		return
	}
	for _, p := range o.read(members, o.signal) {
		if h := o.byPID[p.PID]; executed(h, &p) {
			p.Born = h.Born
			h.Process = p
		}
	}
}

// open opens a process. One that ended before the command began is of no interest, and is not reported as missed.
func (o *Observer) open(pid int, before bool) (*proc.Process, error) {
	if len(o.held) >= mostProcesses {
		o.miss("%v", errTooMany)
		return nil, errTooMany
	}
	p, err := proc.OpenProcess(pid)
	switch {
	case err == nil:
	case errors.Is(err, proc.ErrNoProcess) && (before || o.firstRuns()):
		// It has ended, and the end of the first process had no part in that.
	case errors.Is(err, proc.ErrNoProcess):
		// If it is one of the container's own, the process connector reports how it ended.
		o.ended = fmt.Sprintf("process %d could not be held: %v", pid, err)
	default:
		o.miss("process %d could not be held: %v", pid, err)
	}
	return p, err
}

// hold begins to watch for the end of an open process.
func (o *Observer) hold(p verdict.Process, handle *proc.Process) {
	h := &held{Process: p, handle: handle, state: figure.NotMeasured}
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(len(o.held))}
	if err := unix.EpollCtl(o.epoll, unix.EPOLL_CTL_ADD, handle.FD(), &event); err != nil {
		handle.Close()
		o.miss("process %d could not be watched: epoll_ctl: %v", p.PID, err)
		return
	}
	o.held = append(o.held, h)
	o.byPID[p.PID] = h
	delete(o.births.running, p.PID)
}

// run watches until [Observer.End].
func (o *Observer) run() {
	defer close(o.done)
	for looked := time.Now(); ; {
		some := o.await(scanInterval)
		if some || time.Since(looked) >= scanInterval {
			o.scan(0)
			looked = time.Now()
		}
		o.follow()
		select {
		case <-o.stop:
			return
		default:
		}
	}
}

// await waits for ends for a time, notes them, and reports whether there were any.
func (o *Observer) await(limit time.Duration) (some bool) {
	events := make([]unix.EpollEvent, 64)
	n, err := unix.EpollWait(o.epoll, events, int(limit.Milliseconds()))
	if err != nil {
		if !errors.Is(err, unix.EINTR) {
			o.miss("waiting for the end of processes: epoll_wait: %v", err)
		}
		return false
	}
	if n <= 0 {
		return false
	}
	at := time.Now()
	// If the first process is not ending now, it was not when these ended.
	before := o.firstRuns()
	for _, e := range events[:n] {
		h := o.held[e.Fd]
		h.at, h.BeforeFirst = at, before && h.PID != o.first
		h.status, h.state = h.handle.WaitStatus()
		// A pidfd stays readable. That it cannot be taken off the list is no more than a loop that turns faster.
		_ = unix.EpollCtl(o.epoll, unix.EPOLL_CTL_DEL, h.handle.FD(), nil)
	}
	return true
}

// firstRuns reports whether the first process is known not to be ending.
func (o *Observer) firstRuns() bool {
	for _, h := range o.held {
		if h.PID != o.first || h.Parent != 0 {
			continue
		}
		stat, err := proc.ReadStat(o.first)
		return h.at.IsZero() && err == nil && stat.ID() == h.handle.ID() && stat.State != 'Z' && !stat.Exiting
	}
	return false
}

// End ends the observation, and returns how the processes ended. began is when the command was started. If the first process has
// ended, the others are given a moment to end as well.
func (o *Observer) End(began time.Time) *verdict.Ends {
	close(o.stop)
	<-o.done
	defer o.close()
	ending := time.Now()
	for time.Since(ending) < lastWait || o.behind() && time.Since(ending) < traceWait {
		some := o.await(0)
		o.follow()
		o.readAgain()
		if !some && (!o.firstEnded() || o.settled()) {
			break
		}
		o.await(scanInterval)
		o.scan(0)
	}
	o.noteMissed()
	e := &verdict.Ends{All: []verdict.Process{}, Missed: o.missed}
	if lost := o.births.lost; lost != nil {
		e.Untraced = fmt.Sprintf("a process that was born and killed within %s may have been overlooked: %v", scanInterval, lost)
	}
	for _, h := range slices.Concat(o.held, o.births.killed) {
		p := h.Process
		if !h.at.IsZero() {
			after := h.endedAt().Sub(began)
			p.EndedAt = &after
		}
		if h.state == figure.Present && !h.at.IsZero() {
			status := value.WaitStatus(h.status)
			p.Wait = &status
		}
		e.All = append(e.All, p)
	}
	return e
}

// endedAt returns when a process ended: by the kernel's own clock if that is known, because a busy machine notices the end later.
func (h *held) endedAt() time.Time {
	if !h.exitedAt.IsZero() && h.exitedAt.Before(h.at) {
		return h.exitedAt
	}
	return h.at
}

func (o *Observer) firstEnded() bool {
	for _, h := range o.held {
		if h.PID == o.first && h.Parent == 0 {
			return !h.at.IsZero()
		}
	}
	return false
}

// settled reports whether all processes have ended, and nothing more will be known about how.
func (o *Observer) settled() bool {
	if o.behind() {
		return false
	}
	for _, h := range o.held {
		if h.at.IsZero() || h.state == figure.NotMeasured {
			return false
		}
	}
	return true
}

// behind reports whether the process connector has yet to report something that matters: how a process ended, if nothing else says so, or
// the end of the first one, before which it reports all others of the PID namespace.
func (o *Observer) behind() bool {
	if o.births.lost != nil {
		return false
	}
	return len(o.births.running) > 0 || slices.ContainsFunc(o.held, func(h *held) bool {
		return !h.at.IsZero() && h.exit == nil && (h.state != figure.Present || h.PID == o.first)
	})
}

// readAgain asks the kernel again how those processes ended of which it could not say so yet.
func (o *Observer) readAgain() {
	for _, h := range o.held {
		if h.at.IsZero() {
			continue
		}
		if h.state == figure.NotMeasured {
			h.status, h.state = h.handle.WaitStatus()
		}
		if h.state != figure.Present && h.exit != nil {
			h.status, h.state = *h.exit, figure.Present
		}
	}
}

// noteMissed notes the processes of which it is not known how they ended, and that are not held.
func (o *Observer) noteMissed() {
	if o.births.lost != nil && o.ended != "" {
		o.miss("%s; %v", o.ended, o.births.lost)
	}
	if !o.firstEnded() {
		return
	}
	for pid, p := range o.births.running {
		o.miss("%s, process %d, which %s had started, could not be held", p.label(), pid, p.from.Name)
	}
}

func (o *Observer) close() {
	o.births.close()
	for _, h := range o.held {
		h.handle.Close()
	}
	unix.Close(o.epoll)
}
