package proc

import (
	"bytes"
	"fmt"
	"strconv"

	"haltscope/cgroupfs/figure"
)

// Syscall is the system call in which a thread waits.
type Syscall struct {
	Running bool // the thread does not wait; the other fields are 0
	Number  int  // −1 if it waits outside of a system call
	Args    [6]uint64
}

func readSyscall(pid, tid int) (Syscall, figure.State) {
	data, state := figure.ReadFile(fmt.Sprintf("/proc/%d/task/%d/syscall", pid, tid))
	if state != figure.Present {
		return Syscall{}, state
	}
	call, err := parseSyscall(data)
	if err != nil {
		return Syscall{}, figure.Failed
	}
	return call, figure.Present
}

// parseSyscall parses one line: the number of the system call, its six arguments, the stack pointer and the program
// counter; or -1 and the last two; or the word "running".
//
//	128 0x4bc320 0x7ffc33237610 0x0 0x8 0x7ffc332374d0 0x0 0x7ffc332375e0 0x4090bf
//
// Source: proc_pid_syscall(5), since Linux 2.6.27, with CONFIG_HAVE_ARCH_TRACEHOOK.
func parseSyscall(data []byte) (Syscall, error) {
	const file = "/proc/PID/task/TID/syscall"
	fields := bytes.Fields(data)
	if len(fields) == 1 && string(fields[0]) == "running" {
		return Syscall{Running: true}, nil
	}
	if len(fields) != 3 && len(fields) != 9 {
		return Syscall{}, figure.Malformed(file, data)
	}
	number, err := strconv.Atoi(string(fields[0]))
	if err != nil || (number == -1) != (len(fields) == 3) {
		return Syscall{}, figure.Malformed(file, data)
	}
	call := Syscall{Number: number}
	for i := range len(fields) - 3 {
		if call.Args[i], err = strconv.ParseUint(string(fields[1+i]), 0, 64); err != nil {
			return Syscall{}, figure.Malformed(file, data)
		}
	}
	return call, nil
}
