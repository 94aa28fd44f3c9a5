package expectation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

func TestExpectations(t *testing.T) {
	second := time.Second
	all := Expectations{Within: &second, ExitCodes: []int{0, 143}, NoSIGKILL: true, Graceful: true, NoOrphans: true, Events: []string{"kill", "die", "stop"}}
	run := func(code int, took float64, events ...string) *document.Run {
		r := &document.Run{State: document.State{ExitCode: value.Known(code)}, Timing: document.Timing{EffectMs: value.Known(took)}}
		for _, e := range events {
			r.Events = append(r.Events, document.Event{Action: e})
		}
		return r
	}
	unknown := value.Absent[int](value.Unsupported, "")
	// oom adds what docker inspect and the kernel's count say of the OOM killer.
	oom := func(r *document.Run, state, count bool) *document.Run {
		r.State.OOMKilled, r.Memory.OOMKills = value.Known(state), value.Known(uint64(0))
		if count {
			r.Memory.OOMKills = value.Known(uint64(2))
		}
		return r
	}
	for name, c := range map[string]struct {
		s    Stop
		fail string // names of those not met; with ? of those not known
	}{
		"all met":                               {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: run(0, 20, "kill", "die", "stop"), Orphans: value.Known(0)}, ""},
		"stop before die":                       {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: run(143, 1000, "kill", "stop", "die"), Orphans: value.Known(0)}, ""},
		"forced":                                {Stop{Verdict: verdict.Verdict{Kind: verdict.Forced}, Run: run(137, 1001, "kill", "kill", "die", "stop"), Orphans: value.Known(2)}, "within exit-code no-sigkill graceful no-orphans events"},
		"terminated":                            {Stop{Verdict: verdict.Verdict{Kind: verdict.Terminated}, Run: run(143, 20, "kill", "die", "stop"), Orphans: unknown}, "graceful no-orphans?"},
		"nobody knows":                          {Stop{Verdict: verdict.Verdict{Kind: verdict.Inconclusive}, Run: run(0, 20, "kill", "die", "stop"), Orphans: value.Known(0)}, "graceful?"},
		"docker does not answer":                {Stop{Verdict: verdict.Verdict{Kind: verdict.Inconclusive, Missing: "docker inspect gave no answer"}, Run: &document.Run{}, Orphans: unknown, Unknown: "no answer"}, "within? exit-code? no-sigkill? graceful? no-orphans? events?"},
		"the OOM killer, by inspect":            {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: oom(run(0, 20, "kill", "die", "stop"), true, false), Orphans: value.Known(0)}, "no-sigkill"},
		"the OOM killer, by the kernel's count": {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: oom(run(0, 20, "kill", "die", "stop"), false, true), Orphans: value.Known(0)}, "no-sigkill"},
		"the OOM killer, by Docker's event":     {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: oom(run(0, 20, "kill", "oom", "die", "stop"), false, false), Orphans: value.Known(0)}, "no-sigkill events"},
		"the OOM killer, and a default action":  {Stop{Verdict: verdict.Verdict{Kind: verdict.Terminated}, Run: oom(run(143, 20, "kill", "die", "stop"), true, true), Orphans: value.Known(0)}, "no-sigkill graceful"},
		"the OOM killer, asked and idle":        {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: oom(run(0, 20, "kill", "die", "stop"), false, false), Orphans: value.Known(0)}, ""},
		"the OOM killer, and Docker is silent":  {Stop{Verdict: verdict.Verdict{Kind: verdict.Inconclusive}, Run: &document.Run{Memory: document.Memory{OOMKills: value.Known(uint64(1))}}, Orphans: unknown, Unknown: "no answer"}, "within? exit-code? no-sigkill graceful? no-orphans? events?"},
		"137, and nobody tells whose":           {Stop{Verdict: verdict.Verdict{Kind: verdict.Inconclusive, Missing: "whose"}, Run: oom(run(137, 20, "kill", "die", "stop"), false, false), Orphans: value.Known(0)}, "exit-code no-sigkill? graceful?"},
		"137 of a handler, unless somebody's":   {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: run(137, 20, "kill", "die", "stop"), Orphans: value.Known(0)}, "exit-code no-sigkill?"},
		"137 of its own, the kernel says so":    {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: run(137, 20, "kill", "die", "stop"), Orphans: value.Known(0), Returned: true}, "exit-code"},
		"137, a worker's by the OOM killer":     {Stop{Verdict: verdict.Verdict{Kind: verdict.Graceful}, Run: oom(run(137, 20, "kill", "die", "stop"), true, false), Orphans: value.Known(0), Returned: true}, "exit-code no-sigkill"},
		"it runs on, no end":                    {Stop{Verdict: verdict.Verdict{Kind: verdict.Inconclusive}, Run: &document.Run{}, Orphans: value.Known(0)}, "within exit-code no-sigkill graceful events"},
	} {
		c.s.Predicted = &prediction.Facts{Signal: 15, Grace: time.Second}
		var got []string
		judged := all.Judge(&c.s)
		for _, e := range judged {
			switch pass, known := e.Pass.Get(); {
			case !known:
				got = append(got, e.Name+"?")
			case !pass:
				got = append(got, e.Name)
			}
		}
		if strings.Join(got, " ") != c.fail {
			t.Errorf("%s: %q, wanted %q", name, got, c.fail)
		}
		why, _ := Explain(&c.s, judged)
		bad := slices.ContainsFunc(got, func(s string) bool { return !strings.HasSuffix(s, "?") })
		if bad != (why != "") {
			t.Errorf("%s: why %q", name, why)
		}
		if strings.Contains(why, "OOM killer") != (c.s.oom() != "") {
			t.Errorf("%s: why %q", name, why)
		}
	}
	if none := (&Expectations{}); !none.None() {
		t.Error("nothing is expected")
	}
}
