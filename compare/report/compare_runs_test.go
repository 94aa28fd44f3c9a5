package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestCellsOfSeveralRuns checks that cells show medians and count what differs between runs.
func TestCellsOfSeveralRuns(t *testing.T) {
	arm := document.Arm{Action: "stop", Runs: runsOf([]value.Kind{"graceful", "graceful", "forced"}, 100, 300, 10000)}
	for i := range arm.Runs {
		arm.Runs[i].State.Status = value.Known("exited")
		arm.Runs[i].State.ExitCode = value.Known(map[value.Kind]int{"forced": 137}[arm.Runs[i].Verdict.Kind])
		arm.Runs[i].Container.ID = "0123456789abcdef"
	}
	c := &document.Compare{Arms: []document.Arm{arm},
		Repeats: document.Repeats{Requested: 4, Completed: 3, Failed: []document.FailedRun{{Repeat: 4, Error: "no answer"}}}}
	want := map[string]string{
		"verdict":        "graceful 2 of 3, forced 1 of 3, ended after 200 ms (100 ms … 300 ms)",
		"docker inspect": "exited, exit code 0",
	}
	for _, r := range compareRows(c) {
		if w, ok := want[r.question]; ok && r.cells[0] != w {
			t.Errorf("%s: %q, wanted %q", r.question, r.cells[0], w)
		}
	}
	if diff := cmp.Diff([]string{"run 4 failed: no answer", "docker stop, run 3: forced, ended after 10.00 s"}, unusualRuns(c)); diff != "" {
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

// runsOf returns runs with these effects in milliseconds, and with the verdicts in turn.
func runsOf(kinds []value.Kind, effects ...float64) []document.Run {
	var all []document.Run
	for i, ms := range effects {
		r := document.Run{Repeat: i + 1, Verdict: document.Verdict{Kind: kinds[i%len(kinds)]}}
		r.Timing.EffectMs = value.Known(ms)
		all = append(all, r)
	}
	return all
}
