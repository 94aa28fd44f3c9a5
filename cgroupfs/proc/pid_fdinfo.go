package proc

import (
	"bytes"
	"fmt"
	"os"

	"haltscope/cgroupfs/figure"
)

// maxFDs bounds how many descriptors of a process are read.
const maxFDs = 1 << 16

// ReadSignalFDs returns the signals that each signalfd of a process accepts.
func ReadSignalFDs(pid int) ([]SignalSet, error) {
	folder := Folder(pid)
	dir, err := os.Open(folder + "/fd")
	if err != nil {
		return nil, fmt.Errorf("listing the descriptors of process %d: %w", pid, err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxFDs)
	if err != nil && len(names) == 0 {
		return nil, fmt.Errorf("listing the descriptors of process %d: %w", pid, err)
	}
	var all []SignalSet
	for _, name := range names {
		// The kernel makes this text. The link of a file begins with a slash.
		if link, err := os.Readlink(folder + "/fd/" + name); err != nil || link != "anon_inode:[signalfd]" {
			continue
		}
		path := folder + "/fdinfo/" + name
		data, state := figure.ReadFile(path)
		switch state {
		case figure.Present:
		case figure.Vanished, figure.Unsupported:
			continue // closed in the meantime
		default:
			return nil, fmt.Errorf("reading the signals of a signalfd: %s: %s", path, state)
		}
		set, err := parseSignalFD(data)
		if err != nil {
			return nil, fmt.Errorf("reading the signals of a signalfd: %s: %w", path, err)
		}
		all = append(all, set)
	}
	return all, nil
}

// parseSignalFD parses the signals in the fdinfo of a signalfd.
//
//	pos:	0
//	flags:	02000002
//	mnt_id:	15
//	sigmask:	0000000000004000
//
// Source: proc_pid_fdinfo(5), since Linux 3.8.
func parseSignalFD(data []byte) (SignalSet, error) {
	const file = "/proc/PID/fdinfo/FD"
	for line := range bytes.Lines(data) {
		if value, ok := bytes.CutPrefix(line, []byte("sigmask:")); ok {
			set, err := parseSignalSet(bytes.TrimSpace(value))
			if err != nil {
				return 0, figure.Malformed(file, line)
			}
			return set, nil
		}
	}
	return 0, figure.Malformed(file, []byte("no sigmask"))
}

// parseMountID parses the id by which mountinfo lists the mount that a descriptor is on.
//
//	pos:	0
//	flags:	012000000
//	mnt_id:	25
//
// Source: proc_pid_fdinfo(5), since Linux 3.15.
func parseMountID(data []byte) figure.Figure {
	for line := range bytes.Lines(data) {
		if value, ok := bytes.CutPrefix(line, []byte("mnt_id:")); ok {
			return figure.ParseUint(bytes.TrimSpace(value))
		}
	}
	return figure.Without(figure.Unsupported)
}

// ServesFuse reports whether a process has /dev/fuse open: it is a FUSE server. It is false if that cannot be read.
func ServesFuse(pid int) bool {
	folder := Folder(pid) + "/fd"
	dir, err := os.Open(folder)
	if err != nil {
		return false
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxFDs)
	if err != nil && len(names) == 0 {
		return false
	}
	for _, name := range names {
		if link, err := os.Readlink(folder + "/" + name); err == nil && link == "/dev/fuse" {
			return true
		}
	}
	return false
}
