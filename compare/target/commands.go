package target

import (
	"cmp"
	"slices"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
)

const (
	maxShells   = 4 // how many shells are looked through, each started by the one before
	maxCommands = 8 // how many children of a shell are read, the youngest ones
)

// readCommands reads the children of a shell. One that ends meanwhile is left out.
func readCommands(p *prediction.Process, stats map[int]proc.Stat, shells int) {
	if shells == 0 || !prediction.IsShell(p) {
		return
	}
	var children []proc.Stat
	for _, s := range stats {
		if s.PPID == p.PID && s.State != 'Z' {
			children = append(children, s)
		}
	}
	slices.SortFunc(children, func(a, b proc.Stat) int {
		return cmp.Or(cmp.Compare(a.StartTime, b.StartTime), cmp.Compare(a.PID, b.PID))
	})
	p.Commands = []prediction.Process{}
	for _, s := range children[max(0, len(children)-maxCommands):] {
		command, err := readProcess(s.PID, stats)
		if err != nil {
			continue
		}
		readCommands(&command, stats, shells-1)
		p.Commands = append(p.Commands, command)
	}
}
