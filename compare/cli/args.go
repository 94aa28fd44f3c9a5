package cli

import (
	"slices"
	"strings"

	"haltscope/compare/value"
)

var (
	negative = value.Pattern(`^-[0-9]+$`)
	number   = value.Pattern(`^[0-9]+$`)
	flagName = value.Pattern(`^--?[a-z-]+$`)
	guesses  = value.Pattern(`, did you mean (?:one of )?("[^?]*")\?$`)
	// mountLike matches PATH and SOURCE:PATH, but no name of an image.
	mountLike = value.Pattern(`^\.{0,2}/|:/`)
	noUnit    = value.Pattern(`^(--[a-z-]+): expected duration but got "([0-9]+)"`)
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

// graceMeant returns a hint for --timeout with a bare number, which is the grace of docker stop and docker restart; "" for another
// command line. haltscope's own --timeout takes a duration.
func graceMeant(command string, args []string) string {
	if command != "stop" && command != "restart" {
		return ""
	}
	for i, arg := range args {
		seconds, joined := strings.CutPrefix(arg, "--timeout=")
		if !joined && arg == "--timeout" && i+1 < len(args) {
			seconds, joined = args[i+1], true
		}
		if joined && number().MatchString(seconds) {
			return "docker's grace is -t " + seconds + " here; haltscope's --timeout, for each docker call, takes a unit: --timeout " + seconds + "s"
		}
	}
	return ""
}

// unitMeant returns a hint for Kong's error about a duration without a unit; "" for another error.
func unitMeant(message string) string {
	if wrong := noUnit().FindStringSubmatch(message); wrong != nil {
		return "a duration has a unit: " + wrong[1] + " " + wrong[2] + "s"
	}
	return ""
}

// withoutActions takes the actions out of what Kong guesses that a word stands for: who mistypes a word must not be led to end
// something.
func withoutActions(message string) string {
	at := guesses().FindStringSubmatchIndex(message)
	if at == nil {
		return message
	}
	kept := slices.DeleteFunc(strings.Split(message[at[2]:at[3]], ", "), func(quoted string) bool {
		return isAction(strings.Trim(quoted, `"`))
	})
	switch message = message[:at[0]]; len(kept) {
	case 0:
		return message
	case 1:
		return message + ", did you mean " + kept[0] + "?"
	}
	return message + ", did you mean one of " + strings.Join(kept, ", ") + "?"
}

// publishMeant returns a hint for docker's -p, where it is --publish; "" for another error.
func publishMeant(command, message string) string {
	if strings.HasPrefix(message, "unknown flag -p,") && slices.Contains([]string{"check", "predict", "compare"}, command) {
		return "docker's -p is --publish here"
	}
	return ""
}

// volumeMeant returns a hint for docker's -v, where it is --volume; "" if the arguments have no -v with a mount after it.
func volumeMeant(command string, args []string) string {
	if !slices.Contains([]string{"check", "predict", "compare"}, command) {
		return ""
	}
	for i, arg := range args {
		if arg == "--" {
			break
		}
		mount, joined := strings.CutPrefix(arg, "-v")
		if joined && mount == "" && i+1 < len(args) {
			mount = args[i+1]
		}
		if joined && mountLike().MatchString(mount) {
			return "docker's -v is --volume here: --volume " + value.Quote(mount)
		}
	}
	return ""
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
