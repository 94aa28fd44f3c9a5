package cgroupfs

import (
	"bytes"
	"fmt"
	"os"
)

// maxFDs bounds how many descriptors of a process are looked at.
const maxFDs = 1 << 16

// ReadSignalFDs returns the signals that each signalfd of a process takes.
func ReadSignalFDs(pid int) ([]SignalSet, error) {
	dir, err := os.Open(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return nil, fmt.Errorf("process %d: its descriptors: %w", pid, err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxFDs)
	if err != nil && len(names) == 0 {
		return nil, fmt.Errorf("process %d: its descriptors: %w", pid, err)
	}
	var all []SignalSet
	for _, name := range names {
		// The link's text is the kernel's, "anon_inode:[signalfd]"; a path begins with a slash.
		if to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, name)); err != nil || to != "anon_inode:[signalfd]" {
			continue
		}
		data, state := readProc(fmt.Sprintf("/proc/%d/fdinfo/%s", pid, name))
		if state == Vanished || state == Unsupported {
			continue // it was closed meanwhile
		}
		set, err := parseSignalFD(data)
		if state != Present || err != nil {
			return nil, fmt.Errorf("process %d: its signalfd %s could not be read", pid, name)
		}
		all = append(all, set)
	}
	return all, nil
}

// parseSignalFD finds the mask of a signalfd in its fdinfo. Source: proc_pid_fdinfo(5), since Linux 3.8.
//
//	pos:	0
//	flags:	02000002
//	mnt_id:	15
//	sigmask:	0000000000004000
func parseSignalFD(data []byte) (SignalSet, error) {
	for line := range bytes.Lines(data) {
		if value, ok := bytes.CutPrefix(line, []byte("sigmask:")); ok {
			set, err := parseSignalSet(bytes.TrimSpace(value))
			if err != nil {
				return 0, &MalformedError{"/proc/PID/fdinfo/FD", string(line[:min(len(line), 80)])}
			}
			return set, nil
		}
	}
	return 0, &MalformedError{"/proc/PID/fdinfo/FD", "no sigmask"}
}
