package prediction

import (
	"slices"
	"strconv"

	"haltscope/compare/value"
)

// tinis are tini and what does the same. docker run --init runs docker-init, which is tini, or catatonit in some distributions.
var tinis = map[string]Init{
	"docker-init": tini("github.com/krallin/tini; tested"),
	"tini":        tini("github.com/krallin/tini; tested: 0.19"),
	"catatonit":   catatonit(),
	"podman-init": catatonit(), // podman run --init
}

func catatonit() Init {
	return Init{
		Text: "catatonit forwards the signal to its only child", Source: "github.com/openSUSE/catatonit; tested: 0.1.7",
		NotForwarded: []value.Signal{value.SIGCHLD, value.SIGTSTP, value.SIGTTIN, value.SIGTTOU},
		Waits:        true,
		read:         readCatatonit,
	}
}

// tini returns what is known about tini. Its signals_for_tini are not blocked, so its masks show that it does not forward them.
func tini(source string) Init {
	return Init{
		Text:         "tini forwards the signal to its only child and exits with the child's exit code, or 128 + the signal that ended it",
		Source:       source,
		NotForwarded: []value.Signal{value.SIGCHLD},
		Waits:        true,
		read:         readTini,
	}
}

// readTini reads the arguments of tini. It is built with the C library's permuting getopt: its options end at "--". Source: tini.c,
// parse_args and parse_env.
func readTini(arguments []string, environment map[string]string) (o Options) {
	flagReader{short: "p:hvwgle:s", permutes: true}.read(arguments, func(option, text string) {
		switch option {
		case "g":
			o.Group, o.From = true, "-g"
		case "e":
			if code, err := strconv.Atoi(text); err == nil && !slices.Contains(o.ZeroFor, code) {
				o.ZeroFor = append(o.ZeroFor, code)
			}
		}
	})
	if _, set := environment["TINI_KILL_PROCESS_GROUP"]; set && !o.Group { // any value counts, and an empty one too
		o.Group, o.From = true, "TINI_KILL_PROCESS_GROUP"
	}
	return o
}

// readCatatonit reads the arguments of catatonit. Source: catatonit.c, main.
func readCatatonit(arguments []string, _ map[string]string) (o Options) {
	flagReader{short: "ghLPV", long: []string{"version"}, permutes: true}.read(arguments, func(option, _ string) {
		if option == "g" {
			o.Group, o.From = true, "-g"
		}
	})
	return o
}
