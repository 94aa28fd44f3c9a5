package proc

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// Cmdline returns the arguments that a process was started with, its own name first. There are none for a kernel thread.
// A process may overwrite them, and they may contain secrets.
func Cmdline(pid int) ([]string, figure.State) {
	data, state := figure.ReadFile(Folder(pid) + "/cmdline")
	return parseCmdline(data), state
}

// parseCmdline parses arguments that each end with a NUL byte. The last one may lack it.
//
//	nginx\0-g\0daemon off;\0
//
// Source: proc_pid_cmdline(5).
func parseCmdline(data []byte) (arguments []string) {
	for len(data) > 0 {
		var argument []byte
		argument, data, _ = bytes.Cut(data, []byte{0})
		arguments = append(arguments, string(argument))
	}
	return arguments
}
