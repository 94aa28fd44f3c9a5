package cgroupfs

import (
	"bytes"
	"fmt"
)

// Arguments are those that a process was started with, its own name first; none for a kernel thread, and for a process that
// has written over them. They may hold secrets. Source: proc_pid_cmdline(5).
func Arguments(pid int) ([]string, State) {
	data, state := readProc(fmt.Sprintf("/proc/%d/cmdline", pid))
	return parseArguments(data), state
}

// parseArguments parts them at the NUL behind each.
func parseArguments(data []byte) (all []string) {
	for len(data) > 0 {
		var one []byte
		one, data, _ = bytes.Cut(data, []byte{0})
		all = append(all, string(one))
	}
	return all
}
