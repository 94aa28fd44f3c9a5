package command

import (
	"slices"
	"strings"
)

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
