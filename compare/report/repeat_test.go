package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// runs makes runs of verdicts and effects.
func runsOf(kinds []string, effects ...float64) []document.Run {
	var all []document.Run
	for i, ms := range effects {
		r := document.Run{Repeat: i + 1, Verdict: document.Verdict{Kind: kinds[i%len(kinds)]}}
		r.Timing.EffectMs = value.Known(ms)
		all = append(all, r)
	}
	return all
}

func TestSummarize(t *testing.T) {
	s := document.Summarize(runsOf([]string{"graceful"}, 100, 110, 90, 105, 95, 900))
	f := s.ByVerdict[0].Figures[0]
	if f.Name != "timing.effect_ms" || f.N != 6 || f.Min != 90 || f.Median != 102.5 || f.Max != 900 {
		t.Errorf("%+v", f)
	}
	if diff := cmp.Diff([]document.Outlier{{Repeat: 6, Value: 900}}, f.Outliers); diff != "" {
		t.Error(diff)
	}
	if iqr, ok := f.IQR.Get(); !ok || iqr != 15 {
		t.Errorf("the spread is %v, %t", iqr, ok)
	}

	// Few runs tell no outlier, however far one lies.
	f = document.Summarize(runsOf([]string{"graceful"}, 1, 1, 1, 1000)).ByVerdict[0].Figures[0]
	if _, ok := f.IQR.Get(); ok || len(f.Outliers) != 0 || f.Median != 1 {
		t.Errorf("%+v", f)
	}

	// What came to another verdict is not mixed in, and the commonest comes first.
	s = document.Summarize(runsOf([]string{"forced", "graceful", "graceful"}, 10000, 100, 200, 10000, 300, 400))
	if s.Verdicts["graceful"] != 4 || s.Verdicts["forced"] != 2 || s.ByVerdict[0].Verdict != "graceful" {
		t.Fatalf("%+v", s)
	}
	if diff := cmp.Diff([]int{2, 3, 5, 6}, s.ByVerdict[0].Repeats); diff != "" {
		t.Error(diff)
	}
	if median := s.ByVerdict[0].Figures[0].Median; median != 250 {
		t.Errorf("the median is %g", median)
	}

	// A figure that no run has is left out; one that some have is told of those.
	runs := runsOf([]string{"killed"}, 1, 2, 3)
	runs[1].Timing.EffectMs = value.Absent[float64](value.NotMeasured, "")
	if f := document.Summarize(runs).ByVerdict[0].Figures; len(f) != 1 || f[0].N != 2 || f[0].Median != 2 {
		t.Errorf("%+v", f)
	}
}

func TestCellsOfSeveralRuns(t *testing.T) {
	arm := document.Arm{Action: "stop", Runs: runsOf([]string{"graceful", "graceful", "forced"}, 100, 300, 10000)}
	for i := range arm.Runs {
		arm.Runs[i].State.Status = value.Known("exited")
		arm.Runs[i].State.ExitCode = value.Known(map[string]int{"forced": 137}[arm.Runs[i].Verdict.Kind])
		arm.Runs[i].Container.ID = "0123456789abcdef"
	}
	c := &document.Compare{Arms: []document.Arm{arm}, Repeats: document.Repeats{Requested: 4, Completed: 3, Failed: []document.FailedRun{{Repeat: 4, Error: "no answer"}}}}
	want := map[string]string{
		"verdict":        "graceful 2 of 3, forced 1 of 3, ended after 200 ms (100 ms … 300 ms)",
		"docker inspect": "exited, exit code 0",
	}
	for _, r := range compareRows(c) {
		if w, ok := want[r.question]; ok && r.cells[0] != w {
			t.Errorf("%s: %q, wanted %q", r.question, r.cells[0], w)
		}
	}
	if diff := cmp.Diff([]string{"run 4 failed: no answer", "docker stop, run 3: forced, ended after 10.00 s"}, compareApart(c)); diff != "" {
		t.Error(diff)
	}
	// Runs of one verdict that do not say the same are counted.
	c.Arms[0].Runs[1].State.ExitCode = value.Known(3)
	for _, r := range compareRows(c) {
		if w := "exited, exit code 0 (1 of 2); exited, exit code 3 (1 of 2)"; r.question == "docker inspect" && r.cells[0] != w {
			t.Errorf("%q, wanted %q", r.cells[0], w)
		}
	}
}
