package proc

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Stat holds the fields of /proc/PID/stat that haltscope uses.
type Stat struct {
	PID  int
	Comm string // name of the command, at most 15 bytes
	// State is R, S, D, Z and so on. It does not show freezing. On cgroup v2 a frozen task shows S, or D if it waits for a
	// child of vfork, and its wchan is do_freezer_trap or get_signal. On v1 it shows D, and its wchan is __refrigerator.
	State byte
	PPID  int
	// PGRP and Session are the process group and the session that it is in, by the PID of their leader in the reader's PID
	// namespace; 0 for a leader outside of that, and where the process ended while it was read.
	PGRP, Session int
	// Exiting is true for a process that is ending, and for a zombie. The kernel has removed it from its cgroups, or is
	// about to; on v1 it is then listed in the root cgroup.
	Exiting bool
	// FirstThreadEnded is true for a process whose first thread has ended while others live on: its State is that of the first
	// thread, Z, and it is not Exiting.
	FirstThreadEnded bool
	StartTime        uint64 // clock ticks since boot; together with the PID it identifies the process
	// StartStack is where the stack of the program begins, 0 if the reader may not know it. A fork has its parent's, and execve(2) puts
	// it somewhere else.
	StartStack uint64
	Processor  int // CPU on which it last ran
	// ExitCode is how a zombie ended, in the form of wait(2), if the reader may trace the process. It is 0 before the end.
	// Since Linux 3.5.
	ExitCode uint32
}

// ReadStat reads /proc/PID/stat. The error wraps [ErrNoProcess] if there is no such process.
func ReadStat(pid int) (Stat, error) {
	data, err := readFile(pid, "stat")
	if err != nil {
		return Stat{}, err
	}
	stat, err := parseStat(data)
	if err == nil && stat.State == 'Z' && livingThread(pid) != 0 {
		stat.FirstThreadEnded, stat.Exiting = true, false
	}
	return stat, err
}

// Ended reports whether the process has ended: it is a zombie, for its parent has not waited for it.
func (s Stat) Ended() bool { return (s.State == 'Z' || s.State == 'X') && !s.FirstThreadEnded }

// parseStat parses one line. The fields are counted from the last closing bracket, because the name in brackets may
// contain spaces and brackets.
//
//	4242 (nginx) S 4221 4242 4242 0 -1 4194560 1203 0 31 0 2 3 0 0 20 0 1 0 81234 …
//
// Source: proc_pid_stat(5).
func parseStat(data []byte) (Stat, error) {
	stat, ok := scanStat(data)
	if !ok {
		return Stat{}, figure.Malformed("/proc/PID/stat", data)
	}
	return stat, nil
}

// pfExiting is the flag of a task that is ending. Source: include/linux/sched.h, PF_EXITING.
const pfExiting = 0x4

func scanStat(data []byte) (stat Stat, ok bool) {
	open, end := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if open < 0 || end < open {
		return Stat{}, false
	}
	fields := bytes.Fields(data[end+1:]) // the manual page's field 3 is fields[0]
	if len(fields) < 20 || len(fields[0]) != 1 {
		return Stat{}, false
	}
	ok = true
	number := func(text []byte, most uint64) uint64 {
		v, isNumber := figure.ParseUint(text).Value()
		ok = ok && isNumber && v <= most
		return v
	}
	stat = Stat{
		PID:       int(number(bytes.TrimSpace(data[:open]), math.MaxInt32)),
		Comm:      string(data[open+1 : end]),
		State:     fields[0][0],
		PPID:      int(number(fields[1], math.MaxInt32)),
		PGRP:      int(number(unlessGone(fields[2]), math.MaxInt32)),
		Session:   int(number(unlessGone(fields[3]), math.MaxInt32)),
		Exiting:   number(fields[6], math.MaxUint64)&pfExiting != 0,
		StartTime: number(fields[19], math.MaxUint64),
	}
	if len(fields) > 25 {
		stat.StartStack = number(fields[25], math.MaxUint64)
	}
	if len(fields) > 36 {
		stat.Processor = int(number(fields[36], math.MaxInt32))
	}
	if len(fields) > 49 {
		stat.ExitCode = uint32(number(fields[49], math.MaxUint16))
	}
	return stat, ok
}

// unlessGone returns a process group or a session; 0 in place of −1, which the kernel shows for a process that is released while it
// is read, as it shows 0 for its parent. Source: fs/proc/array.c, do_task_stat.
func unlessGone(field []byte) []byte {
	if string(field) == "-1" {
		return []byte("0")
	}
	return field
}

// userHz is the number of clock ticks per second in /proc: USER_HZ, which is 100 on every architecture that Docker runs on.
const userHz = 100

// StartedAt returns the time at which a process started, by the current wall clock, to a hundredth of a second. Source:
// proc_pid_stat(5), starttime.
func StartedAt(pid int) (time.Time, error) {
	stat, err := ReadStat(pid)
	if err != nil {
		return time.Time{}, err
	}
	boot, err := BootTime()
	if err != nil {
		return time.Time{}, err
	}
	return boot.Add(time.Duration(stat.StartTime) * time.Second / userHz), nil
}

// Age returns how long ago the process started, to a hundredth of a second, counting the time in which the machine was suspended.
func (s Stat) Age() (time.Duration, error) {
	since, err := sinceBoot()
	return since - time.Duration(s.StartTime)*time.Second/userHz, err
}

// BootTime returns the time at which this machine booted, by the current wall clock.
func BootTime() (time.Time, error) {
	since, err := sinceBoot()
	if err != nil {
		return time.Time{}, err
	}
	return time.Now().Add(-since), nil
}

// sinceBoot returns how long ago this machine booted. Source: clock_gettime(2), CLOCK_BOOTTIME.
func sinceBoot() (time.Duration, error) {
	var since unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &since); err != nil {
		return 0, fmt.Errorf("reading the time since boot: %w", err)
	}
	return time.Duration(since.Nano()), nil
}
