package proc

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Thread is one thread of a process, and what it waits for. Caught and ignored signals belong to the process, blocked
// ones to the thread: see [Status].
type Thread struct {
	TID     int
	State   byte // R, S, D, T, t, Z, …
	Blocked SignalSet
	// WaitsFor are the signals for which the thread waits in sigwait. While it does, they are unblocked. Nil if it does
	// not wait in sigwait, or if WaitKnown is false. Source: kernel/signal.c, do_sigtimedwait.
	WaitsFor   *SignalSet
	WaitKnown  bool // the system call in which it waits was read
	WaitUnread bool // it waits, but the system call could not be read: it may be sigwait
	// NoTimeout means that it waits without a time limit. Otherwise TimeLeft is the longest time for which it still waits,
	// or nil if that is unknown.
	NoTimeout bool
	TimeLeft  *time.Duration
	// Wakes means that something other than a signal may end the wait at any time: input, a connection, the end of a child, or another
	// process that shares a futex.
	Wakes bool
	Call  Syscall
}

// Ended reports whether the thread has ended. It is listed all the same if it is the first one: see [Stat].FirstThreadEnded.
func (t *Thread) Ended() bool { return t.State == 'Z' || t.State == 'X' }

// HasThread reports whether a thread belongs to a process. It is false if either has ended.
func HasThread(pid, tid int) (bool, error) {
	_, err := os.Lstat(fmt.Sprintf("/proc/%d/task/%d", pid, tid))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ESRCH):
		return false, nil
	}
	return false, fmt.Errorf("reading the threads of process %d: %w", pid, err)
}

// ReadThreads reads all threads of a process, the main thread first. The error wraps [ErrNoProcess] if there is no such
// process.
func ReadThreads(pid int) ([]Thread, error) {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, processError(pid, dir, err)
	}
	var all []Thread
	program := unknownABI
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if program == unknownABI {
			program = readABI(fmt.Sprintf("%s/%d/exe", dir, tid)) // a thread that has ended has none
		}
		t, state := readThread(pid, tid, program)
		switch state {
		case figure.Present:
			all = append(all, t)
		case figure.Vanished: // ended in the meantime
		default:
			return nil, fmt.Errorf("reading thread %d of process %d: %s", tid, pid, state)
		}
	}
	main := slices.IndexFunc(all, func(t Thread) bool { return t.TID == pid })
	if main < 0 {
		return nil, fmt.Errorf("process %d: %w", pid, ErrNoProcess)
	}
	first := all[main]
	rest := slices.Delete(all, main, main+1)
	slices.SortFunc(rest, func(a, b Thread) int { return a.TID - b.TID })
	return slices.Insert(rest, 0, first), nil
}

// readThread reads a thread of a program with the given ABI. System calls of a foreign ABI have other numbers.
func readThread(pid, tid int, program abi) (Thread, figure.State) {
	return atRest(func() (Thread, figure.State) { return readThreadOnce(pid, tid, program) })
}

// How often a thread that runs is read, and the pause between.
const (
	runningReads = 6
	runningPause = 2 * time.Millisecond
)

// atRest reads a thread again while it runs, and returns the last reading. On its way out of sigwait, where it may have to wait for a
// CPU, a thread runs and still has the signals unblocked that it waited for: it seems to neither block nor accept them. A thread that
// runs in all readings computes.
func atRest(read func() (Thread, figure.State)) (t Thread, state figure.State) {
	for try := range runningReads {
		if try > 0 {
			time.Sleep(runningPause)
		}
		if t, state = read(); state != figure.Present || t.Ended() || t.WaitKnown || t.WaitUnread {
			break
		}
	}
	return t, state
}

func readThreadOnce(pid, tid int, program abi) (Thread, figure.State) {
	t, state := readThreadState(pid, tid)
	if state != figure.Present || t.Ended() {
		return t, state
	}
	call, state := readSyscall(pid, tid)
	switch {
	case state == figure.Present && call.Running:
		return t, figure.Present
	case state != figure.Present || program == unknownABI || program != ownABI():
		t.WaitUnread = true
		return t, figure.Present
	}
	t.Call, t.WaitKnown = call, true
	switch {
	case call.Number == unix.SYS_RT_SIGTIMEDWAIT:
		set, err := peekUint64(pid, call.Args[0])
		t.WaitKnown, t.WaitUnread = err == nil, err != nil
		if err == nil {
			s := SignalSet(set)
			t.WaitsFor = &s
		}
		t.NoTimeout = call.Args[2] == 0
	case waitsForever(call):
		t.NoTimeout, t.Wakes = true, wakes(call)
	default:
		t.TimeLeft = sleepLeft(pid, call)
	}
	return t, figure.Present
}

func readThreadState(pid, tid int) (Thread, figure.State) {
	dir := fmt.Sprintf("/proc/%d/task/%d/", pid, tid)
	data, state := figure.ReadFile(dir + "status")
	if state != figure.Present {
		return Thread{}, state
	}
	status, err := parseStatus(data)
	if err != nil {
		return Thread{}, figure.Failed
	}
	if data, state = figure.ReadFile(dir + "stat"); state != figure.Present {
		return Thread{}, state
	}
	stat, err := parseStat(data)
	if err != nil {
		return Thread{}, figure.Failed
	}
	return Thread{TID: tid, State: stat.State, Blocked: status.Blocked}, figure.Present
}

// waitsForever reports whether a system call waits for something to happen, without a time limit.
func waitsForever(c Syscall) bool {
	switch c.Number {
	case unix.SYS_READ, unix.SYS_READV, unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
		unix.SYS_WAIT4, unix.SYS_WAITID, unix.SYS_RT_SIGSUSPEND:
		return true
	case unix.SYS_FUTEX, unix.SYS_EPOLL_PWAIT2:
		return c.Args[3] == 0
	case unix.SYS_EPOLL_PWAIT:
		return int32(c.Args[3]) < 0 // milliseconds
	case unix.SYS_PPOLL:
		return c.Args[2] == 0
	case unix.SYS_PSELECT6:
		return c.Args[4] == 0
	}
	return waitsForeverArch(c)
}

// wakes reports whether something other than a signal, a timer or a thread of the same process may end a wait without a time limit.
func wakes(c Syscall) bool {
	const private = 128 // FUTEX_PRIVATE_FLAG
	switch c.Number {
	case unix.SYS_RT_SIGSUSPEND:
		return false
	case unix.SYS_FUTEX:
		return c.Args[1]&private == 0
	}
	return !pauses(c)
}

// sleepLeft returns for how long a sleep still lasts at most. It is nil for other calls, and for a sleep of a given
// duration, because its start is unknown.
func sleepLeft(pid int, c Syscall) *time.Duration {
	const absolute = 1 // TIMER_ABSTIME
	if c.Number != unix.SYS_CLOCK_NANOSLEEP || c.Args[1]&absolute == 0 {
		return nil
	}
	seconds, err := peekUint64(pid, c.Args[2])
	if err != nil || seconds > 1<<33 {
		return nil
	}
	nanos, err := peekUint64(pid, c.Args[2]+8)
	if err != nil || nanos >= 1e9 {
		return nil
	}
	var now unix.Timespec
	if unix.ClockGettime(int32(c.Args[0]), &now) != nil {
		return nil
	}
	left := time.Duration(int64(seconds)-now.Sec)*time.Second + time.Duration(int64(nanos)-now.Nsec)
	return &left
}
