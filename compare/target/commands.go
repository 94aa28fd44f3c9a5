package target

import (
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
)

const (
	maxShells = 4  // how many shells are looked through, each started by the one before
	maxJobs   = 16 // how many commands of a shell, or of another program that only waits for its own, are read, the eldest ones
)

// readCommands reads the commands of a shell, or of another program that only waits for its own, and those of shells among them.
func readCommands(p *prediction.Process, stats map[int]proc.Stat, shells int) {
	p.Commands = []prediction.Process{}
	for _, stat := range children(p.PID, stats) {
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
