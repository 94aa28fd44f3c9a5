package acceptance

import (
	"regexp"

	rules "haltscope/compare/rules/prediction"
)

const nginx = "haltscope-test/nginx"

// remedies are tried together.
var remedies = []remedy{
	// Another stop signal.
	{flags: "--stop-signal CHLD --init", command: words("/habits default"), change: rules.UseSignal, promise: "terminated",
		verdict: "terminated"},
	{flags: "--stop-signal CONT", command: words("/habits default"), change: rules.UseSignal, promise: "terminated", verdict: "terminated"},
	{flags: "--stop-signal WINCH", command: words("/habits handles"), change: rules.UseSignal, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal KILL", command: words("/habits handles"), change: rules.UseSignal, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal KILL", command: words("/habits default"), change: rules.UseSignal, promise: "terminated", verdict: "terminated"},
	{flags: "--stop-signal STOP", command: words("/habits handles"), change: rules.UseSignal, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal 99", command: words("/habits handles"), change: rules.UseSignal, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal ABRT --init", command: words("/habits handles"), change: rules.UseSignal, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal HUP", image: nginx, change: rules.UseSignal, promise: "graceful", verdict: "graceful"},
	{command: []string{"python3", "-c", "import signal, sys, time; signal.signal(signal.SIGQUIT, signal.SIG_IGN); " +
		"signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); time.sleep(3600)"}, flags: "--stop-signal QUIT", change: rules.UseSignal,
		promise: "graceful", verdict: "graceful"},
	{flags: "--interactive --tty", command: words("bash"), change: rules.UseSignal, promise: "graceful", verdict: "graceful"},
	{flags: "--interactive --tty", command: words("dash"), change: rules.UseSignal, promise: "terminated", verdict: "terminated"},
	{flags: "--interactive --tty", command: words("busybox sh"), change: rules.UseSignal, promise: "terminated", verdict: "terminated"},

	// The init.
	{command: words("/habits default"), change: rules.UseInit, promise: "terminated", verdict: "terminated"},
	{command: words("sleep 3600"), change: rules.UseInit, promise: "terminated", verdict: "terminated"},
	{command: words("tail -f /dev/null"), change: rules.UseInit, promise: "terminated", verdict: "terminated"},
	{command: words("python3 /plain.py"), change: rules.UseInit, promise: "terminated", verdict: "terminated"},
	{command: words("dumb-init --rewrite 15:3 /habits handles"), change: rules.DropOption, promise: "graceful", verdict: "graceful"},
	{command: words("dumb-init --rewrite 15:0 /habits handles"), change: rules.DropOption, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal HUP", command: script("sh", "mkdir /s; exec s6-svscan /s"), change: rules.UseSignal, promise: "graceful",
		verdict: "graceful"},
	{command: script("sh", service+"exec runsvdir /s"), program: words("runsvdir /s"), change: rules.StopServices, promise: "graceful",
		verdict: "graceful"},
	{command: words("uwsgi-core --master --http-socket 127.0.0.1:0"), change: rules.AddOption, promise: "graceful", verdict: "graceful"},
	{command: words("uwsgi-core --master --http-socket 127.0.0.1:0"), change: rules.UseSignal, promise: "graceful", verdict: "graceful"},
	{command: words("flock /tmp/lock /habits handles"), program: words("/habits handles"), change: rules.NoWrapper, promise: "graceful",
		verdict: "graceful"},
	{command: words("setsid --wait /habits default"), program: words("/habits default"), change: rules.NoWrapper, promise: "terminated",
		verdict: "terminated"},
	{command: words("runuser -u nobody -- /habits slow"), program: words("/habits slow"), change: rules.NoWrapper, stopped: true,
		promise: "graceful", verdict: "graceful"},

	// A shell in front of the program.
	{command: script("sh", "/habits handles; true"), program: words("/habits handles"), change: rules.ExecForm, promise: "graceful",
		verdict: "graceful"},
	{flags: "--init", command: script("sh", "/habits handles; true"), program: words("/habits handles"), change: rules.ExecForm,
		promise: "graceful", verdict: "graceful"},
	{command: script("bash", "sh -c '/habits handles; true'; true"), program: words("/habits handles"), change: rules.ExecForm,
		promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal QUIT", command: script("sh", "python3 /plain.py; true"), program: words("python3 /plain.py"),
		change: rules.ExecForm, promise: "terminated", verdict: "terminated"},
	{command: script("sh", "/go-plain; true"), program: words("/go-plain"), change: rules.ExecForm, promise: "terminated",
		verdict: "terminated"},
	{command: script("bash", "trap 'exit 0' TERM; /habits handles; true"), program: words("/habits handles"), change: rules.ExecForm,
		stopped: true, promise: "graceful", verdict: "graceful"},

	// Its trap, for each shell. A background job ignores INT and QUIT.
	{command: script("dash", "/habits handles; true"), program: words("/habits handles"), change: rules.TrapForm, promise: "graceful",
		verdict: "graceful"},
	{command: script("bash", "/habits handles; true"), program: words("/habits handles"), change: rules.TrapForm, promise: "graceful",
		verdict: "graceful"},
	{command: script("busybox sh", "/habits slow; true"), program: words("/habits slow"), change: rules.TrapForm, promise: "graceful",
		verdict: "graceful"},
	{flags: "--init", command: script("dash", "/habits slow; true"), program: words("/habits slow"), change: rules.TrapForm,
		promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal QUIT", command: script("dash", "python3 /handles.py; true"), program: words("python3 /handles.py"),
		change: rules.TrapForm, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal QUIT", command: script("bash", "/habits handles; true"), program: words("/habits handles"),
		change: rules.TrapForm, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal INT", command: script("busybox sh", "/habits handles; true"), program: words("/habits handles"),
		change: rules.TrapForm, stopped: true, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal INT", command: script("dash", "/habits handles; true"), program: words("/habits handles"),
		change: rules.TrapForm, stopped: true, promise: "graceful", verdict: "graceful"},
	{flags: "--stop-signal RTMIN+3", command: script("busybox sh", "/habits handles; true"), program: words("/habits handles"),
		change: rules.TrapForm, promise: "forced", verdict: "graceful"},
	{flags: "--stop-signal RTMIN+3", command: script("dash", "/habits handles; true"), program: words("/habits handles"),
		change: rules.TrapForm, promise: "forced", verdict: "graceful"},
	{command: script("bash", "trap 'exit 0' TERM; /habits handles; true"), program: words("/habits handles"), change: rules.TrapForm,
		stopped: true, promise: "graceful", verdict: "graceful"},
	{command: script("dash", "while :; do sleep 3600; done"), program: words("sleep 3600"), change: rules.TrapLoop, promise: "graceful",
		verdict: "graceful"},
	{command: script("dash", "/habits handles & trap 'echo got' TERM; while :; do wait; done"), change: rules.TrapExit, stopped: true,
		promise: "graceful", verdict: "graceful"},
	{command: script("bash", "/habits handles & trap 'echo got' TERM; while :; do wait; done"), change: rules.TrapExit, stopped: true,
		promise: "graceful", verdict: "graceful"},
	{command: script("busybox sh", "/habits slow & trap 'echo got' TERM; while :; do wait; done"), change: rules.TrapExit, stopped: true,
		promise: "graceful", verdict: "graceful"},

	// The program.
	{command: words("python3 /plain.py"), change: rules.Handle, promise: "graceful", verdict: "graceful"},
	{command: words("/go-plain"), changed: words("/go-notify"), change: rules.Handle, promise: "graceful", verdict: "graceful"},
	{command: words("/habits default"), changed: words("/habits handles"), change: rules.Handle, promise: "graceful", verdict: "graceful"},
	{command: words("/habits ignores"), changed: words("/habits handles"), change: rules.Handle, promise: "graceful", verdict: "graceful"},
	{flags: "--init", command: script("dash", "/habits default; true"), changed: words("/habits handles"), change: rules.Handle,
		promise: "graceful", verdict: "graceful"},
	{command: words("/habits blocks"), changed: words("/habits sigwait"), change: rules.Unblock, promise: "graceful", verdict: "graceful"},
	{command: words("/habits outlives"), changed: words("/habits handles"), change: rules.EndInHandler, stopped: true, promise: "graceful",
		verdict: "graceful"},
	{flags: "--init", command: words("/habits stopped"), change: rules.Continue, promise: "graceful", verdict: "graceful"},

	{command: words("timeout -k 1 600 /habits ignores"), changed: words("timeout -k 60 600 /habits handles"), change: rules.Handle,
		promise: "graceful", verdict: "graceful"},
	{command: script("sh", "/habits default & trap 'kill $!' TERM; wait $!"), change: rules.Handle, stopped: true,
		changed: script("sh", "/habits handles & trap 'kill $!' TERM; wait $!; wait $!"), promise: "graceful", verdict: "graceful"},

	// Time, and what makes it slow.
	{command: words("/habits slow 20"), change: rules.MoreGrace, stopped: true, promise: "graceful", verdict: "graceful"},
	{flags: "--cpus 0.05", command: words("/habits burn 1000"), change: rules.MoreCPU, stopped: true,
		promise: "graceful", verdict: "graceful"},
	{flags: "--pids-limit 20", command: words("/habits noreap"), change: rules.MoreTasks, promise: "graceful", verdict: "graceful"},
	{flags: "--pids-limit 20", command: []string{"python3", "-c", forks("pass")},
		changed: []string{"python3", "-c", forks("os.waitpid(p, 0)")},
		change:  rules.Reap, promise: "graceful", verdict: "graceful"},
}

// service makes a service of runit that needs 3 s to end.
const service = "mkdir -p /s/a; printf '#!/bin/sh\\nexec /habits slow\\n' >/s/a/run; chmod +x /s/a/run; "

// forks is a program of Python that starts 30 processes, then does something with each, and starts another one in its handler.
func forks(then string) string {
	return "import os, signal, sys, time\ndef start():\n p = os.fork()\n if p == 0: os._exit(0)\n " + then + "\n" +
		"def handle(*_):\n start()\n sys.exit(0)\nsignal.signal(signal.SIGTERM, handle)\n" +
		"try:\n for _ in range(30): start()\nexcept BlockingIOError: pass\nwhile True: time.sleep(1)"
}

// adviceElsewhere says why advice is not in these tables, or which test applies it.
var adviceElsewhere = map[rules.Change]string{
	rules.MoreHigh:      "the story freezer pastes it: cgroup v1 has no memory.high",
	rules.HostKill:      "TestHostAdviceWorks",
	rules.Thaw:          "TestHostAdviceWorks",
	rules.Detach:        "TestDetachAdviceWorks",
	rules.LookAgain:     "TestLookAgainAdviceWorks",
	rules.SaveRecords:   "only the embedded workload counts records, and it saves them whenever it handles the signal",
	rules.AddCapability: "openrc-init is in no image",
}

// checkRemedies are checks that fail, what they advise, and the checks that follow that.
var checkRemedies = []struct {
	change        rules.Change
	before, after []string
	line          *regexp.Regexp
	waitStatus    bool // only kernels that report it show this
}{
	{rules.EndChildren, words("haltscope-test/inits --ready-log ready --no-orphans -- /habits family"),
		words("haltscope-test/inits --ready-log ready --no-orphans -- /habits tells"),
		regexp.MustCompile(`end its children, and wait for them`), true},
	{rules.MoreMemory, append(words("haltscope-test/busybox --memory 32MiB --ready-log ready --no-sigkill -- sh -c"), greedy),
		append(words("haltscope-test/busybox --memory 256MiB --ready-log ready --no-sigkill -- sh -c"), greedy),
		regexp.MustCompile(`allow more memory \(.docker run --memory.\)`), false},
	{rules.EndSooner, words("haltscope-test/inits --ready-log ready --within 1s -- /habits slow"),
		words("haltscope-test/inits --ready-log ready --within 60s -- /habits slow"), regexp.MustCompile(`allow more time: --within`), false},
	{rules.ExitCode, words("haltscope-test/inits --ready-log ready -- python3 /fails.py"),
		words("haltscope-test/inits --ready-log ready -- python3 /handles.py"), regexp.MustCompile(`have it return 0 after its shutdown`), false},
	{rules.FirstThread, words("haltscope-test/inits --ready-log ready --ready-after 2s --grace 1s -- /habits leader"),
		words("haltscope-test/inits --ready-log ready --ready-after 0s -- /habits handles"),
		regexp.MustCompile(`have habits end its first thread last`), false},
	{rules.KillLater, append(words("haltscope-test/inits --ready-log ready --no-sigkill -- python3 -c"), ends("kill")),
		append(words("haltscope-test/inits --ready-log ready --no-sigkill -- python3 -c"), ends("wait")),
		regexp.MustCompile(`have what sends SIGKILL to sleep wait until it has ended`), true},
	{rules.ExitCode, words("haltscope-test/inits --ready-log ready --exit-code 1 -- /habits handles"),
		words("haltscope-test/inits --ready-log ready --exit-code 0 -- /habits handles"),
		regexp.MustCompile(`expect this one: --exit-code`), false},
}

// ends is a program of Python that ends its child by SIGKILL, or waits for its end. It then runs on for a moment, so that its own end
// is no reason for the child's.
func ends(how string) string {
	end := "child.kill()"
	if how == "wait" {
		end = "child.terminate()"
	}
	return "import signal, subprocess, sys, time\nchild = subprocess.Popen(['sleep', '1000'])\n" +
		"def handle(*_):\n " + end + "\n child.wait()\n time.sleep(0.5)\n sys.exit(0)\n" +
		"signal.signal(signal.SIGTERM, handle)\nprint('ready', flush=True)\nwhile True: signal.pause()"
}

// greedy needs 64 MiB for its shutdown.
const greedy = `trap 'kill $!; head -c 64m /dev/zero | tail -c 64m >/dev/null; exit 0' TERM; echo ready; ` +
	"while :; do sleep 1 & wait $!; done"
