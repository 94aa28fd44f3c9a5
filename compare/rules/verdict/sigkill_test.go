package verdict

import (
	"strings"
	"testing"
	"time"
)

// Who sent SIGKILL, and why: a stop whose grace ran out, another client, dockerd past its runtime, the clean-up after a lost
// shim, or a process outside Docker.
func TestWhoSentSIGKILL(t *testing.T) {
	const ms = time.Millisecond
	minute := ptr(time.Minute)
	early := killsEvery(3970*ms, 15, 9)
	for _, c := range []struct {
		name    string
		facts   Facts
		want    Kind
		sender  Sender
		because string
	}{
		{"another client's docker kill", stop(Facts{Grace: minute, Events: with(early, "die", "stop"), State: exited(137), Wait: byKill(9),
			Target: deaf}), Killed, ByRequest, "another client requested SIGKILL 3.97 s into a grace of 1m0s"},
		{"another client's stop -t 0", stop(Facts{Grace: minute, Events: append(killsEvery(3900*ms, 15, 15),
			Event{Action: "kill", Signal: 9, At: 3970 * ms}), State: exited(137), Wait: byKill(9)}), Killed, ByRequest, "3.97 s into"},
		{"the signals hidden by a label", stop(Facts{Grace: minute, Events: killsEvery(3970*ms, 0, 0), State: exited(137), Wait: byKill(9)}),
			Killed, ByRequest, "3.97 s into"},
		{"into a grace without a limit", stop(Facts{Grace: ptr(-time.Second), Events: early, State: exited(137), Wait: byKill(9)}), Killed,
			ByRequest, "into a grace without a limit"},
		{"before the stop signal was sent", stop(Facts{Grace: minute, Events: []Event{{Action: "kill", Signal: 9, At: 300 * ms}},
			State: exited(137), Wait: byKill(9)}), Killed, ByRequest, "before SIGTERM was sent"},
		{"another client sent a signal before the stop", stop(Facts{Events: []Event{{Action: "kill", Signal: 1},
			{Action: "kill", Signal: 15, At: 100 * ms}, {Action: "kill", Signal: 9,
				At: 10101 * ms}}, State: exited(137)}), Forced, "", "the grace of 10s ran out"},
		{"kill -9 on the host", stop(Facts{Grace: minute, Events: kills(15), EndedAt: ptr(3970 * ms), ReturnedAt: ptr(4 * time.Second),
			State: exited(137), Wait: byKill(9)}), Killed, Outside, "from outside Docker, 3.97 s into a grace of 1m0s"},
		{"the same of a guest: the PID namespace may have ended", stop(Facts{Grace: minute, Events: kills(15), EndedAt: ptr(3970 * ms),
			ReturnedAt: ptr(4 * time.Second), State: exited(137), Wait: byKill(9), SharesNamespace: true}), Killed, Unknown,
			"3.97 s into a grace of 1m0s, or its PID namespace, which is another container's, ended"},
		{"the same after docker kill", kill(1, Facts{Events: kills(1), State: exited(137), Wait: byKill(9), ReturnedAt: ptr(time.Second),
			SharesNamespace: true}), Killed, Unknown, "from outside Docker, or its PID namespace"},
		{"kill -9 on the host, after our docker kill sent another signal", kill(1, Facts{Events: kills(1), State: exited(137),
			Wait: byKill(9), ReturnedAt: ptr(time.Second)}), Killed, Outside, "from outside"},
		{"docker kill right before our stop", stop(Facts{EndedAt: ptr(ms), ReturnedAt: ptr(70 * ms), Events: with(nil, "die"),
			State: exited(137), Wait: byKill(9)}), Killed, Unknown,
			"no SIGKILL from Docker since the command began: it was requested right before, or came from outside Docker"},
		{"kill -9 on the host before our stop had sent anything", stop(Facts{EndedAt: ptr(3 * time.Second), ReturnedAt: ptr(4 * time.Second),
			State: exited(137), Wait: byKill(9)}), Killed, Outside, "no SIGKILL from Docker: it came from outside Docker"},
		{"watched: SIGKILL, and nothing asked for", Facts{State: exited(137), Wait: byKill(9)}, Killed, Unknown,
			"from outside Docker, or from dockerd itself"},
		{"watched: SIGKILL after another signal", kill(1, Facts{Events: kills(1), State: exited(137), Wait: byKill(9)}), Killed, Unknown,
			"from outside Docker, or from dockerd itself"},
		{"docker kill", kill(9, Facts{Events: kills(9), State: exited(137), Wait: byKill(9)}), Killed, ByRequest, "signal 9"},

		{"watched: a stop with the container's own grace", stop(Facts{GraceGuessed: true, Events: kills(15, 9), State: exited(137)}), Forced, "",
			"the grace of 10s ran out"},
		{"watched: the same on a busy machine", stop(Facts{GraceGuessed: true, Events: killsEvery(10890*ms, 15, 9), State: exited(137)}), Forced,
			"", "the grace of 10s ran out"},
		{"watched: as much later as another grace", stop(Facts{GraceGuessed: true, Events: with(killsEvery(10910*ms, 15, 9), "die", "stop"),
			State: exited(137)}), Inconclusive, Unknown, "whether SIGKILL, 10.91 s after SIGTERM, came late, after the grace of 10s"},
		{"watched: the same, and the process had ended in time", stop(Facts{GraceGuessed: true, EndedAt: ptr(10100 * ms),
			Events: killsEvery(11500*ms, 15, 9), State: exited(137), Wait: byKill(9)}), Forced, "", "the grace of 10s ran out"},
		{"watched: the same, and the process had ended as late", stop(Facts{GraceGuessed: true, EndedAt: ptr(11450 * ms),
			Events: killsEvery(11500*ms, 15, 9), State: exited(137), Wait: byKill(9)}), Inconclusive, Unknown, "came late"},
		{"watched: the process had ended before the grace", stop(Facts{GraceGuessed: true, EndedAt: ptr(9 * time.Second),
			Events: killsEvery(11500*ms, 15, 9), State: exited(137), Wait: byKill(9)}), Inconclusive, Unknown, "came late"},
		{"watched: later than dockerd waits for its runtime", stop(Facts{GraceGuessed: true, Events: killsEvery(20010*ms, 15, 9),
			State: exited(137)}), Killed, Unknown, "a stop with a grace of 20 s or less, or a separate kill"},
		{"watched: a shorter one, or a separate kill", stop(Facts{GraceGuessed: true, Events: early, State: exited(137)}), Killed, Unknown,
			"SIGKILL 3.97 s after SIGTERM: a stop with a grace of 4 s, or a separate kill"},
		{"watched: between two graces", stop(Facts{GraceGuessed: true, Events: killsEvery(3710*ms, 15, 9), State: exited(137)}), Killed,
			Unknown, "SIGKILL 3.71 s after SIGTERM: a stop with a grace of 3 s, or a separate kill"},
		{"watched: stop -t 0", stop(Facts{GraceGuessed: true, Events: killsEvery(10*ms, 15, 9), State: exited(137)}), Killed, Unknown,
			"SIGKILL 0.01 s after SIGTERM: a stop with a grace of 0 s"},
		{"watched: a longer one", stop(Facts{GraceGuessed: true, Events: killsEvery(30*time.Second, 15, 9), State: exited(137)}), Killed,
			Unknown, "a stop with a grace of 30 s or less, or a separate kill"},
		{"watched: a short one on a busy machine", stop(Facts{GraceGuessed: true, Grace: ptr(time.Second), Events: killsEvery(2240*ms, 15, 9),
			State: exited(137)}), Inconclusive, Unknown, "whether SIGKILL, 2.24 s after SIGTERM, came late, after the grace of 1s"},
		{"watched: a second stop into the grace of the first", stop(Facts{GraceGuessed: true, Events: append(killsEvery(7*time.Second, 15, 15),
			Event{Action: "kill", Signal: 9, At: 10040 * ms}), State: exited(137)}), Forced, "", "the grace of 10s ran out"},
		{"watched: a second stop, and neither grace", stop(Facts{GraceGuessed: true, Events: append(killsEvery(3900*ms, 15, 15),
			Event{Action: "kill", Signal: 9, At: 3970 * ms}), State: exited(137)}), Killed, Unknown,
			"SIGKILL 3.97 s and 0.07 s after SIGTERM: a stop with a grace of 4 s or 0 s, or a separate kill"},
		{"watched: a grace without end", stop(Facts{GraceGuessed: true, Grace: ptr(-time.Second), Events: early, State: exited(137)}), Killed,
			Unknown, "or a separate kill"},
		{"watched: nothing but SIGKILL", stop(Facts{GraceGuessed: true, Events: kills(9), State: exited(137)}), Killed, Unknown,
			"SIGTERM could not be sent, or"},
		{"watched: nothing but SIGKILL, of a signal that is none", stop(Facts{Signal: 99, GraceGuessed: true, Events: kills(9),
			State: exited(137)}), Forced, "", "signal 99 could not be sent: Docker then waits 2s"},
		{"watched: a stop without a signal", stop(Facts{GraceGuessed: true, Events: with(nil, "die", "stop"), State: exited(137),
			Wait: byKill(9)}), Killed, Unknown, "from dockerd itself or"},

		{"a stop signal that cannot be sent", stop(Facts{Signal: 99, Events: []Event{{Action: "kill", Signal: 9, At: 2030 * ms}},
			State: exited(137), Wait: byKill(9)}), Forced, "", "signal 99 could not be sent: Docker then waits 2s"},
		{"the runtime refuses docker kill", kill(9, Facts{Events: with(nil, "die"), EndedAt: ptr(10140 * ms), ReturnedAt: ptr(10460 * ms),
			State: exited(137), Wait: byKill(9)}), Killed, ByDaemon, "dockerd waits 10s"},
		{"the same, without a wait status from the kernel", kill(9, Facts{Events: with(nil, "die"), EndedAt: ptr(10140 * ms),
			ReturnedAt: ptr(10460 * ms), State: exited(137)}), Killed, ByDaemon, "dockerd waits 10s"},
		{"the runtime refuses docker stop", stop(Facts{Grace: ptr(time.Second), Events: with(nil, "die", "stop"), EndedAt: ptr(12530 * ms),
			ReturnedAt: ptr(13400 * ms), State: exited(137), Wait: byKill(9)}), Forced, "", "dockerd waits 10s"},
		{"kill -9 on the host before dockerd would", kill(9, Facts{Events: with(nil, "die"), EndedAt: ptr(5 * time.Second),
			ReturnedAt: ptr(6 * time.Second), State: exited(137), Wait: byKill(9)}), Killed, Outside, "from outside"},

		{"the end of another's PID namespace", Facts{NamespaceEnd: &Observation{Source: "pidfd of web's first process",
			Value: "the PID namespace of web, which it shares, ended"}, State: exited(137), Wait: byKill(9)}, Killed, WithNamespace,
			"the PID namespace of web, which it shares, ended"},
		{"the same in the middle of a stop", stop(Facts{Events: kills(15), NamespaceEnd: &Observation{Value: "the PID namespace of web ended"},
			EndedAt: ptr(time.Second), State: exited(137), Wait: byKill(9)}), Killed, WithNamespace, "the PID namespace of web ended"},
		{"the same, without a wait status", Facts{NamespaceEnd: &Observation{Value: "the PID namespace of web ended"}, State: exited(137)},
			Killed, WithNamespace, "the PID namespace of web ended"},
		{"docker kill, at the same time", kill(9, Facts{Events: kills(9), NamespaceEnd: &Observation{Value: "the PID namespace of web ended"},
			State: exited(137), Wait: byKill(9)}), Killed, ByRequest, "signal 9"},

		{"a pending SIGKILL, and a thaw", Facts{Verb: "unpause", PendingKill: &Observation{Source: "/proc/42/status: ShdPnd",
			Value: "SIGKILL is pending"}, State: exited(137), Wait: byKill(9)}, Killed, Unknown, "took effect on the thaw"},
		{"a pending SIGKILL, a thaw, and no wait status", Facts{Verb: "unpause",
			PendingKill: &Observation{Source: "/proc/42/status: ShdPnd",
				Value: "SIGKILL is pending"}, State: exited(137)}, Killed, Unknown, "took effect on the thaw"},
		{"a pending SIGKILL, still frozen", stop(Facts{CommandError: "no exit event",
			PendingKill: &Observation{Source: "/proc/42/status: ShdPnd",
				Value: "SIGKILL is pending"}, State: &State{Status: "paused"}, Freezer: freezer(true, true)}), Paused, "", "SIGKILL is pending"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Judge(c.facts)
			if v.Kind != c.want || v.Sender != c.sender {
				t.Errorf("%s by %q, wanted %s by %q", v.Kind, v.Sender, c.want, c.sender)
			}
			says(t, v, c.because)
			if ranOut := strings.Contains(c.because, "ran out"); v.GraceRanOut != ranOut {
				t.Errorf("the grace ran out: %t, wanted %t", v.GraceRanOut, ranOut)
			}
			if v.Sender != Unknown && v.Sender != ByRequest && v.How == "" {
				t.Error("how SIGKILL came is not said")
			}
		})
	}
}

// An unknown grace is neither endless nor "<nil>", and no SIGKILL comes a negative time after the stop signal.
func TestHowSIGKILLCame(t *testing.T) {
	const ms = time.Millisecond
	unknown := func(f Facts) Facts {
		f.Verb, f.Signal, f.State = "stop", 15, exited(137)
		return f
	}
	before := []Event{{Action: "kill", Signal: 9, At: 100 * ms}, {Action: "kill", Signal: 15, At: 200 * ms}}
	for _, c := range []struct {
		name   string
		facts  Facts
		want   Kind
		sender Sender
		how    string
	}{
		{"an unknown grace", unknown(Facts{Events: kills(15, 9)}), Forced, "", "the grace ran out"},
		{"an unknown grace, by the number of signals alone", unknown(Facts{Events: kills(0, 1)}), Forced, "", "the grace ran out"},
		{"an unknown grace, from outside", unknown(Facts{Events: kills(15), EndedAt: ptr(3970 * ms), ReturnedAt: ptr(4 * time.Second),
			Wait: byKill(9)}), Killed, Outside, "no SIGKILL from Docker: it came from outside Docker, 3.97 s into a grace"},
		{"a grace without end, from outside", unknown(Facts{Grace: ptr(-time.Second), Events: kills(15), EndedAt: ptr(3970 * ms),
			ReturnedAt: ptr(4 * time.Second), Wait: byKill(9)}), Killed, Outside,
			"no SIGKILL from Docker: it came from outside Docker, 3.97 s into a grace without a limit"},
		{"SIGKILL before the stop signal", unknown(Facts{Grace: ptr(time.Minute), Events: before}), Killed, ByRequest,
			"another client requested SIGKILL before SIGTERM was sent"},
		{"the same, of an unknown grace", unknown(Facts{Events: before}), Killed, ByRequest,
			"another client requested SIGKILL before SIGTERM was sent"},
		{"the same, watched", unknown(Facts{Grace: ptr(10 * time.Second), GraceGuessed: true, Events: before}), Killed, ByRequest,
			"another client requested SIGKILL before SIGTERM was sent"},
	} {
		v := Judge(c.facts)
		if v.Kind != c.want || v.Sender != c.sender || v.How != c.how {
			t.Errorf("%s: %s by %q, %q; wanted %s by %q, %q", c.name, v.Kind, v.Sender, v.How, c.want, c.sender, c.how)
		}
		if v.GraceRanOut != (c.want == Forced) {
			t.Errorf("%s: the grace ran out: %t", c.name, v.GraceRanOut)
		}
	}
}

func says(t *testing.T, v Verdict, text string) {
	t.Helper()
	for _, o := range v.Because {
		if strings.Contains(o.Value, text) {
			return
		}
	}
	if !strings.Contains(v.Missing, text) {
		t.Errorf("nothing says %q: %v, %s", text, v.Because, v.Missing)
	}
}

// An exit code that Docker made up is never the program's.
func TestMadeUpCodes(t *testing.T) {
	lost := &Shim{PID: 41, LostAt: ptr(time.Second)}
	there := &Shim{PID: 41}
	for _, c := range []struct {
		name    string
		facts   Facts
		want    Kind
		because string
	}{
		{"the shim was lost", Facts{Shim: lost, State: exited(255), Wait: byKill(9)}, Killed,
			"containerd kills with SIGKILL what a lost shim leaves"},
		{"the shim was lost, wait status unknown", Facts{Shim: lost, State: exited(255)}, Killed, "exit code 255 is not the program's"},
		{"the same, with the clean-up's 137", Facts{Shim: lost, State: exited(137)}, Killed, "exit code 137 is not the program's"},
		{"the same, with 0", Facts{Shim: lost, State: exited(0)}, Killed, "exit code 0 is not the program's"},
		{"the shim was lost in the middle of a stop", stop(Facts{Shim: lost, Events: kills(15), State: exited(137), Target: deaf}), Killed,
			"its shim, process 41, ended before it"},
		{"the shim was lost, and the program ended by itself", Facts{Shim: lost, State: exited(255), Wait: returned(0)}, Exited,
			"exit code 255 is not the program's"},
		{"the shim was lost, and what an init returned is known", stop(Facts{Shim: lost, Events: kills(15), State: exited(130),
			Wait: returned(130), Target: &SignalTarget{PID: 43, Name: "app", Init: "dumb-init", Delivered: 2}}), Terminated, "returned 130"},
		{"the grace had run out", stop(Facts{Shim: lost, Events: kills(15, 9), State: exited(137), Target: deaf}), Forced,
			"the grace of 10s ran out"},
		{"its own 255, by the kernel", Facts{State: exited(255), Wait: returned(255)}, Crashed, "returned 255"},
		{"its own 255, by the shim", Facts{Shim: there, State: exited(255)}, Crashed, "255"},
		{"255 from an unknown source", Facts{State: exited(255)}, Inconclusive, "Docker made that code up"},
		{"0 that the kernel contradicts", Facts{State: exited(0), Wait: byKill(11)}, Crashed, "exit code 0 is not the program's"},
		{"255 under an init", Facts{State: exited(255), Wait: returned(255), Target: handlingChild}, Crashed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Judge(c.facts)
			if v.Kind != c.want {
				t.Errorf("%s, wanted %s: %v", v.Kind, c.want, v.Because)
			}
			says(t, v, c.because)
		})
	}
}
