package experiment

import (
	"testing"

	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

func TestMatches(t *testing.T) {
	graceful := prediction.Outcome{Kind: verdict.Graceful, ExitCodes: []int{0}}
	handles := prediction.Outcome{Kind: prediction.Undecided, Candidates: []verdict.Kind{verdict.Graceful, verdict.Forced},
		ExitCodes: []int{137}, OwnExitCode: true}
	running := value.Absent[int](value.NotMeasured, "it has not ended")
	for _, c := range []struct {
		name      string
		predicted prediction.Outcome
		kind      verdict.Kind
		exitCode  value.Maybe[int]
		want      string
	}{
		{"as predicted", graceful, verdict.Graceful, value.Known(0), "yes"},
		{"another verdict", graceful, verdict.Forced, value.Known(137), "no"},
		{"another exit code", graceful, verdict.Graceful, value.Known(3), "no"},
		{"a failure instead of a graceful end", graceful, verdict.FailedStopping, value.Known(0), "no"},
		{"its handler decides, and fails", handles, verdict.FailedStopping, value.Known(1), "yes"},
		{"its handler decides, and ends it", handles, verdict.Graceful, value.Known(0), "yes"},
		{"its handler decides, and the default action ended it", handles, verdict.Terminated, value.Known(143), "no"},
		{"it runs on, as predicted", prediction.Outcome{Kind: verdict.Paused}, verdict.Paused, running, "yes"},
		{"refused, as predicted", prediction.Outcome{Kind: prediction.Refused}, prediction.Refused, running, "yes"},
		{"it runs on", graceful, verdict.Paused, running, "no"},
		{"inconclusive, with a code that fits", graceful, verdict.Inconclusive, value.Known(0), "unknown"},
		{"inconclusive, with a code that does not fit", graceful, verdict.Inconclusive, value.Known(137), "no"},
		{"inconclusive, and it runs on", graceful, verdict.Inconclusive, running, "no"},
	} {
		got := "unknown"
		if m := matches(&c.predicted, c.kind, c.exitCode); m != nil {
			got = map[bool]string{true: "yes", false: "no"}[*m]
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// The advice is on the program that the verdict is about, and not on the helper that a shell waits for.
func TestVerifyAdvice(t *testing.T) {
	shell := prediction.Process{PID: 100, Name: "sh", Program: "dash", Children: 2, InWait4: true, Caught: 1 << 14}
	a := stoppedArm(nil)
	a.baseline.predicted = &predicted{facts: prediction.Facts{Signal: 15, Target: prediction.SignalTarget{First: shell,
		Jobs: []prediction.Process{{PID: 102, Parent: 100, Name: "cat", Program: "cat"}}}}}
	a.verdict = verdict.Verdict{Kind: verdict.Terminated, Of: "app", Under: []string{"sh"}}
	if all := a.advice(); len(all) != 1 || all[0].Change != prediction.Handle || all[0].Program != "app" {
		t.Errorf("%+v", all)
	}
}
