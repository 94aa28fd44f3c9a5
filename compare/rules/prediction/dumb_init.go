package prediction

import (
	"strconv"
	"strings"

	"haltscope/compare/value"
)

var dumbInits = map[string]Init{
	"dumb-init": {Text: "dumb-init forwards the signal, by default to its child's whole process group",
		Source: "github.com/Yelp/dumb-init; tested: 1.2.5", NotForwarded: []value.Signal{value.SIGCHLD}, Waits: true, read: readDumbInit},
}

// readDumbInit reads the arguments of dumb-init. By default it starts its child in a session of its own and signals the process
// group that the child leads: a job of a session or a group of its own gets nothing. Source: dumb-init.c, parse_command and
// forward_signal.
func readDumbInit(arguments []string, environment map[string]string) Options {
	o := Options{Group: true, Rewrites: map[value.Signal]value.Signal{}}
	flags := flagReader{short: "hvVcr:", long: []string{"help", "single-child", "rewrite=", "verbose", "version"}}
	flags.read(arguments, func(option, text string) {
		switch option {
		case "c", "single-child":
			o.Group, o.From = false, "-c"
		case "r", "rewrite":
			from, to, _ := strings.Cut(text, ":")
			signal, err1 := strconv.Atoi(from)
			instead, err2 := strconv.Atoi(to)
			if err1 == nil && err2 == nil {
				o.Rewrites[value.Signal(signal)] = value.Signal(instead)
			}
		}
	})
	if environment["DUMB_INIT_SETSID"] == "0" && o.Group {
		o.Group, o.From = false, "DUMB_INIT_SETSID=0"
	}
	if o.Group {
		for _, signal := range []value.Signal{value.SIGTSTP, value.SIGTTIN, value.SIGTTOU} {
			if _, set := o.Rewrites[signal]; !set {
				o.Rewrites[signal] = value.SIGSTOP
			}
		}
	}
	return o
}
