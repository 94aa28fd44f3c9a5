package cgroupfs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// parseProcs reads cgroup.procs: one process id a line, in no order, and the same one perhaps twice. A process of
// another PID namespace that has no id in ours is printed as 0 and left out.
//
// Source: cgroup-v2.rst, "cgroup.procs".
func parseProcs(data []byte) ([]int, error) {
	var pids []int
	for line := range bytes.Lines(data) {
		line = bytes.TrimSuffix(line, newline)
		if len(line) == 0 {
			continue
		}
		pid, ok := parseUint(line).Value()
		if !ok || pid > 1<<31-1 {
			return nil, &MalformedError{"cgroup.procs", string(line)}
		}
		if pid != 0 {
			pids = append(pids, int(pid))
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}

// members lists the processes of the cgroup at dir and of all below it. Those of a cgroup below that cannot be read are left
// out, and the error says so.
func members(dir string) ([]int, error) {
	top, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	var m membership
	if err := m.folder(top, 0); err != nil {
		return nil, fmt.Errorf("listing the processes of %s: %w", dir, err)
	}
	slices.Sort(m.pids)
	return slices.Compact(m.pids), m.failed
}

// membership collects the processes of a cgroup.
type membership struct {
	pids   []int
	failed error // about the first cgroup below that could not be read
}

// folder adds the processes of one cgroup and of those below it. The error is about that one alone.
func (m *membership) folder(dir *os.File, depth int) error {
	data, err := readBelow(dir, "cgroup.procs")
	switch {
	case depth > 0 && (gone(err) || errors.Is(err, unix.EOPNOTSUPP)):
		// It went meanwhile; or it is threaded: its processes are listed above, at their domain.
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
		if err := m.enter(dir, e.Name(), depth+1); err != nil && m.failed == nil {
			m.failed = fmt.Errorf("listing the processes of a cgroup below, %q: %w", e.Name(), err)
		}
	}
	return nil
}

func (m *membership) enter(dir *os.File, name string, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	below, err := openBelow(dir, name)
	if gone(err) {
		return nil // with its processes
	}
	if err != nil {
		return err
	}
	defer below.Close()
	return m.folder(below, depth)
}
