package acceptance

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// front is an init, a supervisor, a wrapper or a shell in front of a program, or a program that looks like one, with what predict says
// about a stop, and what the stop then does.
type front struct {
	flags    string   // of docker create
	command  []string // of haltscope-test/inits
	ready    string   // what it logs once it is ready; "" for a program that logs nothing
	outcome  string   // predicted; "a|b" are the candidates of an undecided prediction, the likeliest first
	codes    []int    // the predicted exit codes; nil for those of the program
	observed string
	code     int
	untold   string // a process that gets no signal; "" if all get one, or none is left
	says     string // in the prediction; "" for nothing particular
}

// blocksBetweenWaits is a program that handles SIGTERM, and blocks it while it waits, as some servers do around epoll_wait.
const blocksBetweenWaits = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('ready', flush=True)\n" +
	"while True: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}); time.sleep(.1); " +
	"signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})"

// sh is a command that has a shell run a script.
func sh(command, script string) []string { return append(strings.Fields(command), "-c", script) }

// supervised is a script that writes a configuration for supervisord, and starts that.
const supervised = "printf '[supervisord]\\nnodaemon=true\\nuser=root\\n[program:a]\\ncommand=/habits handles\\n' >/tmp/s.conf; " +
	"exec supervisord -c /tmp/s.conf"

// scanned is a script that prepares a scan directory of s6 or runit with one service, and starts a supervisor of such.
func scanned(supervisor string) string {
	return "mkdir -p /s/a; printf '#!/bin/sh\\nexec /habits handles\\n' >/s/a/run; chmod +x /s/a/run; exec " + supervisor + " /s"
}

// inittab is a script that starts busybox init with entries in its inittab. Without an inittab it starts a shell each second, which ends at
// once: whether one is there at the stop would be chance.
func inittab(entries ...string) string {
	lines := "::sysinit:true"
	for _, entry := range entries {
		lines += "\\n::" + entry
	}
	return "printf '" + lines + "\\n' >/etc/inittab; exec busybox init"
}

const s6Script = "mkdir -p /s/.s6-svscan; cd /s/.s6-svscan; printf '#!/bin/sh\\nexec s6-svscanctl -t /s\\n' >SIGQUIT; chmod +x SIGQUIT; " +
	"exec s6-svscan /s"

const (
	untoldChild   = "/habits handles & exec /habits handles"
	childApart    = "setsid /habits handles & exec /habits handles"
	ignoringShell = "trap '' TERM; python3 /handles.py; true"
)

// fronts lists all cases. Those that are forced have a grace of 1 s.
var fronts = []front{
	{"", sh("tini -g -- sh", "python3 /slow-handler.py; true"), "ready", "killed|graceful", []int{143}, "killed", 143, "",
		"gets SIGTERM as well, has time until sh has ended, and is then killed"},
	{"--init -e TINI_KILL_PROCESS_GROUP=", sh("sh", ignoringShell), "ready", "graceful|killed|forced", nil, "graceful", 0, "",
		"TINI_KILL_PROCESS_GROUP"},
	{"", sh("tini -- sh", ignoringShell), "ready", "forced", []int{137}, "forced", 137, "python3", "tini signals its child only"},
	{"", sh("dumb-init sh", ignoringShell), "ready", "graceful|killed|forced", nil, "graceful", 0, "", "gets the signal as well"},
	{"", sh("catatonit -g -- sh", untoldChild), "ready", "graceful|forced", nil, "graceful", 0, "", "(-g)"},
	{"", strings.Fields("tini -e 143 -- /habits default"), "ready", "terminated", []int{0}, "terminated", 0, "",
		"returns 0 in place of 143"},
	{"", sh("dumb-init -c -- sh", untoldChild), "ready", "graceful|forced", nil, "graceful", 0, "habits", "signals its child only (-c)"},
	{"-e DUMB_INIT_SETSID=0", sh("dumb-init -- sh", untoldChild), "ready", "graceful|forced", nil, "graceful", 0, "habits",
		"DUMB_INIT_SETSID=0"},
	{"", sh("dumb-init -- sh", childApart), "ready", "graceful|forced", nil, "graceful", 0, "habits", "a session of its own"},
	{"", strings.Fields("dumb-init -r15:3 /habits handles"), "ready", "terminated", []int{131}, "terminated", 131, "",
		"remove --rewrite 15:3"},

	{"", sh("sh", scanned("s6-svscan")), "ready", "graceful|killed|forced", nil, "graceful", 0, "s6-supervise", "ends on TERM"},
	{"--stop-signal HUP", sh("sh", scanned("s6-svscan")), "ready", "forced", []int{137}, "forced", 137, "s6-supervise",
		"STOPSIGNAL SIGTERM"},
	{"--stop-signal 37", sh("sh", scanned("s6-svscan")), "ready", "forced", []int{137}, "forced", 137, "s6-supervise", "drops SIGRTMIN+3"},
	{"--stop-signal QUIT", sh("sh", s6Script), "", "graceful|forced", nil, "graceful", 0, "", "what /s/.s6-svscan/SIGQUIT does"},
	{"--stop-signal HUP", sh("sh", supervised), "success: a entered RUNNING", "forced", []int{137}, "forced", 137, "habits",
		"STOPSIGNAL SIGTERM"},
	{"", sh("sh", scanned("runsvdir")), "ready", "killed", nil, "killed", 0, "runsv", "signals none of its services"},
	{"", strings.Fields("runit"), "enter stage: /etc/runit/2", "forced", []int{137}, "forced", 137, "runsvdir", "force-stop"},
	{"", sh("sh", inittab()), "", "graceful", []int{0}, "graceful", 0, "", "busybox init"},
	{"", sh("sh", inittab("respawn:/habits handles")), "ready", "graceful|killed", []int{0}, "graceful", 0, "",
		"gets it, has 1s to end, and is then killed"},
	{"", sh("sh", inittab("respawn:/habits default")), "ready", "terminated", []int{0}, "terminated", 0, "", "does not handle SIGTERM"},
	{"", sh("sh", inittab("respawn:/habits ignores")), "ready", "killed", []int{0}, "killed", 0, "", "does not take SIGTERM"},
	{"", sh("sh", inittab("respawn:python3 /slow-handler.py")), "ready", "graceful|killed", []int{0}, "killed", 0, "",
		"ends within 1s of SIGTERM"},
	{"--stop-signal USR1", sh("sh", inittab("respawn:/habits handles")), "ready", "graceful|killed", []int{0}, "graceful", 0, "",
		"handles SIGTERM"},
	{"--stop-signal PWR", sh("sh", inittab("respawn:/habits default")), "ready", "terminated", []int{0}, "terminated", 0, "",
		"does not handle SIGTERM"},
	{"", sh("sh", inittab("respawn:/habits handles", "shutdown:sleep 2")), "ready", "graceful|killed|forced", []int{0, 137}, "graceful", 0, "",
		"how long busybox init takes"},
	{"--cap-add SYS_BOOT", sh("sh", inittab("respawn:/habits default")), "ready", "terminated", []int{129, 130}, "terminated", 129, "",
		"reboot(2)"},
	{"--stop-signal INT", sh("sh", inittab("respawn:/habits handles")), "ready", "forced", []int{137}, "forced", 137, "habits",
		"STOPSIGNAL SIGTERM"},
	{"", sh("sh", inittab("respawn:/habits default")), "ready", "forced", []int{137}, "forced", 137, "", "takes 3s to end"},

	{"", strings.Fields("timeout 600 /habits default"), "ready", "terminated", []int{143}, "terminated", 143, "", "its own process group"},
	{"", sh("su nobody -s /bin/bash", "/habits default"), "ready", "terminated", []int{143}, "terminated", 143, "", "SIGKILL 2s after"},
	{"", strings.Fields("runuser -u nobody -- /habits default"), "ready", "terminated", []int{143}, "terminated", 143, "",
		"SIGKILL 2s after"},
	{"", strings.Fields("runuser -u nobody -- python3 /slow-handler.py"), "ready", "graceful|killed", []int{143}, "killed", 143, "",
		"before runuser sends SIGKILL"},
	{"", strings.Fields("timeout -k 1 600 /habits ignores"), "ready", "killed", []int{137}, "killed", 137, "", "SIGKILL 1s after"},
	{"--init", sh("sh", "python3 /handles.py; true"), "ready", "killed", []int{143}, "killed", 143, "python3", "is killed with SIGKILL"},
	{"", sh("sh", "/habits default & trap 'kill $!' TERM; wait $!"), "ready", "terminated|killed|forced", nil, "terminated", 143, "habits",
		"which does not handle SIGTERM"},
	{"--stop-signal INT", strings.Fields("runuser -u nobody -- /habits default"), "ready", "forced", []int{137}, "forced", 137, "",
		"runuser does not forward SIGINT"},
	{"", strings.Fields("sudo -u nobody /habits default"), "ready", "terminated", []int{0}, "terminated", 0, "",
		"returns 0 in place of 143"},
	{"", strings.Fields("tini -- sudo -u nobody /habits default"), "ready", "terminated", []int{143}, "terminated", 143, "",
		"sudo forwards"},
	{"", sh("script -q /dev/null", "exec /habits default"), "ready", "terminated", []int{0}, "terminated", 0, "", "SIGKILL 2s after"},

	{"", strings.Fields("flock /tmp/lock /habits handles"), "ready", "forced", []int{137}, "forced", 137, "habits",
		"the kernel drops SIGTERM"},
	{"", strings.Fields("setsid --wait /habits default"), "ready", "forced", []int{137}, "forced", 137, "habits",
		"the kernel drops SIGTERM"},
	{"", strings.Fields("perl -e system(q(/habits),q(handles))"), "ready", "forced", []int{137}, "forced", 137, "habits",
		"the kernel drops SIGTERM"},
	{"", strings.Fields("tini -- flock /tmp/lock /habits handles"), "ready", "killed", []int{143}, "killed", 143, "habits", "SIGKILL"},
	{"", strings.Fields("tini-static -s -- /habits default"), "ready", "terminated", []int{143}, "terminated", 143, "", "tini"},
	{"", strings.Fields("dumb-init --verbose /habits handles"), "ready", "graceful|forced", nil, "graceful", 0, "", "dumb-init"},
	{"", strings.Fields("catatonit -- /habits ignores"), "ready", "forced", []int{137}, "forced", 137, "", "catatonit"},
	{"", sh("python3", blocksBetweenWaits), "ready", "graceful|forced", nil, "graceful", 0, "", "handler"},
	{"", strings.Fields("busybox tail -f /dev/null"), "", "forced", []int{137}, "forced", 137, "", "the kernel drops SIGTERM"},
	{"", strings.Fields("busybox sleep 30"), "", "exited|forced", nil, "exited", 0, "", "ends by itself"},
	{"", sh("dash", "trap 'exit 0' TERM; echo ready; while :; do sleep 1; done"), "ready", "graceful|forced", nil, "graceful", 0,
		"sleep", "wait4"},
	{"", sh("bash", "trap 'exit 0' TERM; /habits default; true"), "ready", "forced|terminated|killed", nil, "forced", 137, "habits",
		"wait4"},
	{"", strings.Fields("uwsgi-core --master --http-socket 127.0.0.1:0"), "spawned uWSGI worker", "forced", []int{137}, "forced", 137,
		"uwsgi-core",
		"--die-on-term"},
	{"", strings.Fields("uwsgi-core --master --die-on-term --http-socket 127.0.0.1:0"), "spawned uWSGI worker", "graceful", nil,
		"graceful",
		0, "uwsgi-core", "--die-on-term"},
	{"--stop-signal QUIT", sh("sh", "cp /go-plain /tmp/supervisord; exec /tmp/supervisord"), "ready", "terminated", []int{2},
		"terminated", 2, "",
		"a Go program"},
}

func (f *front) endsByItself() bool { return f.observed == "exited" }

func (f *front) String() string {
	return strings.TrimSpace(f.flags + " " + strings.Join(f.command, " "))
}

// TestInits checks what predict reads in the arguments, the environment, the signal masks and the process groups of inits, supervisors
// and wrappers, against what a stop then does to each. All run side by side.
func TestInits(t *testing.T) {
	if lab() {
		t.Skip("haltscope-test/inits is not in the lab")
	}
	t.Parallel()
	names := make([]string, len(fronts))
	defer func() { dockerCmd(append([]string{"rm", "--force"}, names...)...).Run() }()
	var starts sync.WaitGroup
	failed := make([]error, len(fronts))
	for i := range fronts {
		names[i] = fmt.Sprintf("haltscope-front-%d-%d", os.Getpid(), i)
		if !fronts[i].endsByItself() {
			starts.Go(func() { failed[i] = fronts[i].start(names[i]) })
		}
	}
	starts.Wait()
	for i := range fronts { // last, so that they still run when they are looked at
		if fronts[i].endsByItself() {
			failed[i] = fronts[i].start(names[i])
		}
	}
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	time.Sleep(settles()) // some log nothing
	var before struct {
		Containers []struct {
			Name string
			Stop struct {
				predicted
				ExitCodes []int  `json:"exit_codes"`
				DecidedBy string `json:"decided_by"`
			}
			Unsignaled   []struct{ Name string }
			Consequences []struct{ Value string }
			Fix          []string
		}
	}
	readDocument(t, &before, append([]string{"predict"}, names...)...)
	var stopped actionReport
	readDocument(t, &stopped, append([]string{"stop"}, names...)...)
	if len(before.Containers) != len(fronts) || len(stopped.Containers) != len(fronts) {
		t.Fatalf("%d predicted, %d stopped, of %d", len(before.Containers), len(stopped.Containers), len(fronts))
	}
	for i := range fronts {
		f, c := &fronts[i], before.Containers[i]
		t.Run(strings.ReplaceAll(f.String(), "/", ""), func(t *testing.T) {
			said := fmt.Sprint(c.Stop.Because, c.Stop.DecidedBy, c.Consequences, c.Fix)
			if c.Stop.text() != f.outcome || f.codes != nil && !slices.Equal(c.Stop.ExitCodes, f.codes) || !strings.Contains(said, f.says) {
				t.Errorf("predicted %s, codes %v; wanted %s, %v, %q: %s", c.Stop.text(), c.Stop.ExitCodes, f.outcome, f.codes, f.says, said)
			}
			named := ""
			for _, p := range c.Unsignaled {
				named += p.Name + " "
			}
			if (named == "") != (f.untold == "") || !strings.Contains(named, f.untold) {
				t.Errorf("no signal for %q, wanted %q", named, f.untold)
			}
			stopped.check(t, i, f.observed, f.code)
		})
	}
}

// start runs a container, and waits until it has logged that it is ready.
func (f *front) start(name string) error {
	grace := "1"
	if f.observed != "forced" {
		grace = "60"
	}
	args := append([]string{"run", "--detach", "--name", name, "--stop-timeout", grace, "--network", "none"}, strings.Fields(f.flags)...)
	args = append(append(args, "haltscope-test/inits"), f.command...)
	if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
		return fmt.Errorf("docker %v: %w: %s", args, err, out)
	}
	if f.ready != "" {
		return logged(name, f.ready)
	}
	return nil
}
