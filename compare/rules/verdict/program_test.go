package verdict

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const second = time.Second

// The processes of a container: 42 is the first.
func process(pid, parent int, name string) Process {
	return Process{PID: pid, Parent: parent, Name: name}
}

// waits makes a process one that does nothing but wait for its children.
func (p Process) waits() Process { p.Waits = "waits for its children in wait4"; return p }

func (p Process) forked() Process   { p.Forked = true; return p }
func (p Process) idle() Process     { p.Idle = true; return p }
func (p Process) born() Process     { p.Born = true; return p }
func (p Process) injected() Process { p.Injected = true; return p }

// catches makes a process one that catches SIGTERM.
func (p Process) catches() Process {
	p.Target, p.Caught = &SignalTarget{PID: p.PID, Name: p.Name, Caught: true}, []unix.Signal{15}
	return p
}

// defaults makes a process one that leaves SIGTERM to its default action.
func (p Process) defaults() Process {
	p.Target = &SignalTarget{PID: p.PID, Name: p.Name}
	return p
}

// ignores makes a process one that ignores SIGTERM.
func (p Process) ignores() Process {
	p.Target = &SignalTarget{PID: p.PID, Name: p.Name, Ignored: true}
	return p
}

// ended makes a process one that ended, while the first process was running.
func (p Process) ended(after time.Duration, how *unix.WaitStatus) Process {
	p.EndedAt, p.Wait, p.BeforeFirst = &after, how, true
	return p
}

// swept makes a process one that ended as the first process was ending.
func (p Process) swept(after time.Duration, how *unix.WaitStatus) Process {
	p = p.ended(after, how)
	p.BeforeFirst = false
	return p
}

func TestPrograms(t *testing.T) {
	for _, c := range []struct {
		name string
		all  []Process
		want string // each program after the wrappers in front of it
	}{
		{"one process", []Process{process(42, 0, "nginx")}, "nginx"},
		{"it waits, and has no child", []Process{process(42, 0, "sh").waits()}, "sh"},
		{"a wrapper", []Process{process(42, 0, "timeout").waits(), process(50, 42, "app")}, "timeout/app"},
		{"it may do more than to wait", []Process{process(42, 0, "gitea"), process(50, 42, "git")}, "gitea"},
		{"a wrapper under a wrapper", []Process{process(42, 0, "su").waits(), process(50, 42, "sh").waits(), process(51, 50, "app")},
			"su/sh/app"},
		{"a copy of the wrapper that waits as well: sudo", []Process{process(42, 0, "sudo").waits(), process(50, 42, "sudo").waits().forked(),
			process(51, 50, "app")}, "sudo/app"},
		{"a master and its workers", []Process{process(42, 0, "nginx").waits(), process(50, 42, "nginx").forked(),
			process(51, 42, "nginx").forked()}, "nginx"},
		{"a worker, and a helper of another program: apache and rotatelogs", []Process{process(42, 0, "apache2").waits(),
			process(50, 42, "apache2").forked(), process(51, 42, "rotatelogs")}, "apache2"},
		{"workers of the program under a wrapper", []Process{process(42, 0, "sudo").waits(), process(50, 42, "nginx").waits(),
			process(51, 50, "nginx").forked()}, "sudo/nginx"},
		{"several programs", []Process{process(42, 0, "supervisord").waits(), process(50, 42, "a"), process(51, 42, "b")},
			"supervisord/a supervisord/b"},
		{"a script that sleeps", []Process{process(42, 0, "sh").waits(), process(50, 42, "sleep").idle()}, "sh"},
		{"a program and a tail", []Process{process(42, 0, "sh").waits(), process(50, 42, "app"), process(51, 42, "tail").idle()}, "sh/app"},
		{"what the trap starts is no program", []Process{process(42, 0, "sh").waits(), process(50, 42, "cp").born()}, "sh"},
		{"docker exec", []Process{process(42, 0, "sh").waits(), process(50, 0, "curl").injected()}, "sh"},
		{"a circle, as a PID that was reused may make", []Process{process(42, 50, "sh").waits(), process(50, 42, "sh").waits()}, "sh/sh"},
		{"a circle of copies", []Process{process(42, 50, "sh").waits().forked(), process(50, 42, "sh").waits().forked()}, "sh"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, p := range (&Ends{All: c.all}).Programs(42) {
				text := ""
				for _, u := range p.Under {
					text += u.Name + "/"
				}
				got = append(got, text+p.Name)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	if got := (&Ends{}).Programs(42); got != nil {
		t.Errorf("of an unknown process: %v", got)
	}
}

// The trap of a shell sends its program SIGTERM in place of the stop signal, which a background job may ignore.
func TestJudgeUnderTrap(t *testing.T) {
	shell := process(42, 0, "sh").waits()
	app := process(50, 42, "app").ignores()
	app.Caught = []unix.Signal{15}
	for name, c := range map[string]struct {
		app  Process
		code int
		trap bool
		want Kind
	}{
		"it handled SIGTERM":               {app.ended(second, returned(0)), 0, true, Graceful},
		"it returned 143":                  {app.ended(second, returned(143)), 143, true, Graceful},
		"it failed":                        {app.ended(second, returned(1)), 1, true, FailedStopping},
		"the shell has no trap":            {app.ended(second, returned(0)), 0, false, Exited},
		"the program has no handler of it": {process(50, 42, "app").ignores().ended(second, returned(0)), 0, true, Exited},
	} {
		f := stop(Facts{Events: kills(3), State: exited(c.code), Wait: returned(c.code), Ends: &Ends{All: []Process{shell, c.app}},
			Target: &SignalTarget{PID: 42, Name: "sh", NamespaceInit: true, Caught: c.trap, Ignored: !c.trap}})
		f.Signal = 3
		if v := Judge(f); v.Kind != c.want {
			t.Errorf("%s: %s, want %s; because %v", name, v.Kind, c.want, v.Because)
		}
	}
}

// What an init starts again and again has no part in the stop if it returned 0 before Docker's event of the signal. Docker sends that
// after the signal: a failure, and the end of a program with a handler, count.
func TestJudgeEndedBefore(t *testing.T) {
	first, app := process(42, 0, "busybox").waits(), process(50, 42, "sh")
	for name, c := range map[string]struct {
		app    Process
		signal unix.Signal
		want   Kind
		of     string
	}{
		"it ended while it was read":                 {app.ended(second/10, returned(0)), 15, Graceful, "busybox"},
		"it ended before the event":                  {app.defaults().ended(second/10, returned(0)), 15, Graceful, "busybox"},
		"it returned after the event":                {app.defaults().ended(second, returned(0)), 15, Inconclusive, "sh"},
		"it failed, as its input may have made it":   {app.defaults().ended(second/10, returned(1)), 15, Inconclusive, "sh"},
		"its handler was quick, and failed":          {app.catches().ended(second/10, returned(1)), 15, FailedStopping, "sh"},
		"its handler was quick":                      {app.catches().ended(second/10, returned(0)), 15, Graceful, "sh"},
		"its handler of SIGTERM was quick":           {app.catches().ended(second/10, returned(0)), 3, Graceful, "sh"},
		"its handler of SIGTERM failed":              {app.catches().ended(second/10, returned(1)), 3, FailedStopping, "sh"},
		"the signal ended it, before the late event": {app.defaults().ended(second/10, byKill(15)), 15, Terminated, "sh"},
	} {
		f := stop(Facts{Events: []Event{{Action: "kill", Signal: c.signal, At: second / 5}}, State: exited(0), Wait: returned(0),
			Target: &SignalTarget{PID: 42, Name: "busybox", NamespaceInit: true, Caught: true}, Ends: &Ends{All: []Process{first, c.app}}})
		f.Signal = c.signal
		if v := Judge(f); v.Kind != c.want || v.Of != c.of {
			t.Errorf("%s: %s of %s, want %s of %s; because %v", name, v.Kind, v.Of, c.want, c.of, v.Because)
		}
	}
}

// The first process is a wrapper, which catches the signal and ends by itself; what counts is the program under it.
func TestJudgeUnderWrapper(t *testing.T) {
	wrapper := &SignalTarget{PID: 42, Name: "timeout", NamespaceInit: true, Caught: true}
	deafWrapper := &SignalTarget{PID: 42, Name: "sh", Init: "dumb-init", Ignored: true}
	first := process(42, 0, "timeout").waits()
	app := process(50, 42, "app")
	for _, c := range []struct {
		name      string
		target    *SignalTarget
		code      int // the container's
		oomKills  uint64
		fine      []int
		processes []Process
		want      Kind
		of, under string
		because   string
		doubt     string
		other     unix.Signal
	}{
		{name: "the default action ended it", code: 143, processes: []Process{first, app.defaults().ended(second, byKill(15))},
			want: Terminated, of: "app", under: "timeout", because: "app (under timeout) does not catch signal 15"},
		{name: "it handled the signal", code: 143, processes: []Process{first, app.catches().ended(second, returned(0))},
			want: Graceful, of: "app", under: "timeout", because: "app (under timeout) catches signal 15"},
		{name: "it handled the signal, and raised it again", code: 143, processes: []Process{first, app.catches().ended(second, byKill(15))},
			want: Graceful, of: "app"},
		{name: "its handler failed, and the wrapper hides that", code: 0, processes: []Process{first, app.catches().ended(second, returned(1))},
			want: FailedStopping, of: "app", under: "timeout", because: "exit code 1 is a failure"},
		{name: "its handler failed with a code that is fine", code: 7, fine: []int{7},
			processes: []Process{first, app.catches().ended(second, returned(7))}, want: Graceful, of: "app"},
		{name: "it ended gracefully, and the wrapper fails", code: 1, processes: []Process{first, app.catches().ended(second, returned(0))},
			want: FailedStopping, of: "timeout", because: "exit code 1 is a failure; 0 or 143"},
		{name: "the wrapper killed it", code: 143, processes: []Process{first, app.catches().ended(2*second, byKill(9))},
			want: Killed, of: "app", under: "timeout",
			because: "SIGKILL ended app (process 50, under timeout) 2.00 s after SIGTERM, while the first process was still running"},
		{name: "it was left when the wrapper ended", code: 0, processes: []Process{first, app.catches().swept(2*second, byKill(9))},
			want: Killed, of: "app", because: "as the first process was ending"},
		{name: "the OOM killer", code: 137, oomKills: 1, processes: []Process{first, app.catches().ended(second, byKill(9))}, want: OOMKilled,
			of: "app"},
		{name: "it crashed in its handler", code: 139, processes: []Process{first, app.catches().ended(second, byKill(11))}, want: Crashed,
			of: "app", because: "app was ended by signal 11"},
		{name: "the wrapper's terminal hung up on it", code: 0, processes: []Process{first, app.defaults().ended(second, byKill(1))},
			want: Terminated, of: "app", because: "does not catch signal 1, whose default action ended it; Docker sent signal 15"},
		{name: "the wrapper's terminal hung up on it while it handled the signal", code: 0,
			processes: []Process{first, app.catches().ended(second, byKill(1))}, want: Terminated, of: "app", other: 1,
			because: "does not catch signal 1, whose default action ended it; Docker sent signal 15"},
		{name: "it ended for another reason", code: 0, processes: []Process{first, app.defaults().ended(second, returned(0))},
			want: Inconclusive, of: "app"},
		{name: "nobody says how it ended", code: 143, processes: []Process{first, app.catches().ended(second, nil)},
			want: Inconclusive, of: "app", because: "SIGTERM"},
		{name: "it had not ended", code: 143, processes: []Process{first, app.catches()}, want: Inconclusive, of: "app"},
		{name: "the worst of several counts", code: 0, processes: []Process{first, process(51, 42, "a").catches().ended(second, returned(0)),
			process(52, 42, "b").defaults().ended(second, byKill(15)), process(53, 42, "c").catches().ended(second, returned(1))},
			want: Terminated, of: "b"},
		{name: "it may be a wrapper", code: 0, processes: []Process{process(42, 0, "timeout"), app.defaults().ended(second, byKill(15))},
			want: Graceful, of: "timeout", doubt: "a wrapper of app (process 50), which signal 15 ended",
			because: "app, which timeout had started, was ended by signal 15"},
		{name: "it has a worker that ended by the signal", processes: []Process{process(42, 0, "timeout"),
			process(51, 42, "timeout").forked().ended(second, byKill(15))}, want: Graceful, of: "timeout"},
		{name: "it may be a wrapper, and has a worker after the program", processes: []Process{process(42, 0, "timeout"),
			app.defaults().ended(second, byKill(15)), process(51, 42, "timeout").forked().ended(second, byKill(15))}, want: Graceful,
			of: "timeout", doubt: "a wrapper of app (process 50), which signal 15 ended"},
		{name: "it may be a wrapper, and has a worker before the program", processes: []Process{process(42, 0, "timeout"),
			process(49, 42, "timeout").forked().ended(second, byKill(15)), app.defaults().ended(second, byKill(15))}, want: Graceful,
			of: "timeout", doubt: "a wrapper of app (process 50), which signal 15 ended"},
		{name: "it may be a wrapper of two, and the first handled the signal", processes: []Process{process(42, 0, "timeout"),
			process(49, 42, "a").catches().ended(second, returned(0)), app.defaults().ended(second, byKill(15))}, want: Graceful,
			of: "timeout", doubt: "a wrapper of app (process 50), which signal 15 ended"},
		{name: "it may be a wrapper, and a copy of it waits for the program", processes: []Process{process(42, 0, "timeout"),
			process(49, 42, "timeout").waits().forked().ended(second, byKill(15)), process(50, 49, "app").defaults().swept(second, byKill(9))},
			want: Graceful, of: "timeout", doubt: "a wrapper of app (process 50), which signal 9 ended"},
		{name: "it may be a wrapper, and nobody says how the program ended", processes: []Process{process(42, 0, "timeout"),
			app.catches().ended(second, nil)}, want: Graceful, of: "timeout",
			doubt:   "whether timeout is the program, or a wrapper of app (process 50): how that ended is not known",
			because: "how app, which timeout had started, ended is not known: the kernel did not report it"},
		{name: "it may be a wrapper, and the program had not ended", processes: []Process{process(42, 0, "timeout"), app.catches()},
			want: Graceful, of: "timeout", doubt: "a wrapper of app (process 50): how that ended is not known",
			because: "it had not ended when timeout had"},
		{name: "one of two is unknown, and a signal ended the other", processes: []Process{process(42, 0, "timeout"),
			process(49, 42, "a").catches().ended(second, nil), app.defaults().ended(second, byKill(15))}, want: Graceful,
			of: "timeout", doubt: "a wrapper of app (process 50), which signal 15 ended"},
		{name: "nobody says how what is no program ended", processes: []Process{process(42, 0, "timeout"),
			process(49, 42, "sleep").idle().ended(second, nil), process(50, 42, "cp").born().ended(second, nil),
			process(51, 42, "timeout").forked().ended(second, nil)}, want: Graceful, of: "timeout"},
		{name: "it may be a wrapper, and the other handled the signal", processes: []Process{process(42, 0, "timeout"),
			app.catches().ended(second, byKill(15))}, want: Graceful, of: "timeout"},
		{name: "it may be a wrapper, and hides that one of its programs fails", processes: []Process{process(42, 0, "timeout"),
			process(51, 42, "a").catches().ended(second, returned(0)), app.catches().ended(second, returned(3))}, want: Graceful,
			of: "timeout", doubt: "a wrapper of app (process 50), which handled the signal and returned 3",
			because: "app, which timeout had started and which catches signal 15, returned 3"},
		{name: "what it had started returns a code that is fine", fine: []int{0, 3}, processes: []Process{process(42, 0, "timeout"),
			app.catches().ended(second, returned(3))}, want: Graceful, of: "timeout"},
		{name: "a worker fails", processes: []Process{process(42, 0, "timeout"), app.catches().forked().ended(second, returned(3))},
			want: Graceful, of: "timeout"},
		{name: "the init signals the whole session, and the shell in it ignores the signal", target: deafWrapper, code: 0,
			processes: []Process{process(1, 0, "dumb-init").waits(), process(42, 1, "sh").waits(), app.catches().ended(second, returned(0))},
			want:      Graceful, of: "app", under: "dumb-init, sh",
			because: "app (under dumb-init, sh) catches"},
		{name: "the same, and the program ignores it as well", target: deafWrapper, code: 0,
			processes: []Process{process(1, 0, "dumb-init").waits(), process(42, 1, "sh").waits(), app.ignores().ended(second, returned(0))},
			want:      Exited, of: "app"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := stop(Facts{Events: kills(15), State: exited(c.code), Target: wrapper, Wait: returned(c.code), FineCodes: c.fine,
				OOMKills: &c.oomKills, Ends: &Ends{All: c.processes}})
			if c.target != nil {
				f.Target = c.target
			}
			v := Judge(f)
			if v.Kind != c.want || v.Of != c.of || c.under != "" && v.Wrappers() != c.under {
				t.Fatalf("%s of %q under %q, want %s of %q; because %v", v.Kind, v.Of, v.Under, c.want, c.of, v.Because)
			}
			if v.OtherSignal != c.other {
				t.Errorf("signal %d ended it, want %d", v.OtherSignal, c.other)
			}
			if (v.Doubt == "") != (c.doubt == "") || !strings.Contains(v.Doubt, c.doubt) {
				t.Errorf("doubt: %q, want %q", v.Doubt, c.doubt)
			}
			if v.Kind == Inconclusive && !strings.Contains(v.Missing, "app") && !strings.Contains(v.Missing, "handler") {
				t.Errorf("missing: %q", v.Missing)
			}
			if c.because != "" && v.Kind != Inconclusive {
				says(t, v, c.because)
			}
		})
	}
}

// An init's exit code does not say how its child ended; the child's own wait status does.
func TestJudgeUnderInit(t *testing.T) {
	target := &SignalTarget{PID: 43, Name: "app", Init: "tini"}
	handles := &SignalTarget{PID: 43, Name: "app", Init: "tini", Caught: true}
	rewritten := &SignalTarget{PID: 43, Name: "app", Init: "dumb-init", Delivered: 2}
	gopher := &SignalTarget{PID: 43, Name: "app", Init: "tini", Caught: true, CatchesAll: true}
	for _, c := range []struct {
		name   string
		target *SignalTarget
		code   int // the container's
		child  *unix.WaitStatus
		want   Kind
	}{
		{"tini -e 143, and the default action", target, 0, byKill(15), Terminated},
		{"137 is the program's own", handles, 137, returned(137), FailedStopping},
		{"137 is SIGKILL's", handles, 137, byKill(9), Killed},
		{"137, and nobody says whose", handles, 137, nil, FailedStopping},
		{"another signal is forwarded", rewritten, 130, byKill(2), Terminated},
		{"a signal that nobody sent", target, 130, byKill(2), Terminated},
		{"a crash", handles, 139, byKill(11), Crashed},
		{"a failure, and the init hides it", handles, 0, returned(1), FailedStopping},
		{"Go, 143 returned", gopher, 143, returned(143), Inconclusive},
	} {
		t.Run(c.name, func(t *testing.T) {
			child := process(43, 42, "app").ended(second, c.child)
			v := Judge(stop(Facts{Events: kills(15), State: exited(c.code), Target: c.target, Wait: returned(c.code),
				Ends: &Ends{All: []Process{process(42, 0, "tini").waits(), child}}}))
			if v.Kind != c.want || v.Of != "app" {
				t.Errorf("%s of %q, want %s; because %v", v.Kind, v.Of, c.want, v.Because)
			}
		})
	}
}

// A signal that ended the child of an init is not taken for reboot(2), which is about the init itself.
func TestChildIsNoReboot(t *testing.T) {
	f := stop(Facts{Signal: 2, Events: kills(2), State: exited(130), NamespaceInit: true, Wait: returned(130),
		Target: &SignalTarget{PID: 43, Name: "sleep", Init: "docker-init"},
		Ends:   &Ends{All: []Process{process(42, 0, "docker-init").waits(), process(43, 42, "sleep").ended(second, byKill(2))}}})
	if v := Judge(f); v.Kind != Terminated || v.Reboot {
		t.Errorf("%s, because %v", v.Kind, v.Because)
	}
}

// Where nobody looked how the others ended, a wrapper's end is said to be one.
func TestWrapperAlone(t *testing.T) {
	target := &SignalTarget{PID: 42, Name: "sh", NamespaceInit: true, Caught: true, Wraps: "app"}
	v := Judge(stop(Facts{Events: kills(15), State: exited(0), Target: target, Wait: returned(0)}))
	if v.Kind != Graceful || v.Of != "sh" || v.Doubt != "how app ended: sh does nothing but wait for it" {
		t.Errorf("%s of %s, doubt %q", v.Kind, v.Of, v.Doubt)
	}
	says(t, v, "this is the end of sh, which does nothing but wait for app")
	v = Judge(stop(Facts{Events: kills(15), State: exited(1), Target: target, Wait: returned(1)}))
	if v.Kind != FailedStopping || v.Doubt != "" {
		t.Errorf("%s, doubt %q", v.Kind, v.Doubt)
	}
}

// Where nobody could look how the processes ended, the first one may be a wrapper.
func TestNobodyCouldLook(t *testing.T) {
	for _, c := range []struct{ wraps, doubt string }{
		{"", "whether sh is the program, or a wrapper: how the container's processes ended was not observed: no epoll"},
		{"app", "how app ended: sh does nothing but wait for it"},
	} {
		target := &SignalTarget{PID: 42, Name: "sh", NamespaceInit: true, Caught: true, Wraps: c.wraps}
		v := Judge(stop(Facts{Events: kills(15), State: exited(0), Target: target, Wait: returned(0), Ends: &Ends{Missed: "no epoll"}}))
		if v.Kind != Graceful || v.Doubt != c.doubt {
			t.Errorf("%s, doubt %q, want %q", v.Kind, v.Doubt, c.doubt)
		}
	}
}

// Without a PID namespace of its own, no end of one kills what a container leaves: containerd's shim does.
func TestKilledText(t *testing.T) {
	left := process(43, 42, "app").swept(second, byKill(9))
	for want, sigkill := range map[string]SIGKILL{
		"as the first process was ending: app itself or another process sent it, or the kernel, which then kills all that is left": {},
		"as the first process was ending: sh, app itself or another process sent it, or containerd's shim, which then kills all that is left": {
			Under: "sh", SharedNamespace: true},
	} {
		if got := left.KilledText(sigkill); !strings.HasSuffix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Who sent SIGKILL is said as far as it is known.
func TestKiller(t *testing.T) {
	for _, c := range []struct {
		name    string
		kills   time.Duration // how long after the signal the wrapper is known to send SIGKILL; 0 for never
		process Process
		want    string
	}{
		{"the wrapper's time", 2 * second, process(43, 42, "app").swept(2*second+50*time.Millisecond, byKill(9)),
			"SIGKILL ended app (process 43, under runuser) 2.05 s after SIGTERM: runuser sends it 2s after the signal"},
		{"another time", 2 * second, process(43, 42, "app").ended(second, byKill(9)),
			"1.00 s after SIGTERM, while the first process was still running: runuser, app itself or another process sent it, not Docker"},
		{"nobody is known to send it", 0, process(43, 42, "app").swept(2*second, byKill(9)),
			"as the first process was ending: runuser, app itself or another process sent it, or the kernel, which then kills"},
	} {
		target := &SignalTarget{PID: 43, Name: "app", Init: "runuser", Caught: true, KillAfter: c.kills, Killer: "runuser"}
		v := Judge(stop(Facts{Events: kills(15), State: exited(143), Target: target, Wait: returned(143), NamespaceInit: true,
			Ends: &Ends{All: []Process{process(42, 0, "runuser").waits(), c.process}}}))
		if v.Kind != Killed || !strings.Contains(v.How, c.want) {
			t.Errorf("%s: %s, %q, want %q", c.name, v.Kind, v.How, c.want)
		}
		if known := !strings.Contains(c.want, "or the kernel"); known != (v.KilledPID == 43) {
			t.Errorf("%s: process %d", c.name, v.KilledPID)
		}
	}
}

func TestEnds(t *testing.T) {
	e := Ends{All: []Process{
		process(42, 0, "sh").ended(3*second, returned(0)),
		process(50, 42, "a").ended(second, byKill(9)),
		process(51, 42, "b").swept(2*second, byKill(9)),
		process(52, 42, "c").ended(second, byKill(15)),
		process(53, 42, "d").ended(second, nil),
		process(54, 42, "e"),
		process(60, 0, "probe").injected().swept(second, byKill(9)),
		process(61, 60, "curl").swept(second, byKill(9)),
	}}
	names := func(all []Process) (text string) {
		for _, p := range all {
			text += p.Name
		}
		return text
	}
	before, others := e.Killed()
	for _, c := range []struct{ name, got, want string }{
		{"killed before", names(before), "a"}, {"killed with the first", names(others), "b"}, {"left", names(e.Left()), "e"},
		{"unknown", names(e.Unknown()), "d"}, {"own", names(e.Own()), "abcde"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}
