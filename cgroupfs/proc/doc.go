// Package proc reads /proc: processes, their threads, signals, memory and mounts, and what the kernel says about the host.
//
// There is one file per kernel file, named as the manual pages are: meminfo.go reads /proc/meminfo, pid_status.go reads
// /proc/PID/status. Reading and parsing are two functions, and the parsers are fuzzed.
//
// A PID alone does not identify a process, because the kernel reuses it. A PID and [Stat].StartTime together do, see
// [ID], and so does a [Process], which holds a pidfd. Functions that read several files of a process check that it is the same one
// before and after, and return an error that wraps [ErrNoProcess] if it is not.
//
// Single numbers are figures: see package figure.
package proc

import (
	"errors"
	"fmt"
	"os"

	"haltscope/cgroupfs/figure"
)

// ErrNoProcess means that there is no process with this PID, or no longer the one that was meant.
var ErrNoProcess = errors.New("no such process")

// readFile reads a file of a process. The error wraps [ErrNoProcess] if the process is gone.
func readFile(pid int, name string) ([]byte, error) {
	path := fmt.Sprintf("/proc/%d/%s", pid, name)
	data, err := os.ReadFile(path)
	return data, processError(pid, path, err)
}

// processError says that an error of opening or reading path is about a process, and is nil for nil.
func processError(pid int, path string, err error) error {
	switch figure.StateOf(path, err) {
	case figure.Present:
		return nil
	case figure.Vanished:
		err = ErrNoProcess
	}
	return fmt.Errorf("process %d: %w", pid, err)
}
