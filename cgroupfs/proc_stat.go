package cgroupfs

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Stat is what this package takes from /proc/PID/stat.
type Stat struct {
	PID  int
	Comm string // the command's name, at most 15 bytes
	// State is R, S, D, Z, … It does not tell of freezing: on v2 a frozen task shows S, or D where it waits for a child of
	// vfork, and its wchan is do_freezer_trap or get_signal; on v1 it shows D and __refrigerator.
	State     byte
	PPID      int
	Exiting   bool   // it ends, or is a zombie: the kernel has taken it out of its cgroups, or is about to; v1 then says it is in /
	StartTime uint64 // in clock ticks since boot; with the pid it names a process for good
	Processor int    // the CPU on which it ran last
	// ExitCode is how a zombie ended, in the form of wait(2), for who may trace the process; 0 before its end. Since Linux 3.5.
	ExitCode uint32
}

// ReadStat reads /proc/PID/stat.
func ReadStat(pid int) (Stat, error) {
	file := fmt.Sprintf("/proc/%d/stat", pid)
	data, err := os.ReadFile(file)
	if err != nil {
		if stateOf(file, err) == Vanished {
			err = ErrNoProcess
		}
		return Stat{}, fmt.Errorf("process %d: %w", pid, err)
	}
	return parseStat(data)
}

// pfExiting is in the flags of a task that ends. Source: include/linux/sched.h, PF_EXITING.
const pfExiting = 0x4

// parseStat parses one line: the pid, the name in brackets, and fields that are counted from behind the last closing
// bracket, because a name may hold spaces and brackets. Source: proc_pid_stat(5).
//
//	4242 (nginx) S 4221 4242 4242 0 -1 4194560 1203 0 31 0 2 3 0 0 20 0 1 0 81234 …
func parseStat(data []byte) (Stat, error) {
	malformed := &MalformedError{"/proc/PID/stat", string(data[:min(len(data), 80)])}
	open, end := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if open < 0 || end < open {
		return Stat{}, malformed
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(data[:open])))
	if err != nil {
		return Stat{}, malformed
	}
	fields := bytes.Fields(data[end+1:]) // field 3 of the manual page is fields[0]
	if len(fields) < 20 || len(fields[0]) != 1 {
		return Stat{}, malformed
	}
	ppid, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		return Stat{}, malformed
	}
	flags, ok := parseUint(fields[6]).Value()
	if !ok {
		return Stat{}, malformed
	}
	start, ok := parseUint(fields[19]).Value()
	if !ok {
		return Stat{}, malformed
	}
	stat := Stat{PID: pid, Comm: string(data[open+1 : end]), State: fields[0][0], PPID: ppid, Exiting: flags&pfExiting != 0, StartTime: start}
	if len(fields) > 36 {
		if stat.Processor, err = strconv.Atoi(string(fields[36])); err != nil {
			return Stat{}, malformed
		}
	}
	if len(fields) > 49 {
		code, ok := parseUint(fields[49]).Value()
		if !ok || code > 0xffff {
			return Stat{}, malformed
		}
		stat.ExitCode = uint32(code)
	}
	return stat, nil
}
