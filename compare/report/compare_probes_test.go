package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestProbeGrid checks the cell of each outcome.
func TestProbeGrid(t *testing.T) {
	probe := func(name, when, outcome string) document.Probe {
		return document.Probe{Probe: name, When: when, Outcome: value.Known(outcome), Detail: "Error response from daemon: no",
			DurationMs: value.Known(2000.0)}
	}
	late := probe("exec", "after", document.Hung)
	late.AfterUnpause = &document.AfterUnpause{Outcome: value.Known(document.Answered), AfterMs: value.Known(5.0)}
	never := probe("cp", "after", document.Hung)
	never.AfterUnpause = &document.AfterUnpause{}
	c := &document.Compare{Arms: []document.Arm{{Action: "pause", Runs: []document.Run{{Probes: []document.Probe{
		probe("exec", "before", document.Answered), late,
		probe("cp", "before", document.Answered), never,
		probe("top", "before", document.Answered), probe("top", "after", document.Answered),
		probe("port", "before", document.Refused), probe("port", "after", document.Refused),
		{Probe: "logs", When: "after", Outcome: value.Absent[string](value.Unsupported, "no log driver")},
	}}}}}}
	var got [][]string
	for _, r := range probeGrid(c).rows {
		var row []string
		for _, s := range r {
			row = append(row, s.text)
		}
		got = append(got, row)
	}
	want := [][]string{
		{"exec", "answered", "hung for 2.00 s; answered 5.0 ms after docker unpause"},
		{"cp", "answered", "hung for 2.00 s, and still hung after docker unpause"},
		{"top", "answered", "answered"},
		{"port", "refused: no", "refused: no (also before the action)"},
		{"logs", "", "unsupported: no log driver"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if probeGrid(&document.Compare{}) != nil {
		t.Error("a grid without probes")
	}
}
