package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// group is the runs of an arm that have the same verdict.
type group []document.Run

// answer returns the cell of a run. Its figures are medians over the group.
type answer func(*document.Run, group) string

// each returns an answer without figures of other runs.
func each(of func(*document.Run) string) answer {
	return func(r *document.Run, _ group) string { return of(r) }
}

// mostCommon returns the runs with the most common verdict.
func mostCommon(a *document.Arm) group { return document.ByVerdict(a.Runs)[0] }

// verdictCounts returns the verdict, or how often each occurred if there are several runs.
func verdictCounts(a *document.Arm) string {
	if len(a.Runs) == 1 {
		return string(a.Runs[0].Verdict.Kind)
	}
	var all []string
	for _, same := range document.ByVerdict(a.Runs) {
		all = append(all, fmt.Sprintf("%s %d of %d", same[0].Verdict.Kind, len(same), len(a.Runs)))
	}
	return strings.Join(all, ", ")
}

// figure returns a figure of a run in words. With several runs it is the median, and the range if there is one. If the run
// does not have the figure, it says why.
func figure[T int | int64 | uint64 | float64](g group, r *document.Run, get func(*document.Run) value.Maybe[T],
	format func(T) string) string {
	m := get(r)
	v, ok := m.Get()
	if !ok {
		return why(m)
	}
	if len(g) == 1 {
		return format(v)
	}
	s, _ := document.SpreadOf("", g, func(r *document.Run) (float64, bool) { return document.Float(get(r)) })
	low, median, high := format(T(s.Min)), format(T(s.Median)), format(T(s.Max))
	if low == high {
		return median
	}
	return fmt.Sprintf("%s (%s … %s)", median, low, high)
}

// cell returns the answer of the group: the answers of its runs, counted if they differ. Ids make no difference.
func (g group) cell(answer answer) string {
	if len(g) == 1 {
		return answer(&g[0], g)
	}
	var texts []string
	for i := range g {
		texts = append(texts, withoutID(answer(&g[i], g), &g[i]))
	}
	return tally(texts)
}

// withoutID replaces the container id of the run in a text.
func withoutID(text string, r *document.Run) string {
	if id := r.Container.ID; len(id) > 12 {
		return strings.ReplaceAll(text, value.ShortID(id), "…")
	}
	return text
}

// maxTexts bounds the different texts in a cell.
const maxTexts = 3

// tally returns the different texts with their counts, the most common first.
func tally(texts []string) string {
	counts := map[string]int{}
	var distinct []string
	for _, t := range texts {
		if counts[t] == 0 {
			distinct = append(distinct, t)
		}
		counts[t]++
	}
	if len(distinct) == 1 {
		return distinct[0]
	}
	slices.SortStableFunc(distinct, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	var all []string
	for i, t := range distinct {
		if i == maxTexts {
			all = append(all, fmt.Sprintf("and %d more", len(distinct)-maxTexts))
			break
		}
		all = append(all, fmt.Sprintf("%s (%d of %d)", t, counts[t], len(texts)))
	}
	return strings.Join(all, "; ")
}

const unusualTitle = "Unusual runs (an outlier is more than 1.5 interquartile ranges outside the quartiles)"

// unusualRuns lists what the medians leave out: failed runs, runs with another verdict, and outliers.
func unusualRuns(c *document.Compare) []string {
	var all []string
	for _, f := range c.Repeats.Failed {
		all = append(all, fmt.Sprintf("run %d failed: %s", f.Repeat, f.Error))
	}
	for i := range c.Arms {
		arm := &c.Arms[i]
		for _, same := range document.ByVerdict(arm.Runs)[1:] {
			for _, r := range same {
				all = append(all, fmt.Sprintf("%s, run %d: %s", armTitle(arm, c.Host), r.Repeat, verdictCell(&r, group{r})))
			}
		}
		for _, t := range timings {
			s, _ := document.SpreadOf(t.name, mostCommon(arm), t.get)
			for _, o := range s.Outliers {
				all = append(all, fmt.Sprintf("%s, run %d: %s after %s (outlier)", armTitle(arm, c.Host), o.Repeat, t.what, value.Duration(o.Value)))
			}
		}
	}
	return all
}

// timings are the figures whose outliers are listed.
var timings = []struct {
	name, what string
	get        func(*document.Run) (float64, bool)
}{
	{"timing.effect_ms", "effect", func(r *document.Run) (float64, bool) { return r.Timing.EffectMs.Get() }},
	{"timing.command_ms", "docker returned", func(r *document.Run) (float64, bool) { return r.Timing.CommandMs.Get() }},
}
