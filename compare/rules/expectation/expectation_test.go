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

func TestJudge(t *testing.T) {
	second := time.Second
	all := Expectations{Within: &second, ExitCodes: []int{0, 143}, NoSIGKILL: true, Graceful: true, NoOrphans: true,
		Events: []string{"kill", "die", "stop"}}
	noOrphans, unknown := value.Known(0), value.Absent[int](value.Unsupported, "")
	const silent = "no answer"
	for _, c := range []struct {
		name     string
		kind     verdict.Kind
		missing  string
		run      *document.Run
		orphans  value.Maybe[int]
		unknown  string
		returned bool
		want     string // names of those that are not met; with ? of those that are not decided
	}{
		{name: "all met", kind: verdict.Graceful, run: stopped(0), orphans: noOrphans},
		{name: "stop before die", kind: verdict.Graceful, run: ended(143, 1000, "kill", "stop", "die"), orphans: noOrphans},
		{name: "forced", kind: verdict.Forced, run: ended(137, 1001, "kill", "kill", "die", "stop"), orphans: value.Known(2),
			want: "within exit-code no-sigkill graceful no-orphans events"},
		{name: "terminated", kind: verdict.Terminated, run: stopped(143), orphans: unknown, want: "graceful no-orphans?"},
		{name: "inconclusive", kind: verdict.Inconclusive, run: stopped(0), orphans: noOrphans, want: "graceful?"},
		{name: "docker does not answer", kind: verdict.Inconclusive, missing: "docker inspect gave no answer", run: &document.Run{},
			orphans: unknown, unknown: silent, want: "within? exit-code? no-sigkill? graceful? no-orphans? events?"},
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
			orphans: unknown, unknown: silent, want: "within? exit-code? no-sigkill graceful? no-orphans? events?"},
		{name: "137 of unknown origin", kind: verdict.Inconclusive, missing: "whose", run: withOOM(stopped(137), false, 0), orphans: noOrphans,
			want: "exit-code no-sigkill? graceful?"},
		{name: "137 of a handler, as far as is known", kind: verdict.Graceful, run: stopped(137), orphans: noOrphans,
			want: "exit-code no-sigkill?"},
		{name: "137 returned, says the kernel", kind: verdict.Graceful, run: stopped(137), orphans: noOrphans, returned: true,
			want: "exit-code"},
		{name: "137 returned, and a worker OOM-killed", kind: verdict.Graceful, run: withOOM(stopped(137), true, 0), orphans: noOrphans,
			returned: true, want: "exit-code no-sigkill"},
		{name: "keeps running", kind: verdict.Inconclusive, run: &document.Run{}, orphans: noOrphans,
			want: "within exit-code no-sigkill graceful events"},
		{name: "the other processes could not be opened", kind: verdict.Graceful, run: stopped(0),
			orphans: value.Absent[int](value.Failed, "no pidfd"), want: "no-orphans?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Stop{Verdict: verdict.Verdict{Kind: c.kind, Missing: c.missing}, Run: c.run, Orphans: c.orphans, Unknown: c.unknown,
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
	usual := Default()
	if got := strings.Join(names(usual.Judge(&s)), " "); got != "no-sigkill graceful" {
		t.Errorf("the default: %q", got)
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
		{"inconclusive", verdict.Inconclusive, stopped(0), 15, "graceful events", "the verdict is inconclusive", ""},
		{"a different sequence", verdict.Graceful, stopped(0), 15, "events", "a different sequence", ""},
		{"an orphan", verdict.Graceful, stopped(0), 15, "no-orphans", "ended before the others", prediction.EndChildren},
		{"a worker OOM-killed", verdict.Graceful, withOOM(stopped(3), true, 0), 15, "exit-code no-sigkill",
			"an exit code of its own (verdict: graceful); the OOM killer",
			prediction.MoreMemory},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Stop{Verdict: verdict.Verdict{Kind: c.kind}, Run: c.run, Predicted: &prediction.Facts{Signal: c.signal, Grace: time.Second}}
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
