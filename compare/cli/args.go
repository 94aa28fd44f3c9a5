package cli

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"haltscope/compare/fault"
	"haltscope/compare/value"
)

var (
	negative = value.Pattern(`^-[0-9]+$`)
	number   = value.Pattern(`^[0-9]+$`)
	flagName = value.Pattern(`^--?[a-z-]+$`)
	// mountLike matches PATH and SOURCE:PATH, but no name of an image.
	mountLike = value.Pattern(`^\.{0,2}/|:/`)
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

// duration parses a duration for Kong. A bare number gets the hint that it has no unit.
var duration kong.MapperFunc = func(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("duration", &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if err == nil {
		target.SetInt(int64(d))
		return nil
	}
	err = fmt.Errorf("expected duration but got %q: %w", text, err)
	if number().MatchString(text) {
		err = fault.WithHint(err, "a duration has a unit: --"+ctx.Value.Name+" "+text+"s")
	}
	return err
}

// hideActions hides the actions from Kong, or shows them again. Kong does not suggest hidden commands for a mistyped word: a typo must
// not lead to an action.
func hideActions(model *kong.Application, hidden bool) {
	for _, command := range model.Children {
		if isAction(command.Name) {
			command.Hidden = hidden
		}
	}
}

// publishMeant returns a hint for docker's -p, where it is --publish; "" for another command line.
func publishMeant(command string, args []string) string {
	if !slices.Contains([]string{"check", "predict", "compare"}, command) {
		return ""
	}
	for _, arg := range args {
		switch {
		case arg == "--":
			return ""
		case strings.HasPrefix(arg, "-p"):
			return "docker's -p is --publish here"
		}
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
		case arg == "--evidence": // has no value
		case strings.HasPrefix(arg, "--") && !strings.Contains(arg, "="):
			i++ // the value of a flag; --help and --version end the program anyway
		case !strings.HasPrefix(arg, "-"):
			return args, nil // another command
		}
	}
	return args, nil
}
