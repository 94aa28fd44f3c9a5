package cli

import (
	"regexp"
	"slices"
	"strings"
)

var (
	negative = regexp.MustCompile(`^-[0-9]+$`)
	takesOne = regexp.MustCompile(`^--?[a-z-]+$`)
)

// JoinNegative makes one argument of a flag and a number below 0 behind it, as docker takes them, -t -1: the grammar would
// take the number for a flag. There is none of that name.
func JoinNegative(args []string) []string {
	var all []string
	for i, arg := range args {
		switch {
		case arg == "--":
			return append(all, args[i:]...)
		case i > 0 && negative.MatchString(arg) && takesOne.MatchString(args[i-1]):
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

// CutBehind parts what stands behind a -- from the arguments of predict and check, whose own arguments name containers
// or an image: the grammar would not tell the two apart.
func CutBehind(args []string) (before, behind []string) {
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
