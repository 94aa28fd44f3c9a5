package cgroupfs

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Descendants finds the children of a process, theirs, and so on, by the parent that each process of /proc has. One that is
// born or handed to another parent meanwhile may be missed: look again until there are none.
func Descendants(pid int) ([]Stat, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("looking for the processes below %d: %w", pid, err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("looking for the processes below %d: %w", pid, err)
	}
	children := map[int][]Stat{}
	for _, name := range names {
		n, err := strconv.Atoi(name)
		if err != nil {
			continue // no process
		}
		stat, err := ReadStat(n)
		switch {
		case errors.Is(err, ErrNoProcess):
		case err != nil:
			return nil, err
		default:
			children[stat.PPID] = append(children[stat.PPID], stat)
		}
	}
	all := children[pid]
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i].PID]...)
	}
	return all, nil
}
