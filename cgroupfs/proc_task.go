package cgroupfs

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Thread is what a thread of a process stands at. Caught and ignored signals are the process's, blocked ones a thread's
// own.
type Thread struct {
	TID     int
	State   byte // R, S, D, T, t, Z, …
	Blocked SignalSet
	// WaitsFor are the signals for which it waits in sigwait, which the kernel unblocks meanwhile
	// (kernel/signal.c, do_sigtimedwait). Nil where it does not, or where WaitKnown is false.
	WaitsFor   *SignalSet
	WaitKnown  bool // what it waits in could be read
	WaitUnread bool // it waits, and in what could not be read: it may be sigwait
	// Endless: it waits without a time limit. Otherwise AtMost is how long it goes on waiting, if that is known.
	Endless bool
	AtMost  *time.Duration
	Call    Syscall
}

// ReadThreads reads all threads of a process, its first one first.
func ReadThreads(pid int) ([]Thread, error) {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		if stateOf(dir, err) == Vanished {
			err = ErrNoProcess
		}
		return nil, fmt.Errorf("process %d: its threads: %w", pid, err)
	}
	var all []Thread
	abi := unknownABI
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if abi == unknownABI {
			abi = readABI(fmt.Sprintf("%s/%d/exe", dir, tid)) // a thread that has ended has none
		}
		t, state := readThread(pid, tid, abi)
		switch state {
		case Present:
			all = append(all, t)
		case Vanished: // ended meanwhile
		default:
			return nil, fmt.Errorf("process %d: its thread %d could not be read: %s", pid, tid, state)
		}
	}
	slices.SortFunc(all, func(a, b Thread) int { return a.TID - b.TID })
	if i := slices.IndexFunc(all, func(t Thread) bool { return t.TID == pid }); i > 0 {
		first := all[i]
		all = slices.Insert(slices.Delete(all, i, i+1), 0, first)
	}
	if len(all) == 0 || all[0].TID != pid {
		return nil, fmt.Errorf("process %d: its threads: %w", pid, ErrNoProcess)
	}
	return all, nil
}

// readThread reads a thread of a program with an ABI: the numbers of another's system calls mean something else here.
func readThread(pid, tid int, abi abi) (Thread, State) {
	data, state := readProc(fmt.Sprintf("/proc/%d/task/%d/status", pid, tid))
	if state != Present {
		return Thread{}, state
	}
	status, err := parseStatus(data)
	if err != nil {
		return Thread{}, Failed
	}
	if data, state = readProc(fmt.Sprintf("/proc/%d/task/%d/stat", pid, tid)); state != Present {
		return Thread{}, state
	}
	stat, err := parseStat(data)
	if err != nil {
		return Thread{}, Failed
	}
	t := Thread{TID: tid, State: stat.State, Blocked: status.Blocked}
	call, state := readSyscall(pid, tid)
	switch {
	case state == Present && call.Running:
		return t, Present
	case state != Present || abi == unknownABI || abi != ownABI():
		t.WaitUnread = true
		return t, Present
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
		t.Endless = call.Args[2] == 0
	case endless(call):
		t.Endless = true
	default:
		t.AtMost = sleepsFor(pid, call)
	}
	return t, Present
}

// endless reports whether a system call waits until something comes, without a time limit of its own.
func endless(c Syscall) bool {
	const none = uint64(0)
	forever := func(arg uint64) bool { return int32(arg) < 0 } // an int of milliseconds
	switch c.Number {
	case unix.SYS_READ, unix.SYS_READV, unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
		unix.SYS_WAIT4, unix.SYS_WAITID, unix.SYS_RT_SIGSUSPEND:
		return true
	case unix.SYS_FUTEX, unix.SYS_EPOLL_PWAIT2:
		return c.Args[3] == none
	case unix.SYS_EPOLL_PWAIT:
		return forever(c.Args[3])
	case unix.SYS_PPOLL:
		return c.Args[2] == none
	case unix.SYS_PSELECT6:
		return c.Args[4] == none
	}
	return endlessHere(c)
}

// sleepsFor is how long a sleep still lasts at most; nil for other calls.
func sleepsFor(pid int, c Syscall) *time.Duration {
	at := uint64(0)
	switch c.Number {
	case unix.SYS_NANOSLEEP:
		at = c.Args[0]
	case unix.SYS_CLOCK_NANOSLEEP:
		at = c.Args[2]
	default:
		return nil
	}
	seconds, err1 := peekUint64(pid, at)
	nanos, err2 := peekUint64(pid, at+8)
	if err1 != nil || err2 != nil || seconds > 1<<33 || nanos >= 1e9 {
		return nil
	}
	if c.Number == unix.SYS_CLOCK_NANOSLEEP && c.Args[1]&1 != 0 { // TIMER_ABSTIME
		var now unix.Timespec
		if unix.ClockGettime(int32(c.Args[0]), &now) != nil {
			return nil
		}
		left := time.Duration(int64(seconds)-now.Sec)*time.Second + time.Duration(int64(nanos)-now.Nsec)
		return &left
	}
	// When it began is not to be seen: a relative sleep may end at any moment.
	return nil
}
