package cli

import (
	"slices"
	"strings"
)

// ofTheReport are the flags that change how a report looks, and where it goes, not what it tells.
var ofTheReport = []string{"--format", "--output", "--color", "--log-level", "--log-format"}

// invocation is the command that repeats this one.
func (p *Program) invocation() []string {
	all := []string{"haltscope"}
	for i := 0; i < len(p.Args); i++ {
		arg := p.Args[i]
		if arg == "--" {
			return append(all, p.Args[i:]...)
		}
		name, _, whole := strings.Cut(arg, "=")
		if !slices.Contains(ofTheReport, name) {
			all = append(all, arg)
		} else if !whole {
			i++ // its value
		}
	}
	return all
}
