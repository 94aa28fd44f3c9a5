package prediction

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"haltscope/compare/value"
)

// InitBehavior is what an init does with a signal.
type InitBehavior int

// The behaviors.
const (
	Forwards      InitBehavior = iota // the program that it started decides
	StopsServices                     // it stops its services its own way, and ends
)

// Init is what is known about a program whose work is to start others and to pass signals on to them: an init, a supervisor, or a
// wrapper such as sudo or timeout. What its signal masks show goes before all of it.
type Init struct {
	Behavior InitBehavior
	Text     string // what a report says about it
	Source   string
	// Interpreters are the programs that run it where it is a script. The name of the script is not enough.
	Interpreters []string
	Waits        bool // it blocks all that it answers or forwards, and takes it by sigwait or signalfd again and again

	// Of one that forwards:

	NotForwarded []value.Signal // what it takes, and passes on to nobody
	Relays       value.Signal   // what it sends in place of any other signal; 0 for the same signal
	KillAfter    time.Duration  // after a signal, it sends SIGKILL at this time; 0 for never
	read         func(arguments []string, environment map[string]string) Options
	exitCode     func(w *Forwarder, code int, sent value.Signal) int // nil for the code of its child
	OwnCode      bool                                                // it may return a code of its own

	// Of one that stops services:

	EndsOn []value.Signal // it answers these by stopping its services and ending; it answers no other so
	ToAll  *ToAll         // what it then sends to all other processes; nil for one that signals its services only
}

// ToAll is what a supervisor does to all other processes of its PID namespace as it ends.
type ToAll struct {
	Signal    value.Signal
	KillAfter time.Duration // after Signal, it sends SIGKILL at this time
	// Takes is how long all of that takes, from the signal that it answers to its end, without the commands that it is configured to
	// run before; 0 if it stops its services before, which takes longer.
	Takes time.Duration
}

// Inits are the inits, supervisors and wrappers that are looked through, by the name of their executable or script.
var Inits = joined(tinis, dumbInits, supervisors, wrappers)

func joined(all ...map[string]Init) map[string]Init {
	joined := map[string]Init{}
	for _, some := range all {
		maps.Copy(joined, some)
	}
	return joined
}

// Options are what its arguments and its environment tell an init or a wrapper to do.
type Options struct {
	Group     bool                          // it signals the process group that its child leads
	OwnGroup  bool                          // it signals its own process group as well
	From      string                        // the argument or variable that decides about groups; "" for its default
	Rewrites  map[value.Signal]value.Signal // the signals that it forwards in place of others; 0 for none
	ZeroFor   []int                         // the exit codes of its child that it turns into 0
	KillAfter time.Duration                 // after a signal, it sends SIGKILL at this time; 0 for what [Init] says
}

// ReadOptions returns what its arguments, the name first, and its environment tell an init to do.
func ReadOptions(init string, arguments []string, environment map[string]string) Options {
	read := Inits[init].read
	if read == nil {
		return Options{}
	}
	return read(arguments[min(1, len(arguments)):], environment)
}

// OptionVariables are the environment variables that [ReadOptions] and the rules look at. No other one is read.
var OptionVariables = []string{"TINI_KILL_PROCESS_GROUP", "DUMB_INIT_SETSID", "GOTRACEBACK", "UWSGI_DIE_ON_TERM", "UWSGI_MASTER"}

// InitName returns the key in [Inits] of a process; "" if it is not an init. A Go program never is, whatever its name: its own signal
// table decides.
func InitName(p *Process) string {
	if p.Go != nil {
		return ""
	}
	title, _, _ := strings.Cut(p.Name, " ") // npm calls itself "npm start"
	known := p.known()
	if strings.HasPrefix(known, "tini-") { // tini-amd64, tini-static-muslc
		known = "tini"
	}
	for _, name := range []string{known, title, scriptName(p)} {
		init, ok := Inits[name]
		if ok && (known == name || slices.ContainsFunc(init.Interpreters, p.runs)) {
			return name
		}
	}
	if known == "init" && looksLikeSysvinit(p) {
		return "sysvinit"
	}
	return ""
}

// looksLikeSysvinit reports whether an init ignores SIGTERM and the signals that are unknown to it, and catches the three that its
// inittab has actions for. Source: sysvinit src/init.c, init_main.
func looksLikeSysvinit(p *Process) bool {
	for _, signal := range []value.Signal{value.SIGINT, value.SIGPWR, value.SIGWINCH} {
		if !p.Caught.Has(signal) {
			return false
		}
	}
	return p.Ignored.Has(value.SIGTERM) && p.Ignored.Has(value.SIGQUIT) && p.Ignored.Has(value.SIGRTMIN)
}

// scriptName returns the base name of the script that an interpreter runs, without .js and .py; "" where there is none.
func scriptName(p *Process) string {
	if len(p.Arguments) == 0 {
		return ""
	}
	if first, _, ok := strings.Cut(p.Arguments[0], " "); ok { // a title, such as "npm start"
		return first
	}
	for _, argument := range p.Arguments[1:] {
		if !strings.HasPrefix(argument, "-") {
			name := path.Base(argument)
			return strings.TrimSuffix(strings.TrimSuffix(name, ".js"), ".py")
		}
	}
	return ""
}
