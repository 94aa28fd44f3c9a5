package document

import (
	"cmp"
	"slices"

	"haltscope/compare/value"
)

// Repeats says how often the experiment was repeated.
type Repeats struct {
	Requested   int         `json:"requested"`
	Completed   int         `json:"completed"`   // those in this report
	Interrupted bool        `json:"interrupted"` // before all were done
	Failed      []FailedRun `json:"failed"`      // those that are not in this report
}

// FailedRun is a repetition that failed.
type FailedRun struct {
	Repeat int    `json:"repeat"` // from 1
	Error  string `json:"error"`
}

// Summary summarizes the runs of an arm. Runs with different verdicts are not mixed.
type Summary struct {
	Verdicts  map[value.Kind]int `json:"verdicts"`   // the number of runs, by verdict
	ByVerdict []SameVerdict      `json:"by_verdict"` // the most common verdict first
}

// SameVerdict summarizes the runs that have the same verdict.
type SameVerdict struct {
	Verdict value.Kind `json:"verdict"`
	Repeats []int      `json:"repeats"` // which runs
	Figures []Spread   `json:"figures"`
}

// summarized are the figures of a run that a summary has.
var summarized = []struct {
	name string
	get  func(*Run) (float64, bool)
}{
	{"timing.effect_ms", func(r *Run) (float64, bool) { return r.Timing.EffectMs.Get() }},
	{"timing.command_ms", func(r *Run) (float64, bool) { return r.Timing.CommandMs.Get() }},
	{"memory.before_bytes", func(r *Run) (float64, bool) { return Float(r.Memory.BeforeBytes) }},
	{"memory.after_bytes", func(r *Run) (float64, bool) { return Float(r.Memory.AfterBytes) }},
	{"cpu.usage_usec_before", func(r *Run) (float64, bool) { return Float(r.CPU.UsageUsecBefore) }},
	{"cpu.usage_usec_during", func(r *Run) (float64, bool) { return Float(r.CPU.UsageUsecDuring) }},
	{"data.lost", func(r *Run) (float64, bool) { return Float(r.Data.Lost) }},
}

// Float returns the value as a float64, and whether there is one.
func Float[T int | int64 | uint64 | float64](m value.Maybe[T]) (float64, bool) {
	v, ok := m.Get()
	return float64(v), ok
}

// Summarize returns the summary of the runs of an arm.
func Summarize(runs []Run) Summary {
	s := Summary{Verdicts: map[value.Kind]int{}, ByVerdict: []SameVerdict{}}
	for _, same := range ByVerdict(runs) {
		g := SameVerdict{Verdict: same[0].Verdict.Kind, Figures: []Spread{}}
		s.Verdicts[g.Verdict] = len(same)
		for _, r := range same {
			g.Repeats = append(g.Repeats, r.Repeat)
		}
		for _, f := range summarized {
			if spread, ok := SpreadOf(f.name, same, f.get); ok {
				g.Figures = append(g.Figures, spread)
			}
		}
		s.ByVerdict = append(s.ByVerdict, g)
	}
	return s
}

// ByVerdict groups runs by verdict: the most common first, and among equals the one that occurred first.
func ByVerdict(runs []Run) [][]Run {
	var groups [][]Run
	for _, r := range runs {
		i := slices.IndexFunc(groups, func(same []Run) bool { return same[0].Verdict.Kind == r.Verdict.Kind })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], r)
	}
	slices.SortStableFunc(groups, func(a, b []Run) int { return cmp.Compare(len(b), len(a)) })
	return groups
}
