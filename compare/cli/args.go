package cli

import (
	"slices"
	"strings"

	"haltscope/compare/value"
)

var (
	negative = value.Pattern(`^-[0-9]+$`)
	flagName = value.Pattern(`^--?[a-z-]+$`)
)

// joinNegative joins a flag and the negative number after it (-t -1), as docker accepts them: Kong would read the number as a
// flag.
func joinNegative(args []string) []string {
	var all []string
	for i, arg := range args {
		switch {
		case arg == "--":
			return append(all, args[i:]...)
		case i > 0 && negative().MatchString(arg) && flagName().MatchString(args[i-1]):
			if strings.HasPrefix(args[i-1], "--") {
				arg = "=" + arg
			}
			all[len(all)-1] += arg
		default:
			all = append(all, arg)
		}
	}
	return all
}

// cutAfterDash splits off what follows "--" on the command lines of predict and check. Their own arguments name containers or
// an image, and Kong would not distinguish the two.
func cutAfterDash(args []string) (before, after []string) {
	at := slices.Index(args, "--")
	if at < 0 {
		return args, nil
	}
	for i := 0; i < at; i++ {
		switch arg := args[i]; {
		case arg == "predict" || arg == "check":
			return args[:at], args[at+1:]
		case strings.HasPrefix(arg, "--") && !strings.Contains(arg, "="):
			i++ // the value of a flag; --help and --version end the program anyway
		case !strings.HasPrefix(arg, "-"):
			return args, nil // another command
		}
	}
	return args, nil
}
