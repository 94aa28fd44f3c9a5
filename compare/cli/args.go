package cli

import (
	"slices"
	"strings"

	"haltscope/compare/value"
)

var (
	negative = value.Pattern(`^-[0-9]+$`)
	takesOne = value.Pattern(`^--?[a-z-]+$`)
)

// JoinNegative joins a flag and the negative number after it, as docker accepts them (-t -1): Kong would read the number as
// a flag.
func JoinNegative(args []string) []string {
	var all []string
	for i, arg := range args {
		switch {
		case arg == "--":
			return append(all, args[i:]...)
		case i > 0 && negative().MatchString(arg) && takesOne().MatchString(args[i-1]):
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

// CutAfterDash splits off what follows "--" on the command lines of predict and check, whose own arguments name containers
// or an image: Kong would not tell the two apart.
func CutAfterDash(args []string) (before, after []string) {
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
