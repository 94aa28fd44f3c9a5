package prediction

import (
	"strconv"
	"strings"
	"time"

	"haltscope/compare/value"
)

// suKills is how long su, runuser and script wait after a signal before they send SIGKILL. Source: util-linux
// login-utils/su-common.c, create_watching_parent, and lib/pty-session.c.
const suKills = 2 * time.Second

// wrappers are programs that start one other program and wait for its end. gosu, su-exec, setpriv, chroot, env, nice, nohup,
// busybox su and busybox timeout are none: they replace themselves with it.
var wrappers = map[string]Init{
	"su":      su("su"),
	"runuser": su("runuser"),
	"script": {Text: "script sends TERM, INT or QUIT to its child, waits for 2 s, sends SIGKILL, and returns 0",
		Source: "util-linux lib/pty-session.c; tested: 2.38", NotForwarded: []value.Signal{value.SIGCHLD, value.SIGWINCH, value.SIGUSR1},
		KillAfter: suKills, exitCode: raised(0)},
	"sudo": {Text: "sudo forwards the signal to its command only",
		Source: "sudo src/exec_nopty.c; tested: 1.9.13", NotForwarded: []value.Signal{value.SIGCHLD, value.SIGWINCH, value.SIGCONT},
		exitCode: func(w *Forwarder, code int, _ value.Signal) int {
			// It raises the signal that ended its command, which the kernel drops for the first of a PID namespace, and returns 0.
			if code > signaled && w.Process.NamespaceInit {
				return 0
			}
			return code
		}},
	"timeout": {Text: "timeout forwards the signal to its command and, without --foreground, to its own process group",
		Source: "coreutils src/timeout.c; tested: 9.1", NotForwarded: []value.Signal{value.SIGCHLD}, read: readTimeout},
	"npm": {Text: "npm forwards TERM and INT to the shell that it runs the script in, and not to the script's program",
		Source: "github.com/npm/run-script, signal-manager.js; read, not run", Interpreters: []string{"node", "nodejs"},
		NotForwarded: []value.Signal{value.SIGCHLD, value.SIGHUP}, OwnCode: true},
	"yarn": {Text: "yarn forwards TERM to the shell that it runs the script in, and not to the script's program",
		Source: "github.com/yarnpkg/yarn, util/signal-handler.js; read, not run", Interpreters: []string{"node", "nodejs"},
		NotForwarded: []value.Signal{value.SIGCHLD, value.SIGINT}, OwnCode: true},
}

// signaled is what is added to the number of a signal to make the exit code of what it ended.
const signaled = 128

// su returns what is known about su and runuser of util-linux. Each sends SIGTERM to its child for any signal that it catches, and
// always takes its 2 s.
func su(name string) Init {
	return Init{
		Text: name + " sends SIGTERM to its child, waits for 2 s, sends SIGKILL, and returns 128 + the signal that it got, whatever " +
			"its child returned",
		Source:       "util-linux login-utils/su-common.c; tested: 2.38",
		NotForwarded: []value.Signal{value.SIGCHLD, value.SIGALRM},
		Relays:       value.SIGTERM, KillAfter: suKills,
		exitCode: func(_ *Forwarder, _ int, sent value.Signal) int { return signaled + int(sent) },
	}
}

// raised returns the exit code of a wrapper that raises the signal it got once its child has ended: the kernel drops that for the
// first of a PID namespace, which then returns code.
func raised(code int) func(*Forwarder, int, value.Signal) int {
	return func(w *Forwarder, _ int, sent value.Signal) int {
		if w.Process.NamespaceInit {
			return code
		}
		return signaled + int(sent)
	}
}

// readTimeout reads the arguments of GNU timeout. Source: coreutils src/timeout.c.
func readTimeout(arguments []string, _ map[string]string) Options {
	o := Options{OwnGroup: true, Rewrites: map[value.Signal]value.Signal{value.SIGALRM: value.SIGTERM}}
	flags := flagReader{short: "fk:ps:v", long: []string{"foreground", "kill-after=", "preserve-status", "signal=", "verbose"}}
	flags.read(arguments, func(option, text string) {
		switch option {
		case "f", "foreground":
			o.OwnGroup, o.From = false, "--foreground"
		case "k", "kill-after":
			o.KillAfter = seconds(text)
		case "s", "signal":
			if signal, err := value.ParseSignal(text); err == nil {
				o.Rewrites[value.SIGALRM] = signal
			}
		}
	})
	return o
}

// seconds parses a duration of timeout and sleep: a number with a unit, s without. It returns 0 for anything else.
func seconds(text string) time.Duration {
	unit := time.Second
	for suffix, d := range map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour} {
		if before, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = before, d
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n <= 0 || n > 1e9 {
		return 0
	}
	return time.Duration(min(n*float64(unit), 1<<62))
}
