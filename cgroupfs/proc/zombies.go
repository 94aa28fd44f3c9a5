package proc

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Zombies counts, for each of the given processes, its children that have ended and that it has not waited for. Each takes a PID
// and counts against pids.max, but cgroup.procs does not list it. Those without zombies are left out.
func Zombies(parents []int) (map[int]int, error) {
	counts := map[int]int{}
	for _, pid := range parents {
		counts[pid] = 0
	}
	err := eachProcess(func(stat Stat) {
		if _, wanted := counts[stat.PPID]; wanted && stat.Ended() {
			counts[stat.PPID]++
		}
	})
	if err != nil {
		return nil, fmt.Errorf("looking for zombies: %w", err)
	}
	for pid, n := range counts {
		if n == 0 {
			delete(counts, pid)
		}
	}
	return counts, nil
}

// eachProcess calls do for each process in /proc. It may miss one that starts while it looks.
func eachProcess(do func(Stat)) error {
	return eachPID(func(pid int) error {
		stat, err := ReadStat(pid)
		switch {
		case errors.Is(err, ErrNoProcess): // ended in the meantime
		case err != nil:
			return err
		default:
			do(stat)
		}
		return nil
	})
}

// eachPID calls do for each PID in /proc, until it returns an error.
func eachPID(do func(pid int) error) error {
	dir, err := os.Open("/proc")
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue // not a process
		}
		if err := do(pid); err != nil {
			return err
		}
	}
	return nil
}
