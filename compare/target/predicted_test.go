package target

import (
	"testing"
	"time"

	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

func TestPredicted(t *testing.T) {
	after := 10 * time.Second
	facts := prediction.Facts{Signal: 15, SignalFrom: "docker's default", Grace: after, GraceFrom: "docker's default",
		Target: prediction.SignalTarget{First: prediction.Process{PID: 42, NSPID: []int{42, 1}, Name: "tini"}, Init: "tini",
			Child: &prediction.Process{PID: 43, Name: "app", Program: "app"}},
		Unsignaled: []prediction.UnsignaledProcess{{PID: 44, Name: "sleep"}}}
	p := prediction.Prediction{Stop: prediction.Outcome{Kind: prediction.Undecided,
		Candidates: []verdict.Kind{verdict.Graceful,
			verdict.Forced}, ExitCodes: []int{137}, OwnExitCode: true, After: &after, DecidedBy: "a try"},
		Advice: []prediction.Advice{{Change: prediction.MoreGrace, Signal: 15}}}
	d := Predicted(dockercli.Container{ID: "4f1c", Name: "/web"}, &facts, &p)
	if d.Name != "web" || d.Signal.Number != 15 || d.Signal.Name != "SIGTERM" || len(d.Unsignaled) != 1 || len(d.Fix) != 1 {
		t.Errorf("%+v", d)
	}
	if grace, _ := d.Grace.Ms.Get(); grace != 10000 {
		t.Errorf("grace %+v", d.Grace)
	}
	if pid, _ := d.SignalTarget.PID.Get(); pid != 43 || d.SignalTarget.ForwardedBy != "tini" {
		t.Errorf("signal target %+v", d.SignalTarget)
	}
	if ms, _ := d.Stop.AfterMs.Get(); ms != 10000 || d.Stop.Outcome != "undecided" || len(d.Stop.Candidates) != 2 ||
		d.Stop.DecidedBy != "a try" {
		t.Errorf("stop %+v", d.Stop)
	}
	if d.Kill.AfterMs.Reason() != value.Unsupported {
		t.Errorf("kill %+v", d.Kill)
	}
}

// What is not known is absent, with a reason.
func TestUnknownTarget(t *testing.T) {
	for name, c := range map[string]struct {
		target prediction.SignalTarget
		detail string
	}{
		"an error":           {prediction.SignalTarget{Error: "denied"}, "denied"},
		"an init by itself":  {prediction.SignalTarget{Init: "tini"}, "tini has no child to forward signals to"},
		"no program to name": {prediction.SignalTarget{First: prediction.Process{PID: 42, Name: "app"}}, ""},
	} {
		got := signalTarget(&c.target)
		if got.PID.Detail() != c.detail || got.Program.Reason() != value.Failed {
			t.Errorf("%s: %+v", name, got)
		}
	}
	g := Predicted(dockercli.Container{}, &prediction.Facts{Grace: -1}, &prediction.Prediction{}).Grace.Ms
	if g.Reason() != value.Unsupported {
		t.Errorf("a grace without end: %+v", g)
	}
}
