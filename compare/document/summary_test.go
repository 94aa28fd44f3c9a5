package document

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/value"
)

// runsOf returns runs with these effects in milliseconds, and with the verdicts in turn.
func runsOf(kinds []value.Kind, effects ...float64) []Run {
	var all []Run
	for i, ms := range effects {
		r := Run{Repeat: i + 1, Verdict: Verdict{Kind: kinds[i%len(kinds)]}}
		r.Timing.EffectMs = value.Known(ms)
		all = append(all, r)
	}
	return all
}

// TestSummarize checks medians, outliers and the grouping by verdict.
func TestSummarize(t *testing.T) {
	s := Summarize(runsOf([]value.Kind{"graceful"}, 100, 110, 90, 105, 95, 900))
	f := s.ByVerdict[0].Figures[0]
	if f.Name != "timing.effect_ms" || f.N != 6 || f.Min != 90 || f.Median != 102.5 || f.Max != 900 {
		t.Errorf("%+v", f)
	}
	if diff := cmp.Diff([]Outlier{{Repeat: 6, Value: 900}}, f.Outliers); diff != "" {
		t.Error(diff)
	}
	if iqr, ok := f.IQR.Get(); !ok || iqr != 15 {
		t.Errorf("the interquartile range is %v, %t", iqr, ok)
	}

	// With few runs there are no outliers, however far one lies.
	f = Summarize(runsOf([]value.Kind{"graceful"}, 1, 1, 1, 1000)).ByVerdict[0].Figures[0]
	if _, ok := f.IQR.Get(); ok || len(f.Outliers) != 0 || f.Median != 1 {
		t.Errorf("%+v", f)
	}

	// Runs with another verdict are not mixed in, and the most common verdict comes first.
	s = Summarize(runsOf([]value.Kind{"forced", "graceful", "graceful"}, 10000, 100, 200, 10000, 300, 400))
	if s.Verdicts["graceful"] != 4 || s.Verdicts["forced"] != 2 || s.ByVerdict[0].Verdict != "graceful" {
		t.Fatalf("%+v", s)
	}
	if diff := cmp.Diff([]int{2, 3, 5, 6}, s.ByVerdict[0].Repeats); diff != "" {
		t.Error(diff)
	}
	if median := s.ByVerdict[0].Figures[0].Median; median != 250 {
		t.Errorf("the median is %g", median)
	}

	// A figure that no run has is left out; one that some runs have is summarized over those.
	runs := runsOf([]value.Kind{"killed"}, 1, 2, 3)
	runs[1].Timing.EffectMs = value.Absent[float64](value.NotMeasured, "")
	if f := Summarize(runs).ByVerdict[0].Figures; len(f) != 1 || f[0].N != 2 || f[0].Median != 2 {
		t.Errorf("%+v", f)
	}
}
