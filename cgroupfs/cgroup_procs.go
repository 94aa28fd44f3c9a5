package cgroupfs

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// parseProcs parses cgroup.procs: one PID on each line, in no particular order, and possibly with duplicates. The kernel
// prints 0 for a process that has no PID in the reader's PID namespace; such a process is left out.
//
//	4242
//	4255
//
// Source: cgroup-v2.rst, "cgroup.procs".
func parseProcs(data []byte) ([]int, error) {
	var pids []int
	for line := range bytes.Lines(data) {
		line = bytes.TrimSuffix(line, newline)
		if len(line) == 0 {
			continue
		}
		pid, ok := figure.ParseUint(line).Value()
		if !ok || pid > math.MaxInt32 {
			return nil, figure.Malformed("cgroup.procs", line)
		}
		if pid != 0 {
			pids = append(pids, int(pid))
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}

// members lists the processes of the cgroup at a path and of those below it, in ascending order. If a cgroup below cannot
// be read, members returns the others and an error.
func members(path string) ([]int, error) {
	top, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	var m memberList
	if err := m.add(top, 0); err != nil {
		return nil, fmt.Errorf("listing the processes of %s: %w", path, err)
	}
	slices.Sort(m.pids)
	return slices.Compact(m.pids), m.err
}

// memberList collects the processes of a cgroup and of those below it.
type memberList struct {
	pids []int
	err  error // about the first cgroup below that could not be read
}

// add adds the processes of an open cgroup and of those below it. The error is about that one alone.
func (m *memberList) add(dir *os.File, depth int) error {
	data, err := readAt(dir, "cgroup.procs")
	switch {
	case depth > 0 && (gone(err) || errors.Is(err, unix.EOPNOTSUPP)):
		// It was removed in the meantime, or is threaded: then its processes are listed above, at their domain.
	case err != nil:
		return err
	}
	pids, err := parseProcs(data)
	if err != nil {
		return err
	}
	m.pids = append(m.pids, pids...)
	entries, err := dir.ReadDir(-1)
	if err != nil && !(depth > 0 && gone(err)) {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if err := m.enter(dir, e.Name(), depth+1); err != nil && m.err == nil {
			m.err = fmt.Errorf("listing the processes of a cgroup below, %q: %w", e.Name(), err)
		}
	}
	return nil
}

// enter adds the processes of a cgroup in an open one. A cgroup that was removed in the meantime has none.
func (m *memberList) enter(dir *os.File, name string, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	below, err := openFolderAt(dir, name)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer below.Close()
	return m.add(below, depth)
}
