package proc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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

// FuseServer returns the first of several processes that has /dev/fuse open and so is a FUSE server, or 0. If none of the processes that
// could be read is one, the error says why another could not be read. A process that has ended is not a server.
func FuseServer(pids []int) (server int, unread error) {
	for _, pid := range pids {
		serves, err := servesFuse(pid)
		switch {
		case serves:
			return pid, nil
		case err != nil && !errors.Is(err, ErrNoProcess) && unread == nil:
			unread = fmt.Errorf("looking for a FUSE server: %w", err)
		}
	}
	return 0, unread
}

// servesFuse reports whether a process has /dev/fuse open. The error wraps [ErrNoProcess] if there is no such process.
func servesFuse(pid int) (bool, error) {
	folder := Folder(pid) + "/fd"
	dir, err := os.Open(folder)
	if err != nil {
		return false, processError(pid, folder, err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxFDs)
	if err != nil && len(names) == 0 && !errors.Is(err, io.EOF) {
		return false, processError(pid, folder, err)
	}
	var unread error
	for _, name := range names {
		link, err := os.Readlink(folder + "/" + name)
		switch {
		case err == nil && link == "/dev/fuse":
			return true, nil
		case err != nil && !errors.Is(err, os.ErrNotExist): // one that does not exist was closed in the meantime
			unread = processError(pid, folder+"/"+name, err)
		}
	}
	return false, unread
}
