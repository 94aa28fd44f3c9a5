package experiment

import (
	"testing"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

func TestMatches(t *testing.T) {
	graceful := prediction.Outcome{Kind: verdict.Graceful, ExitCodes: []int{0}}
	handles := prediction.Outcome{Kind: prediction.Undecided, Candidates: []verdict.Kind{verdict.Graceful, verdict.Forced},
		ExitCodes: []int{137}, OwnExitCode: true}
	terminates := prediction.Outcome{Kind: prediction.Undecided, Candidates: []verdict.Kind{verdict.Graceful, verdict.Terminated},
		ExitCodes: []int{143}, OwnExitCode: true}
	freezes := prediction.Outcome{Kind: prediction.Undecided, Candidates: []verdict.Kind{prediction.Refused, verdict.Paused}}
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
		{"its handler decides, and fails: as good as any end", handles, verdict.FailedStopping, value.Known(1), "unknown"},
		{"its handler decides, and ends it: as good as any end", handles, verdict.Graceful, value.Known(0), "unknown"},
		{"its handler decides, and goes on: as good as any end", handles, verdict.Forced, value.Known(137), "unknown"},
		{"one of two ends, where it could have been forced", terminates, verdict.Graceful, value.Known(0), "yes"},
		{"forced, where that was not predicted", terminates, verdict.Forced, value.Known(137), "no"},
		{"a pause that may be refused", freezes, verdict.Paused, running, "unknown"},
		{"a pause that may be refused, and an end", freezes, verdict.Crashed, value.Known(1), "no"},
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

// TestAddObserved checks that what would decide is gone once it is decided, and that the fix is that for what was observed.
func TestAddObserved(t *testing.T) {
	handler := prediction.Process{PID: 100, Name: "app", Program: "app", NamespaceInit: true, Caught: 1 << 14,
		Threads: []proc.Thread{{TID: 100}}}
	open := prediction.Outcome{Kind: prediction.Undecided, Candidates: []verdict.Kind{verdict.Graceful, verdict.Forced},
		ExitCodes: []int{137}, OwnExitCode: true, DecidedBy: "whether its handler ends it"}
	for _, c := range []struct {
		name  string
		kind  verdict.Kind
		code  int
		fixes int
	}{{"it ended gracefully", verdict.Graceful, 0, 0}, {"it was forced", verdict.Forced, 137, 2}} {
		a := stoppedArm(&dockercli.State{Status: "exited", ExitCode: c.code})
		a.action = Action{Verb: value.Stop}
		a.performed.Verb, a.performed.Docker = value.Stop, dockercli.New(dockercli.Options{Path: "docker"})
		a.baseline.predicted = &predicted{prediction: prediction.Prediction{Stop: open},
			facts: prediction.Facts{Signal: 15, Grace: value.DefaultGrace, Target: prediction.SignalTarget{First: handler}}}
		a.verdict = verdict.Verdict{Kind: c.kind}
		d := document.Predicted{Fix: []string{"before", "it was", "tried"}}
		same := addObserved(&d, []*arm{a})
		if !same || d.Stop.Match != nil || d.Stop.DecidedBy != "" || d.Stop.Observed.Outcome != c.kind {
			t.Errorf("%s: same %t, %+v", c.name, same, d.Stop)
		}
		if len(d.Fix) != c.fixes {
			t.Errorf("%s: fix %q, warnings %q", c.name, d.Fix, d.Warnings)
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
