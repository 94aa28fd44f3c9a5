package cgroupfs

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

// members lists the processes of the cgroup at dir and of all below it.
func members(dir string) ([]int, error) {
	var all []int
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			// A cgroup below that went while we walked has no members left to list.
			if path != dir && os.IsNotExist(err) {
				return nil
			}
			return err
		}
		if !d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if err != nil {
			state := stateOf(filepath.Join(path, "cgroup.procs"), err)
			// In a threaded cgroup the file cannot be read; its processes are listed above, at their domain.
			if path != dir && (state == Vanished || state == Unsupported) {
				return nil
			}
			return err
		}
		pids, err := parseProcs(data)
		all = append(all, pids...)
		return err
	})
	slices.Sort(all)
	return slices.Compact(all), err
}
