package cli

import (
	"slices"
	"strings"
)

// reportFlags change how a report looks and where it goes, not what it says.
var reportFlags = []string{"--format", "--output", "--color", "--log-level", "--log-format"}

// envFlag returns the variable, if the arguments begin with -e or --env, and how many arguments the flag takes. Without its
// value, which may be a secret, docker takes the variable from haltscope's own environment.
func envFlag(args []string) (variable string, n int) {
	value, n := "", 1
	switch arg := args[0]; {
	case (arg == "-e" || arg == "--env") && len(args) > 1:
		value, n = args[1], 2
	case strings.HasPrefix(arg, "--env="):
		value = strings.TrimPrefix(arg, "--env=")
	case strings.HasPrefix(arg, "-e"):
		value = strings.TrimPrefix(strings.TrimPrefix(arg, "-e"), "=")
	default:
		return "", 0
	}
	variable, _, _ = strings.Cut(value, "=")
	return variable, n
}

// invocation returns the command line that repeats this run.
func (p *Program) invocation() []string {
	all := []string{"haltscope"}
	for i := 0; i < len(p.Args); i++ {
		arg := p.Args[i]
		if arg == "--" {
			return append(all, p.Args[i:]...)
		}
		if variable, n := envFlag(p.Args[i:]); n > 0 {
			all = append(all, "-e", variable)
			i += n - 1
			continue
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
