package verdict

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func ptr[T any](v T) *T { return &v }

// The wait statuses are the kernel's (wait(2)).
func returned(code int) *unix.WaitStatus { return ptr(unix.WaitStatus(code << 8)) }
func byKill(signal unix.Signal) *unix.WaitStatus {
	return ptr(unix.WaitStatus(signal))
}

// kills are 10 s apart, the usual grace.
func kills(signals ...unix.Signal) (events []Event) { return killsEvery(10*time.Second, signals...) }

func killsEvery(apart time.Duration, signals ...unix.Signal) (events []Event) {
	for i, s := range signals {
		events = append(events, Event{Action: "kill", Signal: s, At: time.Duration(i) * apart})
	}
	return events
}

func with(events []Event, actions ...string) []Event {
	for _, a := range actions {
		events = append(events, Event{Action: a})
	}
	return events
}

// exited returns what docker inspect says about a container that has ended.
func exited(code int) *State { return &State{Status: "exited", ExitCode: code} }

var (
	// program is the first process of a container, and handles the signal.
	program = &SignalTarget{PID: 42, Name: "nginx", NamespaceInit: true, Caught: true}
	// deaf is a first process without a handler: the kernel drops the signal.
	deaf = &SignalTarget{PID: 42, Name: "sh", NamespaceInit: true}
	// child gets the signal from an init, and leaves it to its default action.
	child = &SignalTarget{PID: 43, Name: "sh", Init: "docker-init"}
	// handlingChild gets the signal from an init, and handles it.
	handlingChild = &SignalTarget{PID: 43, Name: "java", Init: "tini", Caught: true}
	// guest runs in the host's PID namespace: the default action applies.
	guest = &SignalTarget{PID: 42, Name: "sleep"}
	// waiter blocks the signal, and accepts it by signalfd.
	waiter = &SignalTarget{PID: 42, Name: "systemd", NamespaceInit: true, Blocked: true}
	// gopher is a Go program, which may handle it or not.
	gopher = &SignalTarget{PID: 42, Name: "app", NamespaceInit: true, Caught: true, CatchesAll: true}
	// asker is a Go program that has asked for the signal, and deafGopher one that has not.
	asker      = &SignalTarget{PID: 42, Name: "app", NamespaceInit: true, Caught: true, CatchesAll: true, Runtime: "Go", AsksFor: ptr(true)}
	deafGopher = &SignalTarget{PID: 42, Name: "app", NamespaceInit: true, Caught: true, CatchesAll: true, Runtime: "Go", AsksFor: ptr(false)}
	// node catches the signal, whether or not the program handles it.
	node = &SignalTarget{PID: 42, Name: "node", Caught: true, Runtime: "Node.js"}
	// sigwaiter waits for the signal, and does not block it meanwhile.
	sigwaiter = &SignalTarget{PID: 42, Name: "app", NamespaceInit: true, Accepts: "waits for it in sigwait"}
	// ignorer ignores the signal.
	ignorer = &SignalTarget{PID: 42, Name: "app", NamespaceInit: true, Ignored: true}
)

func stop(f Facts) Facts {
	f.Verb = "stop"
	if f.Signal == 0 {
		f.Signal = 15
	}
	if f.Grace == nil {
		f.Grace = ptr(10 * time.Second)
	}
	return f
}

func kill(signal unix.Signal, f Facts) Facts {
	f.Verb, f.Signal = "kill", signal
	return f
}

func pause(f Facts) Facts {
	f.Verb = "pause"
	return f
}

// What shows that a container lives, and that a cgroup below its own is frozen.
var (
	alive = &Observation{Source: "pidfd", Value: "process 42 has not ended"}
	below = &Observation{Source: "freezer.state", Value: "/cg/in is frozen"}
)

func freezer(requested, frozen bool) *Freezer {
	return &Freezer{Requested: &requested, Frozen: &frozen, RequestedSource: "cgroup.freeze", FrozenSource: "cgroup.events: frozen"}
}

func TestJudge(t *testing.T) {
	oom := ptr(uint64(1))
	none := ptr(uint64(0))
	for _, c := range []struct {
		name    string
		facts   Facts
		want    Kind
		because string // a part of one observation
	}{
		// Stop, answered.
		{"handled, returned 0", stop(Facts{Events: with(kills(15), "die", "stop"), State: exited(0), Target: program}), Graceful,
			"nginx catches signal 15"},
		{"stop before die, as engines from 23.0 may send them", stop(Facts{Events: with(kills(15), "stop", "die"), State: exited(0),
			Target: program}), Graceful, ""},
		{"SIGQUIT, nginx's", stop(Facts{Signal: 3, Events: with(kills(3), "die", "stop"), State: exited(0), Target: program}), Graceful,
			"catches signal 3"},
		{"handled, with its own exit code", stop(Facts{Events: kills(15), State: exited(3), Target: program}), FailedStopping,
			"exit code 3 is a failure; 0 or 143 would not be"},
		{"an exit code that the caller calls fine", stop(Facts{Events: kills(15), State: exited(3), Target: program, FineCodes: []int{3, 4}}),
			Graceful, "catches signal 15"},
		{"0, where the caller calls another one fine", stop(Facts{Events: kills(15), State: exited(0), Target: program, FineCodes: []int{3}}),
			FailedStopping, "exit code 0 is a failure; 3 would not be"},
		{"SIGQUIT, 131", stop(Facts{Signal: 3, Events: kills(3), State: exited(131), Target: program}), Graceful, ""},
		{"SIGQUIT, 143", stop(Facts{Signal: 3, Events: kills(3), State: exited(143), Target: program}), FailedStopping, "0 or 131"},
		{"an exception in the handler", stop(Facts{Events: kills(15), State: exited(1), Target: program, Wait: returned(1)}), FailedStopping,
			"exit code 1 is a failure"},
		{"an exception in the handler, under an init", stop(Facts{Events: kills(15), State: exited(1), Target: handlingChild,
			Wait: returned(1)}), FailedStopping, "exit code 1 is a failure"},
		{"a kill that is handled, and fails", kill(15, Facts{Events: kills(15), State: exited(1), Target: program}), FailedStopping, ""},
		{"signalfd, and a failure", stop(Facts{Events: kills(15), State: exited(1), Target: waiter}), FailedStopping, ""},
		{"sigwait, and a failure", stop(Facts{Events: kills(15), State: exited(1), Target: sigwaiter}), FailedStopping, ""},
		{"an init that forwards another signal, handled, and its code", stop(Facts{Events: kills(15), State: exited(130),
			Target: &SignalTarget{PID: 43, Name: "app", Init: "dumb-init", Delivered: 2, Caught: true}}), Graceful, ""},
		{"Go with Notify, fails", stop(Facts{Events: kills(15), State: exited(1), Target: asker, Wait: returned(1)}), FailedStopping, ""},
		{"a JVM gives 143 after its hooks", stop(Facts{Events: kills(15), State: exited(143), Target: program, Wait: returned(143)}), Graceful,
			"returned 143"},
		{"handled, then raised again with the default action", stop(Facts{Events: kills(15), State: exited(143), Target: handlingChild,
			Wait: byKill(15)}), Graceful, "under tini"},
		{"returned 137 itself, the kernel says so", stop(Facts{Events: kills(15), State: exited(137), OOMKills: none, Target: program,
			Wait: returned(137)}), FailedStopping, "returned 137"},
		{"137, and nothing else ended it", stop(Facts{Events: kills(15), State: exited(137), OOMKills: none, Target: program}), FailedStopping,
			"137 is the program's own"},
		{"signalfd", stop(Facts{Events: kills(15), State: exited(0), Target: waiter}), Graceful, "sigwait or signalfd"},
		{"an init that forwards another signal, default action", stop(Facts{Events: kills(15), State: exited(130),
			Target: &SignalTarget{PID: 43, Name: "app", Init: "dumb-init", Delivered: 2}}), Terminated, "does not catch signal 2"},
		{"an init that returns 0 for 143", stop(Facts{Events: kills(15), State: exited(0), Wait: returned(0),
			Target: &SignalTarget{PID: 43, Name: "app", Init: "tini", EndCode: ptr(0)}}), Terminated, "tini returns 0 in place of 143"},
		{"another code than that init returns", stop(Facts{Events: kills(15), State: exited(3), Wait: returned(3),
			Target: &SignalTarget{PID: 43, Name: "app", Init: "tini", EndCode: ptr(0)}}), Inconclusive, "did not catch signal 15"},
		{"a Go program under an init, GOTRACEBACK=crash", stop(Facts{Signal: 3, Events: kills(3), State: exited(134), Wait: returned(134),
			Target: &SignalTarget{PID: 43, Name: "app", Init: "tini", Caught: true, CatchesAll: true, Runtime: "Go", AsksFor: ptr(false)}}),
			Terminated, "the runtime ends it"},
		{"a shell that ignores it, its command handles it", stop(Facts{Events: kills(15), State: exited(0), Wait: returned(0),
			Target: &SignalTarget{PID: 43, Name: "sh", Init: "dumb-init", Ignored: true, Job: &SignalTarget{PID: 44, Name: "memcached",
				Caught: true}}}),
			Graceful, "waits for memcached, which gets the signal as well"},
		{"a shell that ignores it, its command accepts it and fails", stop(Facts{Events: kills(15), State: exited(3), Wait: returned(3),
			Target: &SignalTarget{PID: 43, Name: "sh", Init: "dumb-init", Ignored: true, Job: &SignalTarget{PID: 44, Name: "app",
				Accepts: "waits for it in sigwait"}}}),
			FailedStopping, "exit code 3 is a failure"},
		{"a shell that ignores it, its command does not handle it", stop(Facts{Events: kills(15), State: exited(0), Wait: returned(0),
			Target: &SignalTarget{PID: 43, Name: "sh", Init: "tini", Ignored: true, Job: &SignalTarget{PID: 44, Name: "app"}}}), Terminated,
			"whose default action ends it"},
		{"a shell that ignores it, as its command does", stop(Facts{Events: kills(15), State: exited(0), Wait: returned(0),
			Target: &SignalTarget{PID: 43, Name: "sh", Init: "tini", Ignored: true, Job: &SignalTarget{PID: 44, Name: "app", Ignored: true}}}),
			Exited, "ignores signal 15"},
		{"an init that forwards another signal, handled", stop(Facts{Events: kills(15), State: exited(0),
			Target: &SignalTarget{PID: 43, Name: "app", Init: "dumb-init", Delivered: 2, Caught: true}}), Graceful, "catches signal 2"},
		{"an init that forwards nothing", stop(Facts{Events: kills(15), State: exited(0),
			Target: &SignalTarget{PID: 43, Name: "app", Init: "dumb-init", Delivered: -1}}), Exited, "is configured not to forward signal 15"},
		{"a rewriting init, or a handler that came later", stop(Facts{Events: kills(15), State: exited(0), Target: child}), Inconclusive,
			"whose default action gives exit code 143"},
		{"sigwait, then raised again with the default action", stop(Facts{Events: kills(15), State: exited(143),
			Target: &SignalTarget{PID: 42, Name: "app", Accepts: "waits for it in sigwait"}, Wait: byKill(15)}), Graceful, "sigwait"},
		{"blocked for a while, then unblocked", stop(Facts{Events: kills(15), State: exited(143),
			Target: &SignalTarget{PID: 42, Name: "app", Blocked: true}, Wait: byKill(15)}), Terminated, "once it unblocked the signal"},
		{"137 from an unknown source", stop(Facts{State: exited(137), Target: program}), Inconclusive, ""},
		{"default action under an init", stop(Facts{Events: kills(15), State: exited(143), Target: child}), Terminated, "default action"},
		{"default action in the host's PID namespace", stop(Facts{Events: kills(15), State: exited(143), Target: guest, Wait: byKill(15)}),
			Terminated, "default action"},
		{"no handler, and ended all the same", stop(Facts{Events: kills(15), State: exited(0), Target: deaf}), Exited, "the kernel drops it"},
		{"no handler, and failed meanwhile", stop(Facts{Events: kills(15), State: exited(1), Target: deaf}), Crashed, ""},
		{"ignored, and ended all the same", stop(Facts{Events: kills(15), State: exited(0), Target: ignorer}), Exited, "ignores"},
		{"crashed in its handler", stop(Facts{Events: kills(15), State: exited(139), Target: program}), Crashed, ""},
		{"crashed in its handler, the kernel says so", stop(Facts{Events: kills(15), State: exited(139), Target: handlingChild,
			Wait: byKill(11)}), Crashed, "ended by signal 11"},
		{"the signal hidden by a label", Facts{Verb: "kill", Events: kills(0), State: exited(0)}, Inconclusive, "hides its number"},
		{"masks unknown", stop(Facts{Events: kills(15), State: exited(0)}), Inconclusive, ""},

		{"a crash under an init, which returns 139", stop(Facts{Events: kills(15), State: exited(139), Target: handlingChild,
			Wait: returned(139)}), Crashed, ""},
		{"a Go program without a handler", stop(Facts{Events: kills(15), State: exited(2), Target: gopher, Wait: returned(2)}), Inconclusive,
			"as the Go runtime does"},
		{"Go with Notify, returns 2", stop(Facts{Events: kills(15), State: exited(2), Target: asker, Wait: returned(2)}),
			FailedStopping, "has asked for"},
		{"Go without Notify", stop(Facts{Events: kills(15), State: exited(2), Target: deafGopher, Wait: returned(2)}), Terminated,
			"has not asked for"},
		{"Go without Notify, ends otherwise", stop(Facts{Events: kills(15), State: exited(0), Target: deafGopher}), Exited,
			"another reason"},
		{"Node.js by its own handler, or the program's", stop(Facts{Events: kills(15), State: exited(143), Target: node}), Inconclusive,
			"as Node.js does"},
		{"Node.js with a handler", stop(Facts{Events: kills(15), State: exited(0), Target: node}), Graceful, ""},
		{"sigwait", stop(Facts{Events: kills(15), State: exited(0), Target: sigwaiter}), Graceful, "sigwait"},
		{"a Go program with a handler", stop(Facts{Events: kills(15), State: exited(0), Target: gopher}), Graceful, ""},
		{"it had ended before the stop, which sends nothing", stop(Facts{State: exited(0), Target: program}), Exited, ""},
		{"it had failed before the stop", stop(Facts{State: exited(1), Wait: returned(1)}), Crashed, ""},

		// Stop, forced.
		{"the grace ran out", stop(Facts{Events: with(kills(15, 9), "die", "stop"), State: exited(137), Target: deaf}), Forced,
			"the grace of 10s ran out"},
		{"forced, signals hidden by a label: their count decides", stop(Facts{Events: kills(0, 0), State: exited(137), Target: deaf}), Forced,
			"signal unknown"},
		{"answered, signals hidden by a label", stop(Facts{Events: kills(0), State: exited(0), Target: program}), Graceful, ""},
		{"its own 137, signals hidden by a label", stop(Facts{Events: kills(0), State: exited(137), Target: program, Wait: returned(137)}),
			FailedStopping, ""},
		{"a USR1 in addition to the stop, and its own 137", stop(Facts{Events: kills(15, 10), State: exited(137), Target: program}),
			FailedStopping, ""},
		{"no events, a grace without end: no SIGKILL follows", stop(Facts{EventsError: "docker events ended", State: exited(137),
			EndedAt: ptr(10100 * time.Millisecond), Grace: ptr(-time.Second), Target: deaf}), Inconclusive, ""},
		{"forced, no events: the time decides", stop(Facts{EventsError: "docker events ended", State: exited(137),
			EndedAt: ptr(10100 * time.Millisecond), Target: deaf}), Forced, ""},
		{"no grace at all", stop(Facts{Grace: ptr(time.Duration(0)), Events: kills(15, 9), State: exited(137), Target: program}), Forced,
			"grace of 0s"},
		{"SIGKILL came too late", stop(Facts{Events: kills(15, 9), State: exited(0), Target: program}), Graceful, ""},
		{"a child was OOM-killed, the grace ran out", stop(Facts{Events: with(kills(15, 9), "oom"),
			State: &State{Status: "exited", ExitCode: 137, OOMKilled: true}, Target: deaf}), Forced, "OOMKilled true"},
		{"STOPSIGNAL is SIGKILL", stop(Facts{Signal: 9, Events: kills(9), State: exited(137)}), Killed, ""},

		// The OOM killer.
		{"OOM by inspect", stop(Facts{Events: with(kills(15), "oom", "die"), State: &State{Status: "exited", ExitCode: 137, OOMKilled: true},
			Target: program}), OOMKilled, "OOMKilled true"},
		{"OOM by the kernel's count", stop(Facts{Events: kills(15), State: exited(137), OOMKills: oom, OOMSource: "memory.events: oom_kill",
			Target: program}), OOMKilled, "+1"},
		{"OOM by the event", stop(Facts{Events: with(kills(15), "oom"), State: exited(137), Target: program}), OOMKilled, "oom"},
		{"OOM under an init, which returns 137", stop(Facts{Events: with(kills(15), "oom"),
			State: &State{Status: "exited", ExitCode: 137, OOMKilled: true}, Target: handlingChild, Wait: returned(137)}), OOMKilled, ""},
		{"OOM hit a child, the program shut down", stop(Facts{Events: kills(15), State: &State{Status: "exited", ExitCode: 3, OOMKilled: true},
			Target: program}), FailedStopping, "OOMKilled true"},
		{"OOM hit a child, the program returned 137", stop(Facts{Events: kills(15),
			State: &State{Status: "exited", ExitCode: 137, OOMKilled: true}, Target: program, Wait: returned(137)}), FailedStopping, ""},

		// Kill.
		{"SIGKILL", kill(9, Facts{Events: with(kills(9), "die"), State: exited(137)}), Killed, "kill, signal 9"},
		{"SIGKILL, the signal hidden by a label", kill(9, Facts{Events: with(kills(0), "die"), State: exited(137)}), Killed, ""},
		{"SIGKILL to a program that had just ended", kill(9, Facts{Events: kills(9), State: exited(0), Wait: returned(0)}), Exited, ""},
		{"SIGTERM, handled", kill(15, Facts{Events: kills(15), State: exited(0), Target: program}), Graceful, ""},
		{"SIGTERM, default action", kill(15, Facts{Events: kills(15), State: exited(143), Target: guest}), Terminated, ""},
		{"SIGHUP, survived", kill(1, Facts{Events: kills(1), State: &State{Status: "running"}, Freezer: freezer(false, false)}), RunsOn,
			"how the process handles signal 1 is unknown"},
		{"SIGHUP, caught", kill(1, Facts{Events: kills(1), State: &State{Status: "running"}, Freezer: freezer(false, false), Target: program}),
			RunsOn, "catches signal 1"},
		{"SIGHUP, ignored", kill(1, Facts{Events: kills(1), State: &State{Status: "running"}, Freezer: freezer(false, false), Target: ignorer}),
			RunsOn, "ignores signal 1"},
		{"SIGHUP, dropped by the kernel", kill(1, Facts{Events: kills(1), State: &State{Status: "running"}, Freezer: freezer(false, false),
			Target: deaf}), RunsOn, "the kernel drops it"},
		{"SIGCONT", kill(18, Facts{Events: kills(18), State: &State{Status: "running"}, Freezer: freezer(false, false), Target: deaf}), RunsOn,
			"resumes sh"},
		{"SIGSTOP", kill(19, Facts{Events: kills(19), State: &State{Status: "running"}, Freezer: freezer(false, false), Target: deaf}), RunsOn,
			"suspends sh until SIGCONT"},
		{"Docker says exited, the kernel alive", kill(9, Facts{Events: with(kills(9), "die"), State: exited(255), Alive: alive}), RunsOn,
			"has not ended"},
		{"stop, Docker says exited 0, the kernel alive", stop(Facts{Events: with(kills(15, 9), "die", "stop"), State: exited(0),
			Alive: alive}), RunsOn, "has not ended"},
		{"removed, the kernel says alive", kill(9, Facts{Events: with(kills(9), "die", "destroy"), Alive: alive}), RunsOn, "has not ended"},
		{"a frozen cgroup below holds SIGKILL", kill(9, Facts{Events: kills(9), CommandError: "did not receive an exit event",
			State: &State{Status: "running"}, Freezer: freezer(false, false), FrozenBelow: below}), RunsOn, "/cg/in"},
		{"a frozen cgroup below, stop", stop(Facts{Events: kills(15, 9), CommandError: "did not receive an exit event",
			State: &State{Status: "running"}, Freezer: freezer(false, false), FrozenBelow: below}), RunsOn, "/cg/in"},
		{"a frozen cgroup below, ended all the same", kill(9, Facts{Events: with(kills(9), "die"), State: exited(137), Wait: byKill(9),
			FrozenBelow: below}), Killed, "137"},
		{"a pause that failed leaves its request", pause(Facts{CommandError: "timeout of 10s reached", State: &State{Status: "running"},
			Freezer: freezer(true, false)}), FreezeIncomplete, "1"},
		{"a pause that failed and was undone", pause(Facts{CommandError: "container not running", State: &State{Status: "running"},
			Freezer: freezer(false, false)}), Inconclusive, "docker pause failed"},
		{"ending, and held up by another process of its namespace", stop(Facts{CommandError: "did not receive an exit event",
			Events: kills(15, 9), State: &State{Status: "running"}, Freezer: freezer(false, false),
			Exiting: &Observation{Source: "/proc/42/stat: flags", Value: "the first process has begun to end"}}), RunsOn, "has begun to end"},
		{"SIGHUP that was never sent", kill(1, Facts{State: &State{Status: "running"}, Freezer: freezer(false, false), Target: program}),
			Inconclusive, ""},
		{"by itself, or a handler that took very long", Facts{OldSignal: &Event{Action: "kill", Signal: 15, At: -65 * time.Second},
			State: exited(0), Wait: returned(0)}, Inconclusive, "exited"},
		{"crashed, long after a signal that it handles", Facts{OldSignal: &Event{Action: "kill", Signal: 15, At: -65 * time.Second},
			State: exited(139), Wait: byKill(11)}, Crashed, "signal 11"},
		{"kill refused: it had crashed before", kill(9, Facts{CommandError: "is not running", State: exited(1)}), Crashed, "is not running"},
		{"kill given up, and done by the daemon", kill(9, Facts{CommandError: "no answer within 30s", Events: kills(9), State: exited(137)}),
			Killed, "no answer"},
		{"kill refused: it had ended before", kill(9, Facts{CommandError: "is not running", State: exited(0)}), Exited, ""},
		{"kill refused: OOM-killed before", kill(9, Facts{CommandError: "is not running",
			State: &State{Status: "exited", ExitCode: 137, OOMKilled: true}}), OOMKilled, ""},
		{"SIGKILL from outside Docker", stop(Facts{Events: kills(15), State: exited(137), OOMKills: none, Target: program, Wait: byKill(9)}),
			Killed, "from outside"},

		// Pause.
		{"paused", pause(Facts{Events: with(nil, "pause"), State: &State{Status: "paused"}, Freezer: freezer(true, true)}), Paused, "1"},
		{"docker says so, the kernel does not", pause(Facts{State: &State{Status: "paused"}, Freezer: freezer(false, false)}), PauseUnconfirmed,
			""},
		{"requested, not complete", pause(Facts{State: &State{Status: "paused"}, Freezer: freezer(true, false)}), PauseUnconfirmed, ""},
		{"docker says so, the kernel cannot be asked", pause(Facts{State: &State{Status: "paused"}}), PauseUnconfirmed, ""},
		{"a failed pause that froze later", pause(Facts{CommandError: "timeout", State: &State{Status: "running"},
			Freezer: freezer(true, true)}), FrozenOutsideDocker, ""},
		{"a failed pause", pause(Facts{CommandError: "timeout", State: &State{Status: "running"}, Freezer: freezer(false, false)}),
			Inconclusive,
			""},
		{"crashed before the pause", pause(Facts{CommandError: "is not running", State: exited(2)}), Crashed, ""},
		{"killed from outside while paused", pause(Facts{State: exited(137), Wait: byKill(9)}), Killed, ""},

		{"inspect gave no answer: that is not a removal", stop(Facts{StateError: "no answer within 30s"}), Inconclusive, "no answer"},
		{"restart, forced", Facts{Verb: "restart", Signal: 15, Grace: ptr(time.Second), Events: with(kills(15, 9), "die", "restart"),
			State: exited(137), Target: deaf}, Forced, "the grace of 1s ran out"},
		{"restart, handled", Facts{Verb: "restart", Signal: 15, Grace: ptr(time.Second), Events: with(kills(15), "die", "restart"),
			State: exited(0), Target: program}, Graceful, "catches signal 15"},
		{"being removed", stop(Facts{Events: with(kills(15), "die"), State: &State{Status: "removing"}, Target: program}), Graceful,
			"catches signal 15"},
		{"removed", stop(Facts{CommandError: "No such container"}), Removed, "no such container"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Judge(c.facts)
			if v.Kind != c.want {
				t.Fatalf("%s, wanted %s; because %v", v.Kind, c.want, v.Because)
			}
			if v.Kind == Inconclusive != (v.Missing != "") && v.Kind != PauseUnconfirmed {
				t.Errorf("missing: %q", v.Missing)
			}
			if len(v.Because) == 0 {
				t.Error("a verdict without an observation")
			}
			if c.because == "" {
				return
			}
			says(t, v, c.because)
		})
	}
}

// A label named signal hides which signal Docker sent. The verdict must not mention a signal 0.
func TestHiddenSignal(t *testing.T) {
	for name, f := range map[string]Facts{
		"ended":   {Verb: "kill", Events: kills(0), State: exited(0)},
		"runs on": {Verb: "kill", Events: kills(0), State: &State{Status: "running"}, Freezer: &Freezer{Frozen: ptr(false)}},
	} {
		v := Judge(f)
		text := v.Missing
		for _, b := range v.Because {
			text += "; " + b.Value
		}
		if strings.Contains(text, "signal 0") || !strings.Contains(text, "label") && !strings.Contains(text, "number is unknown") {
			t.Errorf("%s: %s: %s", name, v.Kind, text)
		}
	}
}

// What a shell's command does with a signal is read from the files of that command.
func TestJobSource(t *testing.T) {
	v := Judge(stop(Facts{Events: kills(15), State: exited(0), Target: &SignalTarget{PID: 43, Name: "sh", Init: "tini", Ignored: true,
		Job: &SignalTarget{PID: 44, Name: "app", Caught: true}}}))
	if last := v.Because[len(v.Because)-1]; v.Kind != Graceful || last.Source != "/proc/44/status: SigCgt" {
		t.Errorf("%s: %+v", v.Kind, last)
	}
}
