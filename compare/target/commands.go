package target

import (
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
)

const (
	maxShells = 4  // how many shells are looked through, each started by the one before
	maxJobs   = 16 // how many commands of a shell, or of another program that only waits for its own, are read, the eldest ones
)

// A shell starts a command by a copy of itself, which then executes it. The copy is given this time to do so.
const (
	execTries = 20
	execTime  = 5 * time.Millisecond
)

// readCommands reads the commands of a shell, or of another program that only waits for its own, and those of shells among them.
func readCommands(p *prediction.Process, stats map[int]proc.Stat, shells int) {
	p.Commands = []prediction.Process{}
	for _, stat := range children(p.PID, stats) {
		if len(children(stat.PID, stats)) == 0 {
			stats[stat.PID] = executed(stat, stats[p.PID], proc.ReadStat)
		}
		command, err := readProcess(stat.PID, stats)
		if err != nil || len(p.Commands) == maxJobs {
			continue // it has ended
		}
		if command.IsShell() && shells > 1 {
			readCommands(&command, stats, shells-1)
		}
		p.Commands = append(p.Commands, command)
	}
}

// executed returns /proc/PID/stat of a child once it has executed a program. A young copy of its parent may be about to do so; one that is
// older than a second is taken for a subshell. The kernel sets the start of the stack last, when all else of the new program is in place.
// Source: fs/binfmt_elf.c, load_elf_binary.
func executed(child, parent proc.Stat, read readStat) proc.Stat {
	for range execTries {
		executing := child.StartStack == 0 && parent.StartStack != 0
		if age, err := child.Age(); err != nil || age > time.Second || !forked(child, parent) && !executing {
			break
		}
		time.Sleep(execTime)
		now, err := read(child.PID)
		if err != nil || now.StartTime != child.StartTime {
			break // it has ended
		}
		child = now
	}
	return child
}
