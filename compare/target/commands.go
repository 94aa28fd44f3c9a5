package target

import (
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
)

const (
	maxShells = 4  // how many shells are looked through, each started by the one before
	maxJobs   = 16 // how many commands of a shell are read, the eldest ones
)

// readCommands reads the commands of a shell, and those of shells among them.
func readCommands(p *prediction.Process, stats map[int]proc.Stat, shells int) {
	if shells == 0 || !p.IsShell() {
		return
	}
	p.Commands = []prediction.Process{}
	for _, stat := range children(p.PID, stats) {
		command, err := readProcess(stat.PID, stats)
		if err != nil || len(p.Commands) == maxJobs {
			continue // it has ended
		}
		readCommands(&command, stats, shells-1)
		p.Commands = append(p.Commands, command)
	}
}
