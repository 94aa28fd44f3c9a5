package expectation

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// ended is a run that ended with an exit code, after some milliseconds.
func ended(code int, after float64, events ...string) *document.Run {
	r := &document.Run{State: document.State{ExitCode: value.Known(code)}, Timing: document.Timing{EffectMs: value.Known(after)}}
	for _, e := range events {
		r.Events = append(r.Events, document.Event{Action: e})
	}
	return r
}

// stopped is a run that ended, with Docker's usual events.
func stopped(code int) *document.Run { return ended(code, 20, "kill", "die", "stop") }

// withOOM adds what docker inspect and the kernel's count say of the OOM killer.
func withOOM(r *document.Run, inspect bool, count uint64) *document.Run {
	r.State.OOMKilled, r.Memory.OOMKills = value.Known(inspect), value.Known(count)
	return r
}

// The container's processes: the first, and others.
func processes(others ...verdict.Process) *verdict.Ends {
	first := ends(42, 0, "sh", 0)
	return &verdict.Ends{All: append([]verdict.Process{first}, others...)}
}

// ends is a process that ended with a wait status, while the first process was running.
func ends(pid, parent int, name string, how value.WaitStatus) verdict.Process {
	at := time.Second
	return verdict.Process{PID: pid, Parent: parent, Name: name, EndedAt: &at, BeforeFirst: true, Wait: &how}
}

// swept makes a process one that ended as the first process was ending, or after it.
func swept(p verdict.Process) verdict.Process { p.BeforeFirst = false; return p }

// unknown makes a process one of which the kernel did not say how it ended.
func unknown(p verdict.Process) verdict.Process { p.Wait = nil; return p }

const byKill, byTerm = value.WaitStatus(9), value.WaitStatus(15)

func TestJudge(t *testing.T) {
	second := time.Second
	app, worker := ends(50, 42, "app", byKill), ends(51, 42, "worker", byKill)
	all := Expectations{Within: &second, ExitCodes: []int{0, 143}, NoSIGKILL: true, Graceful: true, NoOrphans: true,
		Events: []string{"kill", "die", "stop"}}
	noOrphans := processes(ends(50, 42, "app", 0))
	oldKernel := processes(unknown(swept(ends(50, 42, "app", 0))))
	const silent = "no answer"
	for _, c := range []struct {
		name     string
		kind     verdict.Kind
		missing  string
		run      *document.Run
		orphans  *verdict.Ends
		doubt    string
		killed   int // the process that a wrapper killed
		unknown  string
		returned bool
		want     string // names of those that are not met; with ? of those that are not decided
	}{
		{name: "all met", kind: verdict.Graceful, run: stopped(0), orphans: noOrphans},
		{name: "it runs on, whatever Docker says", kind: verdict.RunsOn, run: ended(0, 900, "kill", "die", "stop"), orphans: noOrphans,
			want: "within exit-code no-sigkill graceful no-orphans"},
		{name: "stop before die", kind: verdict.Graceful, run: ended(143, 1000, "kill", "stop", "die"), orphans: noOrphans},
		{name: "forced", kind: verdict.Forced, run: ended(137, 1001, "kill", "kill", "die", "stop"),
			orphans: processes(swept(app), swept(worker)), want: "within exit-code no-sigkill graceful no-orphans events"},
		{name: "terminated", kind: verdict.Terminated, run: stopped(143), orphans: oldKernel, want: "no-sigkill? graceful no-orphans?"},
		{name: "inconclusive", kind: verdict.Inconclusive, run: stopped(0), orphans: noOrphans, want: "graceful?"},
		{name: "docker does not answer", kind: verdict.Inconclusive, missing: "docker inspect gave no answer", run: &document.Run{},
			unknown: silent, want: "within? exit-code? no-sigkill? graceful? no-orphans? events?"},
		{name: "the OOM killer, by inspect", kind: verdict.Graceful, run: withOOM(stopped(0), true, 0), orphans: noOrphans,
			want: "no-sigkill"},
		{name: "the OOM killer, by the kernel's count", kind: verdict.Graceful, run: withOOM(stopped(0), false, 2), orphans: noOrphans,
			want: "no-sigkill"},
		{name: "the OOM killer, by Docker's event", kind: verdict.Graceful, run: withOOM(ended(0, 20, "kill", "oom", "die", "stop"), false, 0),
			orphans: noOrphans, want: "no-sigkill events"},
		{name: "the OOM killer, and a default action", kind: verdict.Terminated, run: withOOM(stopped(143), true, 2), orphans: noOrphans,
			want: "no-sigkill graceful"},
		{name: "the OOM killer did nothing", kind: verdict.Graceful, run: withOOM(stopped(0), false, 0), orphans: noOrphans},
		{name: "the OOM killer, and docker does not answer", kind: verdict.Inconclusive,
			run:     &document.Run{Memory: document.Memory{OOMKills: value.Known(uint64(1))}},
			unknown: silent, want: "within? exit-code? no-sigkill graceful? no-orphans? events?"},
		{name: "137 of unknown origin", kind: verdict.Inconclusive, missing: "whose", run: withOOM(stopped(137), false, 0), orphans: noOrphans,
			want: "exit-code no-sigkill? graceful?"},
		{name: "137 of a handler, as far as is known", kind: verdict.Graceful, run: stopped(137), orphans: noOrphans,
			want: "exit-code no-sigkill?"},
		{name: "137 returned, says the kernel", kind: verdict.Graceful, run: stopped(137), orphans: noOrphans, returned: true,
			want: "exit-code"},
		{name: "137 returned, and a worker OOM-killed", kind: verdict.Graceful, run: withOOM(stopped(137), true, 0), orphans: noOrphans,
			returned: true, want: "exit-code no-sigkill"},
		{name: "keeps running", kind: verdict.Inconclusive, run: &document.Run{},
			orphans: processes(verdict.Process{PID: 50, Parent: 42}),
			want:    "within exit-code no-sigkill graceful no-orphans events"},
		{name: "nobody looked", kind: verdict.Graceful, run: stopped(0), want: "no-sigkill? no-orphans?"},
		{name: "a process could not be held", kind: verdict.Graceful, run: stopped(0),
			orphans: &verdict.Ends{All: noOrphans.All, Missed: "no pidfd"}, want: "no-sigkill? no-orphans?"},
		{name: "SIGKILL to another process", kind: verdict.Graceful, run: stopped(0), orphans: processes(app), want: "no-sigkill"},
		{name: "SIGKILL to another process, by the OOM killer", kind: verdict.Graceful, run: withOOM(stopped(0), true, 1),
			orphans: processes(app), want: "no-sigkill"},
		{name: "one left", kind: verdict.Graceful, run: stopped(0), orphans: processes(swept(app)), want: "no-sigkill? no-orphans"},
		{name: "SIGKILL to one, and one left", kind: verdict.Graceful, run: stopped(0), orphans: processes(app, swept(worker)),
			want: "no-sigkill no-orphans"},
		{name: "one that outlives the first", kind: verdict.Graceful, run: stopped(0), orphans: processes(verdict.Process{PID: 50, Parent: 42}),
			want: "no-orphans"},
		{name: "a child ended by the stop signal", kind: verdict.Graceful, run: stopped(0), orphans: processes(ends(50, 42, "app", byTerm))},
		{name: "how one ended is unknown, but it was not left", kind: verdict.Graceful, run: stopped(0), orphans: processes(unknown(app)),
			want: "no-sigkill?"},
		{name: "the wrapper is known to have killed it", kind: verdict.Killed, killed: 50, run: stopped(0), orphans: processes(swept(app)),
			want: "no-sigkill graceful"},
		{name: "SIGKILL to what docker exec had started", kind: verdict.Graceful, run: stopped(0),
			orphans: processes(verdict.Process{PID: 60, Injected: true}, ends(61, 60, "curl", byKill))},
		{name: "it may be a wrapper that was graceful", kind: verdict.Graceful, run: stopped(0), orphans: noOrphans, doubt: "whose",
			want: "graceful?"},
		{name: "a failure code", kind: verdict.FailedStopping, run: stopped(1), orphans: noOrphans, want: "exit-code graceful"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := verdict.Verdict{Kind: c.kind, Missing: c.missing, Doubt: c.doubt, KilledPID: c.killed}
			s := Stop{Verdict: v, Run: c.run, Ends: c.orphans, Unknown: c.unknown,
				Returned: c.returned, Predicted: &prediction.Facts{Signal: 15, Grace: time.Second}}
			judged := all.Judge(&s)
			got := names(judged)
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			why, _ := Explain(&s, judged)
			unmet := slices.ContainsFunc(got, func(s string) bool { return !strings.HasSuffix(s, "?") })
			if unmet != (why != "") || strings.Contains(why, "OOM killer") != (s.oom() != "") {
				t.Errorf("why: %q", why)
			}
		})
	}
}

// names lists the expectations that are not met, and with a ? those that are not decided.
func names(judged []document.Expectation) (all []string) {
	for _, e := range judged {
		switch pass, known := e.Pass.Get(); {
		case !known:
			all = append(all, e.Name+"?")
		case !pass:
			all = append(all, e.Name)
		}
	}
	return all
}

// Nothing is judged that is not expected, and a loss of records is known only if they were read back.
func TestJudgeOnlyWhatIsExpected(t *testing.T) {
	none, loss := Expectations{}, Expectations{NoLoss: true}
	s := Stop{Verdict: verdict.Verdict{Kind: verdict.Forced}, Run: stopped(137)}
	if !none.None() || loss.None() || len(none.Judge(&s)) != 0 {
		t.Errorf("%v", none.Judge(&s))
	}
	for _, c := range []struct {
		lost value.Maybe[int]
		want string
	}{{value.Known(0), ""}, {value.Known(3), "no-loss"}, {value.Absent[int](value.NotMeasured, ""), "no-loss?"}} {
		s.Run.Data.Lost = c.lost
		if got := strings.Join(names(loss.Judge(&s)), " "); got != c.want {
			t.Errorf("%+v: %q, want %q", c.lost, got, c.want)
		}
	}
}

// Without expectations of the user's, nothing that loses data passes, and what was not observed does not either.
func TestDefault(t *testing.T) {
	app, loose := ends(50, 42, "app", byKill), swept(ends(50, 42, "app", byKill))
	for _, c := range []struct {
		name string
		stop Stop
		want string
	}{
		{"graceful", Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: stopped(0), Ends: processes()}, ""},
		{"graceful, 143", Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: stopped(143), Ends: processes()}, ""},
		{"an exception", Stop{Verdict: verdict.Verdict{Kind: verdict.FailedStopping}, Run: stopped(1), Ends: processes()},
			"exit-code graceful"},
		{"the default action", Stop{Verdict: verdict.Verdict{Kind: verdict.Terminated}, Run: stopped(143), Ends: processes()}, "graceful"},
		{"forced", Stop{Verdict: verdict.Verdict{Kind: verdict.Forced}, Run: stopped(137), Ends: processes()},
			"exit-code no-sigkill graceful"},
		{"killed by a wrapper", Stop{Verdict: verdict.Verdict{Kind: verdict.Killed}, Run: stopped(143), Ends: processes(app)},
			"no-sigkill graceful"},
		{"one left", Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: stopped(0), Ends: processes(loose)},
			"no-sigkill? no-orphans"},
		{"nobody looked", Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: stopped(0)}, "no-sigkill? no-orphans?"},
	} {
		c.stop.Predicted = &prediction.Facts{Signal: 15, Grace: time.Second}
		usual := Default()
		if got := strings.Join(names(usual.Judge(&c.stop)), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	// Another stop signal has another usual exit code, and an init may replace the signal.
	usual := Default()
	s := Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: stopped(131), Ends: processes(),
		Predicted: &prediction.Facts{Signal: 3, Grace: time.Second}}
	if got := names(usual.Judge(&s)); len(got) != 0 || usual.Judge(&s)[0].Want != "0 or 131" {
		t.Errorf("SIGQUIT: %q, %v", got, usual.Judge(&s)[0])
	}
}

// A signal other than Docker's ended a program that handles Docker's: its handler may have begun.
func TestExplainOtherSignal(t *testing.T) {
	s := Stop{Verdict: verdict.Verdict{Kind: verdict.Terminated, OtherSignal: 1, Of: "app", Under: []string{"tini", "script"},
		Because: []verdict.Observation{{Value: "app does not catch signal 1"}}}, Run: stopped(0),
		Predicted: &prediction.Facts{Signal: 15, Grace: time.Second}, Ends: processes()}
	why, advice := Explain(&s, []document.Expectation{{Name: "graceful", Pass: value.Known(false)}})
	if why != "app does not catch signal 1" {
		t.Errorf("why: %q", why)
	}
	if len(advice) != 1 || advice[0].Change != prediction.Handle || advice[0].Signal != 1 {
		t.Errorf("advice: %+v", advice)
	}
}

// A crash is no exit code of the program's own.
func TestExplainCrash(t *testing.T) {
	s := Stop{Verdict: verdict.Verdict{Kind: verdict.Crashed, Of: "app", Under: []string{"tini"},
		Because: []verdict.Observation{{Value: "app, under tini, was ended by signal 6"}}}, Run: stopped(134),
		Predicted: &prediction.Facts{Signal: 15, Grace: time.Second}, Ends: processes()}
	why, advice := Explain(&s, []document.Expectation{{Name: "exit-code", Pass: value.Known(false)}})
	if !strings.HasPrefix(why, "app (under tini) crashed after SIGTERM: app, under tini, was ended by signal 6") {
		t.Errorf("why: %q", why)
	}
	if len(advice) != 0 { // no change of the exit code helps
		t.Errorf("advice: %+v", advice)
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   verdict.Kind
		run    *document.Run
		signal syscall.Signal
		failed string
		why    string            // a part
		advice prediction.Change // the last one; "" for none
	}{
		{"nothing failed", verdict.Forced, stopped(137), 15, "", "", ""},
		{"forced", verdict.Forced, stopped(137), 15, "no-sigkill", "was still running when the grace of 1s ran out: SIGKILL", ""},
		{"no such signal", verdict.Forced, stopped(137), 99, "within", "none was sent, and SIGKILL ended it", ""},
		{"terminated", verdict.Terminated, stopped(143), 15, "graceful", "none of the program's code ran", ""},
		{"killed", verdict.Killed, stopped(137), 15, "exit-code", "SIGKILL ended it", ""},
		{"OOM-killed", verdict.OOMKilled, stopped(137), 15, "no-sigkill", "the OOM killer ended it during the shutdown", prediction.MoreMemory},
		{"slow", verdict.Graceful, stopped(0), 15, "within exit-code", "it handles SIGTERM, but takes longer", prediction.EndSooner},
		{"loss", verdict.Graceful, stopped(0), 15, "no-loss exit-code", "were on disk", prediction.SaveRecords},
		{"another code", verdict.Graceful, stopped(3), 15, "exit-code graceful", "an exit code of its own", prediction.ExitCode},
		{"a failure", verdict.FailedStopping, stopped(3), 15, "exit-code graceful", "handled SIGTERM, and then failed", prediction.ExitCode},
		{"0, where another code is expected", verdict.FailedStopping, stopped(0), 15, "exit-code", "ended with exit code 0, which",
			prediction.ExitCode},
		{"SIGKILL to another process", verdict.Graceful, stopped(0), 15, "no-sigkill",
			"SIGKILL ended app (process 50), 1.00 s after the command, while the first process was still running", prediction.KillLater},
		{"inconclusive", verdict.Inconclusive, stopped(0), 15, "graceful events", "the verdict is inconclusive", ""},
		{"a different sequence", verdict.Graceful, stopped(0), 15, "events", "a different sequence", ""},
		{"forced, and an orphan", verdict.Forced, stopped(137), 15, "no-orphans", "sh ended before worker (process 51)", prediction.EndChildren},
		{"an orphan", verdict.Graceful, stopped(0), 15, "no-orphans", "sh ended before worker (process 51), and the kernel killed",
			prediction.EndChildren},
		{"a worker OOM-killed", verdict.Graceful, withOOM(stopped(3), true, 0), 15, "exit-code no-sigkill",
			"an exit code of its own (verdict: graceful); the OOM killer",
			prediction.MoreMemory},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Stop{Verdict: verdict.Verdict{Kind: c.kind}, Run: c.run, Predicted: &prediction.Facts{Signal: c.signal, Grace: time.Second},
				Ends: processes(ends(50, 42, "app", byKill), swept(ends(51, 42, "worker", byKill)))}
			judged := []document.Expectation{{Name: "undecided"}}
			for _, name := range strings.Fields(c.failed) {
				judged = append(judged, document.Expectation{Name: name, Pass: value.Known(false)})
			}
			why, advice := Explain(&s, judged)
			if (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
				t.Errorf("why: %q, want %q", why, c.why)
			}
			if c.advice != "" && (len(advice) == 0 || advice[len(advice)-1].Change != c.advice) {
				t.Errorf("advice: %v, want %s", advice, c.advice)
			}
		})
	}
}

// The processes that are left are named, and every expectation that is not decided says why.
func TestGot(t *testing.T) {
	app, worker := swept(ends(50, 42, "app", byKill)), swept(ends(51, 42, "worker", byKill))
	orphans := Expectations{NoOrphans: true}
	for want, ends := range map[string]*verdict.Ends{
		"none left":                           processes(),
		"1 left: app (process 50)":            processes(app),
		"2 left: app (process 50) and 1 more": processes(app, worker),
		"1 left: loose (process 52), runs on": processes(verdict.Process{PID: 52, Parent: 42, Name: "loose"}),
		"unknown":                             nil,
	} {
		s := Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: stopped(0), Ends: ends}
		if got := orphans.Judge(&s)[0].Got; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	all := Default()
	for _, s := range []Stop{
		{Verdict: verdict.Verdict{Kind: verdict.Inconclusive}, Run: stopped(0)},
		{Verdict: verdict.Verdict{Kind: verdict.Inconclusive}, Run: &document.Run{}, Unknown: "no answer"},
	} {
		for _, e := range all.Judge(&s) {
			if reason, detail, missing := e.Pass.Missing(); missing && detail == "" {
				t.Errorf("%+v: %s: no detail", s.Verdict, reason)
			}
		}
	}
}

// An init that has shut its container down by reboot(2) has not failed, whatever exit code the kernel gives that.
func TestRebootCode(t *testing.T) {
	s := Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful, Reboot: true}, Run: stopped(130), Ends: processes(),
		Predicted: &prediction.Facts{Signal: 15, Grace: time.Second}}
	usual := Default()
	if judged := usual.Judge(&s); len(names(judged)) != 0 || judged[0].Want != "0 or 143, or 129 or 130 by reboot(2)" {
		t.Errorf("%+v", judged)
	}
	own := Expectations{ExitCodes: []int{0}}
	if got := names(own.Judge(&s)); len(got) != 1 {
		t.Errorf("--exit-code 0: %q", got)
	}
	if s.Verdict.Reboot = false; len(names(usual.Judge(&s))) != 1 {
		t.Error("130 is a usual exit code")
	}
}

// With --pid=host, there is no end of a PID namespace at which the kernel kills.
func TestSharedNamespace(t *testing.T) {
	e := Expectations{NoSIGKILL: true, NoOrphans: true}
	for mode, want := range map[string]string{"": "the kernel killed", "host": "containerd's shim killed"} {
		s := Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: stopped(0), Predicted: &prediction.Facts{PIDMode: mode},
			Ends: processes(swept(ends(50, 42, "app", byKill)))}
		judged := e.Judge(&s)
		why, _ := Explain(&s, judged)
		if !strings.Contains(judged[0].Pass.Detail(), want) || !strings.Contains(why, want) {
			t.Errorf("%q: %q, %q", mode, judged[0].Pass.Detail(), why)
		}
	}
}

// Engines differ in whether die or stop comes first.
func TestDieBeforeStop(t *testing.T) {
	for _, c := range []struct {
		events, want []string
	}{
		{nil, nil},
		{[]string{"kill", "stop", "die"}, []string{"kill", "die", "stop"}},
		{[]string{"kill", "die", "stop"}, []string{"kill", "die", "stop"}},
		{[]string{"stop", "kill", "die"}, []string{"stop", "kill", "die"}},
	} {
		if got := dieBeforeStop(c.events); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.events, got, c.want)
		}
	}
}

// What runs on is named, with the way to have it end.
func TestExplainRunsOn(t *testing.T) {
	reached := Stop{Verdict: verdict.Verdict{Kind: verdict.RunsOn, Because: []verdict.Observation{{Value: "process 42 has not ended"}}},
		Run: stopped(255), Predicted: &prediction.Facts{Signal: 15, CgroupVersion: 1}}
	facts := *reached.Predicted
	facts.Target.First = prediction.Process{PID: 42, Name: "app", FirstThreadEnded: true}
	unreached := reached
	unreached.Predicted = &facts
	e := Default()
	for s, want := range map[*Stop]prediction.Change{&reached: "", &unreached: prediction.FirstThread} {
		why, advice := Explain(s, e.Judge(s))
		if why != "it has not ended, whatever Docker says: process 42 has not ended" || (want == "") != (len(advice) == 0) ||
			want != "" && advice[0].Change != want {
			t.Errorf("%q, %v", why, advice)
		}
	}
}
