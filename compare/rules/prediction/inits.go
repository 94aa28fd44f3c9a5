package prediction

import (
	"strconv"
	"strings"

	"haltscope/compare/value"
)

// InitBehavior is what an init does with a signal.
type InitBehavior int

// The behaviors.
const (
	Forwards      InitBehavior = iota // its child decides
	StopsServices                     // it stops its services its own way, and ends
)

// Init is what is known about a program whose work is to start others and to forward signals to them.
type Init struct {
	Behavior     InitBehavior
	Text         string // what a report says about it
	Source       string
	NotForwarded []value.Signal // what it does not forward, but leaves to the kernel's action on itself
}

// Inits are the inits that are looked through, by the name of their executable or script.
var Inits = map[string]Init{
	"docker-init": tini("github.com/krallin/tini; tested"),
	"tini":        tini("github.com/krallin/tini; tested as docker-init"),
	"tini-static": tini("github.com/krallin/tini; tested as docker-init"),
	"catatonit": {Behavior: Forwards, Text: "catatonit forwards the signal to its only child",
		Source: "github.com/openSUSE/catatonit; read, not run"},
	"dumb-init": {Behavior: Forwards, Text: "dumb-init forwards the signal to its child's whole session",
		Source: "github.com/Yelp/dumb-init; tested"},
	"s6-svscan": {Behavior: StopsServices, Text: "s6-svscan has its supervisors stop their services",
		Source: "skarnet.org/software/s6/s6-svscan.html; read, not run"},
	"supervisord": {Behavior: StopsServices,
		Text:   "supervisord sends each program its stopsignal, waits for its stopwaitsecs, and then kills it",
		Source: "supervisord.org/running.html#signals; read, not run"},
	"systemd": {Behavior: StopsServices,
		Text:   "systemd as a container's init halts on SIGRTMIN+3; on SIGTERM it re-executes itself and keeps running",
		Source: "systemd(1), signals; read, not run"},
}

// tini returns what is known about tini. The signals that it does not forward are its signals_for_tini.
func tini(source string) Init {
	return Init{
		Behavior: Forwards,
		Text:     "tini forwards the signal to its only child and exits with the child's exit code, or 128 + the signal that ended it",
		Source:   source,
		NotForwarded: []value.Signal{value.SIGFPE, value.SIGILL, value.SIGSEGV, value.SIGBUS, value.SIGABRT, value.SIGTRAP, value.SIGSYS,
			value.SIGTTIN, value.SIGTTOU},
	}
}

// ParseRewrites returns the signals that an init forwards in place of others, by its arguments: dumb-init --rewrite 15:2. 0 means
// that it forwards none. Source: github.com/Yelp/dumb-init, "Signal rewriting".
func ParseRewrites(init string, arguments []string) map[value.Signal]value.Signal {
	if init != "dumb-init" || len(arguments) == 0 {
		return nil
	}
	all := map[value.Signal]value.Signal{}
	for rest := arguments[1:]; len(rest) > 0; rest = rest[1:] {
		option, rewrite := rest[0], ""
		switch {
		case option == "--" || !strings.HasPrefix(option, "-"):
			return all // its command
		case option == "-r" || option == "--rewrite":
			if rest = rest[1:]; len(rest) == 0 {
				return all
			}
			rewrite = rest[0]
		case strings.HasPrefix(option, "--rewrite="):
			rewrite = option[len("--rewrite="):]
		case strings.HasPrefix(option, "-r"):
			rewrite = option[len("-r"):]
		default:
			continue
		}
		from, to, _ := strings.Cut(rewrite, ":")
		signal, err1 := strconv.Atoi(from)
		instead, err2 := strconv.Atoi(to)
		if err1 == nil && err2 == nil {
			all[value.Signal(signal)] = value.Signal(instead)
		}
	}
	return all
}
