package proc

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Descendants returns the children of a process, their children, and so on, by the parent of each process in /proc. It may
// miss one that starts, or gets another parent, while it looks: call it again until there are none.
func Descendants(pid int) ([]Stat, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("listing the descendants of process %d: %w", pid, err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("listing the descendants of process %d: %w", pid, err)
	}
	children := map[int][]Stat{}
	for _, name := range names {
		n, err := strconv.Atoi(name)
		if err != nil {
			continue // not a process
		}
		stat, err := ReadStat(n)
		switch {
		case errors.Is(err, ErrNoProcess): // ended in the meantime
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
