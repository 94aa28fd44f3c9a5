package document

import (
	"slices"

	"github.com/montanaflynn/stats"

	"haltscope/compare/value"
)

// Spread is a figure over several runs.
type Spread struct {
	Name     string               `json:"name"` // the path of the figure in a run
	N        int                  `json:"n"`    // the runs that have it
	Min      float64              `json:"min"`
	Median   float64              `json:"median"`
	Max      float64              `json:"max"`
	IQR      value.Maybe[float64] `json:"iqr"` // the interquartile range
	Outliers []Outlier            `json:"outliers"`
}

// Outlier is the figure of a run that lies more than 1.5 interquartile ranges outside of the quartiles.
type Outlier struct {
	Repeat int     `json:"repeat"`
	Value  float64 `json:"value"`
}

// Outliers lie beyond Tukey's fences. With fewer than minRuns runs there can be none.
const (
	fence   = 1.5
	minRuns = 5
)

// SpreadOf returns the spread of a figure over several runs, and whether any of them has it.
func SpreadOf(name string, runs []Run, get func(*Run) (float64, bool)) (Spread, bool) {
	s := Spread{Name: name, IQR: value.Absent[float64](value.NotMeasured, "fewer than 5 runs have it"), Outliers: []Outlier{}}
	var values stats.Float64Data
	for i := range runs {
		if v, ok := get(&runs[i]); ok {
			values = append(values, v)
		}
	}
	if s.N = len(values); s.N == 0 {
		return s, false
	}
	s.Min, s.Max = slices.Min(values), slices.Max(values)
	s.Median, _ = stats.Median(values) // fails only for an empty list
	if s.N < minRuns {
		return s, true
	}
	q, _ := stats.Quartile(values) // likewise
	iqr := q.Q3 - q.Q1
	s.IQR = value.Known(iqr)
	for i := range runs {
		if v, ok := get(&runs[i]); ok && (v < q.Q1-fence*iqr || v > q.Q3+fence*iqr) {
			s.Outliers = append(s.Outliers, Outlier{runs[i].Repeat, v})
		}
	}
	return s, true
}
