package cli

import (
	"slices"
	"strings"
)

// reportFlags change how a report looks and where it goes, not what it says.
var reportFlags = []string{"--format", "--output", "--color", "--log-level", "--log-format"}

// invocation returns the command line that repeats this run.
func (p *Program) invocation() []string {
	all := []string{"haltscope"}
	for i := 0; i < len(p.Args); i++ {
		arg := p.Args[i]
		if arg == "--" {
			return append(all, p.Args[i:]...)
		}
		name, _, whole := strings.Cut(arg, "=")
		if !slices.Contains(reportFlags, name) {
			all = append(all, arg)
		} else if !whole {
			i++ // its value
		}
	}
	return all
}
