package cgroupfs

import (
	"bytes"
	"fmt"
	"strconv"
)

// Syscall is the system call in which a thread waits. Number is −1 where it waits outside of one.
type Syscall struct {
	Running bool // it does not wait: what it does is not to be seen
	Number  int
	Args    [6]uint64
}

// readSyscall reads /proc/PID/task/TID/syscall.
func readSyscall(pid, tid int) (Syscall, State) {
	data, state := readProc(fmt.Sprintf("/proc/%d/task/%d/syscall", pid, tid))
	if state != Present {
		return Syscall{}, state
	}
	call, err := parseSyscall(data)
	if err != nil {
		return Syscall{}, Failed
	}
	return call, Present
}

// parseSyscall parses one line: the number of the call, its six arguments, the stack pointer and the program counter; or
// -1 and those two; or the word running. Source: proc_pid_syscall(5); with CONFIG_HAVE_ARCH_TRACEHOOK.
//
//	128 0x4bc320 0x7ffc33237610 0x0 0x8 0x7ffc332374d0 0x0 0x7ffc332375e0 0x4090bf
func parseSyscall(data []byte) (Syscall, error) {
	fields := bytes.Fields(data)
	malformed := &MalformedError{"/proc/PID/syscall", string(data[:min(len(data), 120)])}
	if len(fields) == 1 && string(fields[0]) == "running" {
		return Syscall{Running: true}, nil
	}
	if len(fields) != 3 && len(fields) != 9 {
		return Syscall{}, malformed
	}
	number, err := strconv.Atoi(string(fields[0]))
	if err != nil || (number == -1) != (len(fields) == 3) {
		return Syscall{}, malformed
	}
	call := Syscall{Number: number}
	for i := range len(fields) - 3 {
		if call.Args[i], err = strconv.ParseUint(string(fields[1+i]), 0, 64); err != nil {
			return Syscall{}, malformed
		}
	}
	return call, nil
}
