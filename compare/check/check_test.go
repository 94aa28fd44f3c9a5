package check

import (
	"errors"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/rules/expectation"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// An expectation that is not met outweighs one that could not be judged.
func TestPassed(t *testing.T) {
	met, unmet := document.Expectation{Name: "a", Pass: value.Known(true)}, document.Expectation{Name: "b", Pass: value.Known(false)}
	open := document.Expectation{Name: "c", Pass: value.Absent[bool](value.Failed, "no answer")}
	for _, c := range []struct {
		name        string
		all         []document.Expectation
		pass, known bool
		err         string
	}{
		{"nothing expected", nil, true, true, ""},
		{"all met", []document.Expectation{met, met}, true, true, ""},
		{"one not met", []document.Expectation{met, unmet}, false, true, fault.ErrNotMet.Error()},
		{"one not judged", []document.Expectation{met, open}, false, false, "c: could not tell whether it was met: no answer"},
		{"one not met, one not judged", []document.Expectation{open, unmet}, false, true, fault.ErrNotMet.Error()},
	} {
		result, err := passed(c.all)
		pass, known := result.Get()
		if pass != c.pass || known != c.known || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %v, %v, %v", c.name, pass, known, err)
		}
	}
}

// The error of an expectation that is not met says why, and so does the document.
func TestJudge(t *testing.T) {
	s := &experiment.Stopped{
		Like: "web", Skipped: []string{"its devices"}, Command: []string{"sleep", "1000"}, Verdict: verdict.Verdict{Kind: verdict.Killed},
		Run:   document.Run{State: document.State{ExitCode: value.Known(137)}, Timing: document.Timing{EffectMs: value.Known(20.0)}},
		Facts: prediction.Facts{Signal: 15, Grace: time.Second},
	}
	expected := expectation.Default()
	doc, err := judge(s, &expected)
	if !errors.Is(err, fault.ErrNotMet) || doc.Why == "" || !strings.Contains(err.Error(), doc.Why) {
		t.Errorf("%v: why %q", err, doc.Why)
	}
	if doc.Like != "web" || len(doc.Skipped) != 1 || len(doc.Command) != 2 || len(doc.Expectations) != 4 {
		t.Errorf("%+v", doc)
	}
	expected = expectation.Expectations{ExitCodes: []int{137}}
	if doc, err = judge(s, &expected); err != nil || doc.Why != "" || doc.Fix == nil {
		t.Errorf("%v: why %q, fix %v", err, doc.Why, doc.Fix)
	}
}

// TestYoungProgram checks that a program that may yet install a handler is a reason for a warning, once, and is no fix.
func TestYoungProgram(t *testing.T) {
	age := time.Second
	s := &experiment.Stopped{Verdict: verdict.Verdict{Kind: verdict.Forced},
		Run: document.Run{State: document.State{ExitCode: value.Known(137)}},
		Facts: prediction.Facts{Signal: 15, Grace: time.Second, Target: prediction.SignalTarget{
			First: prediction.Process{Name: "app", Program: "app", NamespaceInit: true, Age: &age,
				Threads: []proc.Thread{{State: 'S'}}}}}}
	expected := expectation.Default()
	doc, err := judge(s, &expected)
	warn(doc, s.Facts)
	if !errors.Is(err, fault.ErrNotMet) || len(doc.Warnings) != 1 || !strings.HasPrefix(doc.Warnings[0], "app is 1.00 s old") {
		t.Errorf("%v, warnings %q", err, doc.Warnings)
	}
	if len(doc.Fix) != 2 || strings.Contains(strings.Join(doc.Fix, "\n"), "old") {
		t.Errorf("fix %q", doc.Fix)
	}
}
