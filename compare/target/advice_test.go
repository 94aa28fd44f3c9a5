package target

import (
	"strings"
	"testing"

	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
)

// TestFix checks that each change has a text, and what is to be pasted is in it.
func TestFix(t *testing.T) {
	type advice = prediction.Advice
	terminated := verdict.Terminated
	withInit, withExec := []prediction.Change{prediction.UseInit}, []prediction.Change{prediction.ExecForm}
	cases := []struct {
		advice advice
		want   string // a part of it
	}{
		{advice{Change: prediction.UseSignal, Why: prediction.EndsNothing, Signal: 15, Sent: "SIGCHLD", With: withInit, Ends: terminated},
			"SIGCHLD does not end a process by default: use another stop signal, STOPSIGNAL SIGTERM in the image, or `docker run --stop-signal " +
				"SIGTERM`, and run it under an init, `docker run --init`: the signal then ends it at once, and nothing is saved"},
		{advice{Change: prediction.UseSignal, Why: prediction.KnownToEnd, Signal: 37, Program: "systemd"}, "STOPSIGNAL SIGRTMIN+3"},
		{advice{Change: prediction.UseInit, Ends: terminated}, "`docker run --init` (in compose: `init: true`): the signal then ends it"},
		{advice{Change: prediction.DropOption, Program: "dumb-init", Option: "--rewrite", Sent: "SIGTERM"}, "remove --rewrite"},
		{advice{Change: prediction.ExecForm, Signal: 15, Command: "app"}, "start app in exec form, `CMD [\"program\"]`"},
		{advice{Change: prediction.ExecForm, Signal: 15, Command: "app", Scripts: []string{"run.sh"}}, "each script on the way (run.sh)"},
		{advice{Change: prediction.TrapForm, Signal: 37}, "program & trap 'kill -TERM $!; wait $!; exit $?' 37; wait $!"},
		{advice{Change: prediction.TrapForm, Signal: 3, Why: prediction.TrapWaits, Command: "app"}, "only after app, its foreground command"},
		{advice{Change: prediction.TrapLoop, Signal: 15}, "`trap 'kill $!; wait; exit 0' TERM` at its start"},
		{advice{Change: prediction.TrapExit, Signal: 15}, "trap 'kill -TERM $!; wait $!; exit $?' TERM"},
		{advice{Change: prediction.LookAgain, Program: "sh", Command: "sleep"}, "waits for sleep: it may yet start another program; look again"},
		{advice{Change: prediction.Handle, Signal: 15, Program: "app"}, "handle SIGTERM in app"},
		{advice{Change: prediction.Handle, Signal: 15, Runtime: "go"}, "signal.NotifyContext(ctx, syscall.SIGTERM)"},
		{advice{Change: prediction.Handle, Signal: 15, Runtime: "node"}, "process.on('SIGTERM'"},
		{advice{Change: prediction.Handle, Signal: 15, Runtime: "python", With: withExec}, "sys.exit(0))`; and start it in exec form"},
		{advice{Change: prediction.EndInHandler, Signal: 15}, "end the program in the handler"},
		{advice{Change: prediction.Unblock, Signal: 15}, "unblock the signal"},
		{advice{Change: prediction.Continue, Program: "app"}, "docker kill --signal CONT web"},
		{advice{Change: prediction.Detach, Program: "app"}, "detach the tracer"},
		{advice{Change: prediction.MoreGrace, Signal: 15}, "docker stop -t SECONDS"},
		{advice{Change: prediction.MoreCPU, Signal: 15, CPUs: 0.01}, "only 0.01 CPUs: allow more, `docker update --cpus 1 web`"},
		{advice{Change: prediction.MoreCPU, Throttle: 4.8e9, Grace: 5e9}, "from running for 4.80 s of 5.00 s"},
		{advice{Change: prediction.MoreTasks, Signal: 15}, "docker update --pids-limit NUMBER web"},
		{advice{Change: prediction.MoreHigh, Signal: 15, Paste: "echo max > /cg/memory.high"}, "handler down: `echo max > /cg/memory.high`"},
		{advice{Change: prediction.Reap, Program: "app", Count: 19, Why: prediction.ForAdopted}, "its 19 ended children"},
		{advice{Change: prediction.Thaw, Program: "app", Paste: "echo 0 > /cg/cgroup.freeze"},
			"while it is frozen: `echo 0 > /cg/cgroup.freeze`"},
		{advice{Change: prediction.FirstThread, Program: "app"}, "have app end its first thread last"},
		{advice{Change: prediction.HostKill, Paste: "kill -TERM 42"}, "from the host does: `kill -TERM 42`"},
		{advice{Change: prediction.AddOption, Signal: 15, Program: "uwsgi", Option: "--die-on-term"}, "add --die-on-term to its arguments"},
		{advice{Change: prediction.DropOption, Why: prediction.ChildOnly, Program: "dumb-init", Option: "-c"}, "remove -c from its arguments"},
		{advice{Change: prediction.NoWrapper, Program: "app", Wrapper: "su"}, "start app without su"},
		{advice{Change: prediction.NoWrapper, Program: "app", Wrapper: "flock", With: []prediction.Change{prediction.UseInit}},
			"start app without flock in front of it, and run it under an init, `docker run --init`"},
		{advice{Change: prediction.Handle, Signal: 15, Program: "app", Wrapper: "su"}, "in app (what su, in front of it,"},
		{advice{Change: prediction.AddCapability, Program: "openrc-init", Option: "SYS_BOOT"}, "docker run --cap-add SYS_BOOT"},
		{advice{Change: prediction.KillLater, Program: "app"}, "wait until it has ended"},
		{advice{Change: prediction.StopServices}, "sv -w 60 force-stop DIR/*"},
		{advice{Change: prediction.EndChildren, Why: prediction.Apart}, "setsid"},
		{advice{Change: prediction.ExitCode, Why: prediction.Failed}, "have it return 0"},
		{advice{Change: prediction.EndChildren}, "end its children, and wait for them"},
		{advice{Change: prediction.MoreMemory}, "docker run --memory"},
		{advice{Change: prediction.EndSooner}, "--within"},
		{advice{Change: prediction.SaveRecords}, "write buffered records"},
		{advice{Change: prediction.ExitCode}, "--exit-code"},
	}
	tested := map[prediction.Change]bool{}
	for _, c := range cases {
		tested[c.advice.Change] = true
		all := Fix([]advice{c.advice}, "web", "look again")
		if len(all) != 1 || !strings.Contains(all[0], c.want) || strings.Contains(all[0], "%!") {
			t.Errorf("%s: %q, wanted %q", c.advice.Change, all, c.want)
		}
	}
	for _, change := range prediction.Changes() {
		if !tested[change] {
			t.Errorf("no text of %s is tested", change)
		}
	}
}

// TestTrapName checks that a trap names signals as dash, bash, busybox and mksh all take them.
func TestTrapName(t *testing.T) {
	for want, s := range map[string]prediction.Advice{"TERM": {Signal: 15}, "37": {Signal: 37}, "16": {Signal: 16}, "29": {Signal: 29}} {
		if got := trapName(s.Signal); got != want {
			t.Errorf("signal %d: %s, wanted %s", s.Signal, got, want)
		}
	}
}

// TestFixAndWarn checks that to look again is no fix.
func TestFixAndWarn(t *testing.T) {
	all := []prediction.Advice{{Change: prediction.Handle, Signal: 15, Program: "cat"},
		{Change: prediction.LookAgain, Program: "sh", Command: "cat"}}
	fix, warnings := FixAndWarn(all, "web", LookAgain("web"))
	if len(fix) != 1 || !strings.HasPrefix(fix[0], "handle SIGTERM in cat") || len(warnings) != 1 ||
		!strings.HasSuffix(warnings[0], "look again later, `haltscope predict web`") {
		t.Errorf("fix %q, warnings %q", fix, warnings)
	}
	if fix, warnings = FixAndWarn(nil, "web", ""); fix == nil || warnings == nil || len(fix)+len(warnings) != 0 || len(all) != 2 {
		t.Errorf("fix %q, warnings %q", fix, warnings)
	}
}
