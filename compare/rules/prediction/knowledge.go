package prediction

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// habit is what is known of a program, or of a runtime, beyond what the kernel shows of its process.
type habit struct {
	programs []string // base names of the executable; one that ends with * stands for all that begin so
	// own: its runtime catches these, whether or not the program handles them.
	runtimeCatches []unix.Signal
	// ends: its handler of these signals is known to end it by itself, at once.
	endsOn []unix.Signal
	// drains: the same, once it has done what it has in hand, which may take longer than the grace.
	drainsOn []unix.Signal
	// lives: it handles these and goes on.
	survives  []unix.Signal
	text   string // what a report says of it
	source string
}

// habits is all that is known by a program's name. What was run to check it is said in source; the rest is read.
var habits = []habit{
	{
		programs: []string{"nginx"},
		endsOn:     []unix.Signal{unix.SIGTERM, unix.SIGINT},
		drainsOn:   []unix.Signal{unix.SIGQUIT},
		survives:    []unix.Signal{unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH},
		text:     "nginx ends on TERM and INT at once, and on QUIT when its requests in hand are served; one that outlasts the grace makes it forced",
		source:   "nginx.org/en/docs/control.html; run: 1.22",
	},
	{
		programs: []string{"redis-server", "valkey-server", "redis-check-rdb"}, // Debian's redis-server is a link
		drainsOn:   []unix.Signal{unix.SIGTERM, unix.SIGINT},
		text:     "redis writes what it is configured to write and ends; a snapshot that outlasts the grace makes it forced",
		source:   "redis.io/docs/latest/operate/oss_and_stack/reference/signals; run: 7.0",
	},
	{
		programs: []string{"apache2", "httpd"},
		endsOn:     []unix.Signal{unix.SIGTERM},
		drainsOn:   []unix.Signal{unix.SIGWINCH},
		survives:    []unix.Signal{unix.SIGHUP, unix.SIGUSR1},
		text:     "apache ends its children on TERM at once, and on WINCH when their requests are served",
		source:   "httpd.apache.org/docs/2.4/stopping.html; read, not run",
	},
	{
		programs: []string{"node", "nodejs"},
		runtimeCatches:      []unix.Signal{unix.SIGTERM, unix.SIGINT},
		text:     "Node.js catches TERM and INT itself, to restore the terminal, and then raises them again with the default action; whether the program has a handler is not to be seen",
		source:   "node src/node.cc, SignalExit; run: 20.20",
	},
	{
		programs: []string{"java"},
		survives:    []unix.Signal{unix.SIGQUIT},
		text:     "a JVM runs its shutdown hooks on TERM, INT and HUP and ends with 128 + the signal; a hook that hangs keeps it. On QUIT it prints its threads and goes on",
		source:   "java.lang.Runtime, addShutdownHook; the JVM's troubleshooting guide, Control+Break handler; run: OpenJDK 17, 143",
	},
	{
		programs: []string{"python*", "pypy*"},
		text:     "Python catches INT itself, as KeyboardInterrupt, and no TERM; a handler of the program's own runs when its main thread comes to the next bytecode",
		source:   "docs.python.org/3/library/signal.html; run: 3.11",
	},
	{
		programs: []string{"busybox", "dash", "ash", "bash", "sh", "ksh*", "zsh*", "mksh"},
		text:     "a shell forwards nothing, and runs a trap only when the command in the foreground has ended",
		source:   "POSIX.1-2017, Shell Command Language, 2.11; run: busybox 1.35",
	},
}

// knownHabit finds what is known of a program; nil where nothing is.
func habitOf(p *Process) *habit {
	for i := range habits {
		for _, name := range habits[i].programs {
			prefix, wild := strings.CutSuffix(name, "*")
			if p.Program == name || wild && strings.HasPrefix(p.Program, prefix) {
				return &habits[i]
			}
		}
	}
	return nil
}

func (h *habit) is(program string) bool { return h != nil && slices.Contains(h.programs, program) }

func isShell(p *Process) bool { return habitOf(p).is("dash") }

// Manner is how an init deals with a signal.
type InitBehavior int

const (
	// Forwards: what is behind it decides.
	Forwards InitBehavior = iota
	// Stops: it stops its services its own way, and ends.
	StopsServices
)

// Init is what is known of a program whose work is to start others and to pass signals on.
type Init struct {
	Behavior InitBehavior
	Text   string
	Source string
	NotForwarded  []unix.Signal // that it does not forward, but leaves to what the kernel does with them and itself
}

// tiniKeeps is tini's signals_for_tini.
var tiniKeeps = []unix.Signal{unix.SIGFPE, unix.SIGILL, unix.SIGSEGV, unix.SIGBUS, unix.SIGABRT, unix.SIGTRAP, unix.SIGSYS,
	unix.SIGTTIN, unix.SIGTTOU}

// Inits are those that are looked through, by the name of the executable or of the script.
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

// Rewrites is what an init forwards in place of the signals that it gets, by its arguments: dumb-init --rewrite 15:2. 0 is
// for nothing. Source: github.com/Yelp/dumb-init, "Signal rewriting".
func ParseRewrites(init string, arguments []string) map[int]int {
	if init != "dumb-init" || len(arguments) == 0 {
		return nil
	}
	all := map[int]int{}
	for rest := arguments[1:]; len(rest) > 0; rest = rest[1:] {
		option, value := rest[0], ""
		switch {
		case option == "--" || !strings.HasPrefix(option, "-"):
			return all // its command
		case option == "-r" || option == "--rewrite":
			if rest = rest[1:]; len(rest) == 0 {
				return all
			}
			value = rest[0]
		case strings.HasPrefix(option, "--rewrite="):
			value = option[len("--rewrite="):]
		case strings.HasPrefix(option, "-r"):
			value = option[len("-r"):]
		default:
			continue
		}
		from, to, _ := strings.Cut(value, ":")
		signal, err1 := strconv.Atoi(from)
		instead, err2 := strconv.Atoi(to)
		if err1 == nil && err2 == nil {
			all[signal] = instead
		}
	}
	return all
}

// runtimeKills are the signals on which the Go runtime ends a program that has not asked for them; on those of
// runtimeThrows it prints its goroutines first. Source: runtime/sigtab_linux_generic.go, _SigKill and _SigThrow.
var (
	runtimeKills  = []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGTERM}
	runtimeThrows = []unix.Signal{unix.SIGQUIT, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV, unix.SIGSTKFLT, unix.SIGSYS}
)

// defaultKeeps are the signals whose default action does not end a process. Source: signal(7).
var defaultKeeps = []unix.Signal{unix.SIGCHLD, unix.SIGCONT, unix.SIGURG, unix.SIGWINCH, unix.SIGSTOP, unix.SIGTSTP,
	unix.SIGTTIN, unix.SIGTTOU}

// GoEnds says what the Go runtime does with a signal that its program has not asked for: whether it ends the program.
func GoRuntimeEnds(signal int) bool {
	s := unix.Signal(signal)
	return slices.Contains(runtimeKills, s) || slices.Contains(runtimeThrows, s)
}

// HandlesInGo says whether a Go program has asked for a signal; nil where its file and memory do not tell.
func GoAsksFor(p *Process, signal int) *bool {
	no := false
	switch {
	case p.Go == nil:
		return nil
	case p.Go.Wanted != nil:
		wants := p.Go.Wanted.Has(unix.Signal(signal))
		return &wants
	case p.Go.Notify != nil && !*p.Go.Notify:
		return &no
	}
	return nil
}

// Catches reports whether a program's runtime, other than Go's, catches a signal whether or not the program handles it.
func RuntimeCatches(p *Process, s unix.Signal) bool {
	h := habitOf(p)
	return h != nil && slices.Contains(h.runtimeCatches, s)
}
