package proc

import "fmt"

// Descendants returns the children of a process, their children, and so on, by the parent of each process in /proc. It may
// miss one that starts, or gets another parent, while it looks: call it again until there are none.
func Descendants(pid int) ([]Stat, error) {
	children := map[int][]Stat{}
	if err := eachProcess(func(stat Stat) { children[stat.PPID] = append(children[stat.PPID], stat) }); err != nil {
		return nil, fmt.Errorf("listing the descendants of process %d: %w", pid, err)
	}
	all := children[pid]
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i].PID]...)
	}
	return all, nil
}
