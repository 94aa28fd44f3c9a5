package proc

import (
	"bytes"
	"slices"
	"time"

	"haltscope/cgroupfs/figure"
)

func readExecStart(path string) figure.Figure {
	data, state := figure.ReadFile(path)
	if state != figure.Present {
		return figure.Without(state)
	}
	return parseExecStart(data)
}

// parseExecStart parses the time at which the scheduler last accounted for a thread, in nanoseconds. The file prints it in
// milliseconds, on the clock of the CPU that the thread was on. That clock stands still while the CPU serves interrupts or
// its hypervisor, so only readings of the same CPU can be compared.
//
//	nginx (4242, #threads: 1)
//	-------------------------------------------------------------------
//	se.exec_start                                :       2551752.848000
//
// Source: kernel/sched/debug.c, proc_sched_show_task; kernel/sched/core.c, update_rq_clock_task. Before Linux 6.15 the
// file needs CONFIG_SCHED_DEBUG.
func parseExecStart(data []byte) figure.Figure {
	for line := range bytes.Lines(data) {
		key, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || string(bytes.TrimSpace(key)) != "se.exec_start" {
			continue
		}
		whole, fraction, _ := bytes.Cut(bytes.TrimSpace(value), []byte{'.'})
		ms, ok := figure.ParseUint(whole).Value()
		ns, alsoOK := figure.ParseUint(fraction).Value()
		if !ok || !alsoOK || len(fraction) != 6 || ms > 1<<43 {
			return figure.Without(figure.Failed)
		}
		return figure.Number(ms*1e6 + ns)
	}
	return figure.Without(figure.Unsupported)
}

// FrozenFor estimates how long the processes of a frozen cgroup have been frozen, in microseconds. The kernel does not
// keep the time of the freeze, but freezing wakes a task to bring it into the freezer, and after that it does not run.
//
// Tasks that were frozen in their sleep are left out. On cgroup v2 a signal wakes a frozen task for a moment, so the one
// that has not run for the longest time counts.
func FrozenFor(pids []int) figure.Figure {
	var frozen []int
	for _, pid := range pids {
		if wchan, state := readWchan(pid); state == figure.Present && slices.Contains(freezerFunctions, wchan) {
			frozen = append(frozen, pid)
		}
	}
	return longestIdle(frozen)
}

// longestIdle returns the longest time since one of the processes last ran, in microseconds.
func longestIdle(pids []int) figure.Figure {
	longest := figure.Without(figure.Unsupported)
	for _, pid := range pids {
		dir := Folder(pid)
		data, state := figure.ReadFile(dir + "/stat")
		if state != figure.Present {
			continue // it has ended
		}
		stat, err := parseStat(data)
		if err != nil {
			continue
		}
		idle := idleTime(dir, stat.Processor)
		v, ok := idle.Value()
		if most, measured := longest.Value(); !measured || ok && v > most {
			longest = idle
		}
	}
	return longest
}

// idleTime returns the time since a thread last ran, in microseconds, given its folder in /proc and the CPU on which that was.
func idleTime(dir string, processor int) figure.Figure {
	ran := readExecStart(dir + "/sched")
	if ran.State() != figure.Present {
		return ran
	}
	now := cpuClocks.read(processor)
	if now.State() != figure.Present {
		return now
	}
	return now.Minus(ran).DividedBy(uint64(time.Microsecond))
}
