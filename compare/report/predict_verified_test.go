package report

import (
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestPredictVerified checks the lines of predictions that were tried on twins: what was observed, and the fix for that.
func TestPredictVerified(t *testing.T) {
	yes, no := true, false
	seen := func(kind value.Kind, code int) *document.Observed {
		return &document.Observed{Outcome: kind, ExitCode: value.Known(code), EffectMs: value.Absent[float64](value.NotMeasured, "")}
	}
	either := []value.Kind{"graceful", "forced"}
	d := &document.Predict{Containers: []document.Predicted{
		{Name: "web", Match: &yes, Stop: document.Outcome{Outcome: "undecided", Candidates: either, Observed: seen("graceful", 0)}},
		{Name: "api", Match: &yes, Stop: document.Outcome{Outcome: "undecided", Candidates: either, Observed: seen("forced", 137)},
			Fix: []string{"end the program in the handler"}},
		{Name: "db", Match: &no, Stop: document.Outcome{Outcome: "graceful", Observed: seen("crashed", 1), Match: &no},
			Pause: document.Outcome{Outcome: "paused", Match: &no}, Kill: document.Outcome{Outcome: "killed", Match: &yes}},
	}}
	checkTable(t, d, `NAME  STOP PREDICTED      OBSERVED               DIFFERS
────────────────────────────────────────────────────────────
api   graceful or forced  forced, exit code 137  –
db    graceful            crashed, exit code 1   stop, pause
web   graceful or forced  graceful, exit code 0  –

3 containers tried: 1 forced, 1 crashed; 1 not as predicted

How to fix api
  end the program in the handler
-v shows the reasons and the evidence
`)
	for _, c := range []struct {
		outcome document.Outcome
		want    string
	}{
		{d.Containers[0].Stop, "one of those possible"},
		{d.Containers[2].Stop, "no"},
		{d.Containers[2].Kill, "yes"},
		{document.Outcome{Outcome: "graceful", Observed: seen("inconclusive", 0)}, "–"},
	} {
		if got := matchSpan(&c.outcome).text; got != c.want {
			t.Errorf("%+v: %q, wanted %q", c.outcome, got, c.want)
		}
	}
}
