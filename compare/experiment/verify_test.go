package experiment

import (
	"testing"

	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

func TestMatches(t *testing.T) {
	graceful := prediction.Outcome{Kind: verdict.Graceful, ExitCodes: []int{0}}
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
		{"it runs on, as predicted", prediction.Outcome{Kind: verdict.Paused}, verdict.Paused, running, "yes"},
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
