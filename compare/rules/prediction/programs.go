package prediction

import (
	"slices"

	"haltscope/compare/value"
)

// habit is what is known about a program or a runtime beyond what the kernel shows of its process.
type habit struct {
	programs       []string       // base names of the executable; one that ends with * stands for all that begin so
	runtimeCatches []value.Signal // its runtime catches these, whether or not the program handles them
	endsOn         []value.Signal // its handler of these is known to end it at once
	drainsOn       []value.Signal // the same, once its work in hand is done, which may take longer than the grace
	survives       []value.Signal // it handles these and goes on
	text           string         // what a report says about it
	source         string
}

// habits are all that is known by a program's name. The source says which version was run to check it; the rest is read.
var habits = []habit{
	{
		programs: []string{"nginx"},
		endsOn:   []value.Signal{value.SIGTERM, value.SIGINT},
		drainsOn: []value.Signal{value.SIGQUIT},
		survives: []value.Signal{value.SIGHUP, value.SIGUSR1, value.SIGUSR2, value.SIGWINCH},
		text: "nginx exits at once on TERM and INT, and on QUIT once it has served its open requests; a request that outlasts the grace " +
			"makes the stop forced",
		source: "nginx.org/en/docs/control.html; tested: 1.22",
	},
	{
		programs: []string{"redis-server", "valkey-server", "redis-check-rdb"}, // Debian's redis-server is a link
		drainsOn: []value.Signal{value.SIGTERM, value.SIGINT},
		text:     "redis saves what it is configured to save and exits; a snapshot that outlasts the grace makes the stop forced",
		source:   "redis.io/docs/latest/operate/oss_and_stack/reference/signals; tested: 7.0",
	},
	{
		programs: []string{"apache2", "httpd"},
		endsOn:   []value.Signal{value.SIGTERM},
		drainsOn: []value.Signal{value.SIGWINCH},
		survives: []value.Signal{value.SIGHUP, value.SIGUSR1},
		text:     "apache ends its children at once on TERM, and on WINCH once they have served their requests",
		source:   "httpd.apache.org/docs/2.4/stopping.html; read, not run",
	},
	{
		programs:       []string{"node", "nodejs"},
		runtimeCatches: []value.Signal{value.SIGTERM, value.SIGINT},
		text: "Node.js catches TERM and INT itself, to restore the terminal, and then raises them again with the default action; " +
			"whether the program has a handler cannot be seen from outside",
		source: "node src/node.cc, SignalExit; tested: 20.20",
	},
	{
		programs: []string{"java"},
		survives: []value.Signal{value.SIGQUIT},
		text: "a JVM runs its shutdown hooks on TERM, INT and HUP and exits with 128 + the signal; a hook that hangs keeps it running. On " +
			"QUIT it prints its threads and keeps running",
		source: "java.lang.Runtime, addShutdownHook; the JVM's troubleshooting guide, Control+Break handler; tested: OpenJDK 17, 143",
	},
	{
		programs: []string{"python*", "pypy*"},
		text: "Python catches INT itself, as KeyboardInterrupt, but not TERM; a handler of the program's own runs when its main thread " +
			"reaches the next bytecode",
		source: "docs.python.org/3/library/signal.html; tested: 3.11",
	},
	{
		programs: []string{"busybox sh", "busybox ash", "busybox hush", "dash", "ash", "bash", "sh", "ksh*", "zsh*", "mksh"},
		text:     "a shell forwards no signal, and runs a trap only after its foreground command has ended",
		source:   "POSIX.1-2017, Shell Command Language, 2.11; tested: busybox 1.35",
	},
}

// habitOf returns what is known about a program; nil where nothing is.
func habitOf(p *Process) *habit {
	for i := range habits {
		if slices.ContainsFunc(habits[i].programs, p.runs) {
			return &habits[i]
		}
	}
	return nil
}

func (h *habit) is(program string) bool { return h != nil && slices.Contains(h.programs, program) }

func isShell(p *Process) bool { return habitOf(p).is("dash") }

// RuntimeCatches reports whether a program's runtime, other than Go's, catches a signal whether or not the program handles it.
func RuntimeCatches(p *Process, signal value.Signal) bool {
	h := habitOf(p)
	return h != nil && slices.Contains(h.runtimeCatches, signal)
}
