package prediction

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
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
	NotForwarded []unix.Signal // what it does not forward, but leaves to the kernel's action on itself
}

// tiniKeeps are the signals that tini does not forward (its signals_for_tini).
var tiniKeeps = []unix.Signal{unix.SIGFPE, unix.SIGILL, unix.SIGSEGV, unix.SIGBUS, unix.SIGABRT, unix.SIGTRAP, unix.SIGSYS,
	unix.SIGTTIN, unix.SIGTTOU}

// Inits are the inits that are looked through, by the name of their executable or script.
var Inits = map[string]Init{
	"docker-init": {Forwards, "tini forwards the signal to its one child and ends with the child's exit code, or 128 + the signal that ended it", "github.com/krallin/tini; run", tiniKeeps},
	"tini":        {Forwards, "tini forwards the signal to its one child and ends with the child's exit code, or 128 + the signal that ended it", "github.com/krallin/tini; run as docker-init", tiniKeeps},
	"tini-static": {Forwards, "tini forwards the signal to its one child and ends with the child's exit code, or 128 + the signal that ended it", "github.com/krallin/tini; run as docker-init", tiniKeeps},
	"catatonit":   {Forwards, "catatonit forwards the signal to its one child", "github.com/openSUSE/catatonit; read, not run", nil},
	"dumb-init":   {Forwards, "dumb-init forwards the signal to its child's whole session", "github.com/Yelp/dumb-init; run", nil},
	"s6-svscan":   {StopsServices, "s6-svscan tells its supervisors to end their services", "skarnet.org/software/s6/s6-svscan.html; read, not run", nil},
	"supervisord": {StopsServices, "supervisord sends each program its stopsignal, waits its stopwaitsecs, and then kills it", "supervisord.org/running.html#signals; read, not run", nil},
	"systemd":     {StopsServices, "systemd as a container's init halts on SIGRTMIN+3; on SIGTERM it starts itself anew and goes on", "systemd(1), signals; read, not run", nil},
}

// ParseRewrites returns the signals that an init forwards in place of others, by its arguments: dumb-init --rewrite 15:2. 0 means
// that it forwards none. Source: github.com/Yelp/dumb-init, "Signal rewriting".
func ParseRewrites(init string, arguments []string) map[unix.Signal]unix.Signal {
	if init != "dumb-init" || len(arguments) == 0 {
		return nil
	}
	all := map[unix.Signal]unix.Signal{}
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
			all[unix.Signal(signal)] = unix.Signal(instead)
		}
	}
	return all
}
