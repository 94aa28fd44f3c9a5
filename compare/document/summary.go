package document

import (
	"cmp"
	"slices"

	"github.com/montanaflynn/stats"

	"haltscope/compare/value"
)

// Repeats is how often the experiment was done.
type Repeats struct {
	Requested   int         `json:"requested"`
	Completed   int         `json:"completed"`   // and reported
	Interrupted bool        `json:"interrupted"` // before all were done
	Failed      []FailedRun `json:"failed"`      // those that came to no report
}

// FailedRun is a repetition that came to no report.
type FailedRun struct {
	Repeat int    `json:"repeat"` // from 1 on
	Error  string `json:"error"`
}

// Summary lays the runs of an arm together. What came to different verdicts is not mixed.
type Summary struct {
	Verdicts  map[string]int `json:"verdicts"`   // how many runs, by verdict
	ByVerdict []SameVerdict  `json:"by_verdict"` // the commonest first
}

// SameVerdict is the runs that came to one verdict.
type SameVerdict struct {
	Verdict string   `json:"verdict"`
	Repeats []int    `json:"repeats"` // which runs
	Figures []Spread `json:"figures"`
}

// Spread is a figure over several runs.
type Spread struct {
	Name     string               `json:"name"` // where it stands in a run
	N        int                  `json:"n"`    // the runs that have it
	Min      float64              `json:"min"`
	Median   float64              `json:"median"`
	Max      float64              `json:"max"`
	IQR      value.Maybe[float64] `json:"iqr"` // between the quartiles
	Outliers []Outlier            `json:"outliers"`
}

// Outlier is a run's figure that lies apart.
type Outlier struct {
	Repeat int     `json:"repeat"`
	Value  float64 `json:"value"`
}

// Outliers are told by Tukey's fences: what lies more than 1.5 interquartile ranges outside of the quartiles. Of fewer
// than fenceRuns runs none can.
const (
	fence     = 1.5
	fenceRuns = 5
)

// figures are those of a run that a summary is made of.
var figures = []struct {
	name string
	of   func(*Run) (float64, bool)
}{
	{"timing.effect_ms", func(r *Run) (float64, bool) { return r.Timing.EffectMs.Get() }},
	{"timing.command_ms", func(r *Run) (float64, bool) { return r.Timing.CommandMs.Get() }},
	{"memory.before_bytes", func(r *Run) (float64, bool) { return Float(r.Memory.BeforeBytes) }},
	{"memory.after_bytes", func(r *Run) (float64, bool) { return Float(r.Memory.AfterBytes) }},
	{"cpu.usage_usec_before", func(r *Run) (float64, bool) { return Float(r.CPU.UsageUsecBefore) }},
	{"cpu.usage_usec_during", func(r *Run) (float64, bool) { return Float(r.CPU.UsageUsecDuring) }},
	{"data.lost", func(r *Run) (float64, bool) { return Float(r.Data.Lost) }},
}

func Float[T int | int64 | uint64 | float64](m value.Maybe[T]) (float64, bool) {
	v, ok := m.Get()
	return float64(v), ok
}

// Summarize lays runs together.
func Summarize(runs []Run) Summary {
	s := Summary{Verdicts: map[string]int{}, ByVerdict: []SameVerdict{}}
	for _, same := range ByVerdict(runs) {
		g := SameVerdict{Verdict: same[0].Verdict.Kind, Figures: []Spread{}}
		s.Verdicts[g.Verdict] = len(same)
		for _, r := range same {
			g.Repeats = append(g.Repeats, r.Repeat)
		}
		for _, f := range figures {
			if spread, ok := SpreadOf(f.name, same, f.of); ok {
				g.Figures = append(g.Figures, spread)
			}
		}
		s.ByVerdict = append(s.ByVerdict, g)
	}
	return s
}

// byVerdict parts runs by their verdict, the commonest first, and of those that are as common the one seen first.
func ByVerdict(runs []Run) [][]Run {
	var all [][]Run
	for _, r := range runs {
		i := slices.IndexFunc(all, func(same []Run) bool { return same[0].Verdict.Kind == r.Verdict.Kind })
		if i < 0 {
			all = append(all, nil)
			i = len(all) - 1
		}
		all[i] = append(all[i], r)
	}
	slices.SortStableFunc(all, func(a, b []Run) int { return cmp.Compare(len(b), len(a)) })
	return all
}

// spreadOf lays a figure of several runs together, and reports whether any has it.
func SpreadOf(name string, runs []Run, of func(*Run) (float64, bool)) (Spread, bool) {
	s := Spread{Name: name, IQR: value.Absent[float64](value.NotMeasured, "fewer than 5 runs have it"), Outliers: []Outlier{}}
	var values stats.Float64Data
	for i := range runs {
		if v, ok := of(&runs[i]); ok {
			values = append(values, v)
		}
	}
	if s.N = len(values); s.N == 0 {
		return s, false
	}
	s.Min, s.Max = slices.Min(values), slices.Max(values)
	s.Median, _ = stats.Median(values) // fails on nothing but an empty list
	if s.N < fenceRuns {
		return s, true
	}
	q, _ := stats.Quartile(values)
	iqr := q.Q3 - q.Q1
	s.IQR = value.Known(iqr)
	for i := range runs {
		if v, ok := of(&runs[i]); ok && (v < q.Q1-fence*iqr || v > q.Q3+fence*iqr) {
			s.Outliers = append(s.Outliers, Outlier{runs[i].Repeat, v})
		}
	}
	return s, true
}
