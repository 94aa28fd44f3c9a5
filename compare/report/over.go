package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// over is the runs of an arm that a cell is about: one, or several that came to one verdict.
type over []document.Run

// lead is the runs of the commonest verdict.
func armLead(a *document.Arm) []document.Run { return document.ByVerdict(a.Runs)[0] }

// counted puts the count of verdicts in the place of the verdict that a cell begins with, where there are several runs.
func armCounted(a *document.Arm, cell string) string {
	if len(a.Runs) == 1 {
		return cell
	}
	var all []string
	for _, same := range document.ByVerdict(a.Runs) {
		all = append(all, fmt.Sprintf("%s %d of %d", same[0].Verdict.Kind, len(same), len(a.Runs)))
	}
	return strings.Join(all, ", ") + strings.TrimPrefix(cell, armLead(a)[0].Verdict.Kind)
}

// figure writes a figure of a run; of several runs the median, and the range where there is one. Where the run has none,
// it says why.
func figure[T int | int64 | uint64 | float64](o over, r *document.Run, of func(*document.Run) value.Maybe[T], write func(T) string) string {
	m := of(r)
	if v, ok := m.Get(); !ok {
		return why(m)
	} else if len(o) == 1 {
		return write(v)
	}
	s, _ := document.SpreadOf("", o, func(r *document.Run) (float64, bool) { return document.Float(of(r)) })
	low, median, high := write(T(s.Min)), write(T(s.Median)), write(T(s.Max))
	if low == high {
		return median
	}
	return fmt.Sprintf("%s (%s … %s)", median, low, high)
}

// alone makes a cell of what needs no figure of other runs.
func alone(answer func(document.Run) string) func(*document.Run, over) string {
	return func(r *document.Run, _ over) string { return answer(*r) }
}

// tell has each run answer, and counts where they do not say the same. The runs' own ids make no difference.
func (o over) tell(answer func(*document.Run, over) string) string {
	if len(o) == 1 {
		return answer(&o[0], o)
	}
	var texts []string
	for i := range o {
		texts = append(texts, masked(&o[i], answer(&o[i], o)))
	}
	return tally(texts)
}

// masked is a text without the run's own container id.
func masked(r *document.Run, text string) string {
	if id := r.Container.ID; len(id) > 12 {
		return strings.ReplaceAll(text, id[:12], "…")
	}
	return text
}

// tally writes texts that may be the same, the commonest first.
func tally(texts []string) string {
	counts := map[string]int{}
	var kinds []string
	for _, t := range texts {
		if counts[t] == 0 {
			kinds = append(kinds, t)
		}
		counts[t]++
	}
	if len(kinds) == 1 {
		return kinds[0]
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	const most = 3
	var all []string
	for i, k := range kinds {
		if i == most {
			all = append(all, fmt.Sprintf("and %d others", len(kinds)-most))
			break
		}
		all = append(all, fmt.Sprintf("%s (%d of %d)", k, counts[k], len(texts)))
	}
	return strings.Join(all, "; ")
}

const apartTitle = "Apart from the others (an outlier is more than 1.5 interquartile ranges outside of the quartiles)"

// apart lists what the medians leave out: runs that failed, runs of another verdict, and outliers.
func compareApart(c *document.Compare) []string {
	var all []string
	for _, f := range c.Repeats.Failed {
		all = append(all, fmt.Sprintf("run %d failed: %s", f.Repeat, f.Error))
	}
	for i := range c.Arms {
		arm := &c.Arms[i]
		for _, same := range document.ByVerdict(arm.Runs)[1:] {
			for _, r := range same {
				all = append(all, fmt.Sprintf("docker %s, run %d: %s", armWords(arm), r.Repeat, verdictCell(&r, over{r})))
			}
		}
		for _, f := range timings {
			s, _ := document.SpreadOf(f.name, armLead(arm), f.of)
			for _, o := range s.Outliers {
				all = append(all, fmt.Sprintf("docker %s, run %d: %s after %s, an outlier", armWords(arm), o.Repeat, f.what, value.Duration(o.Value)))
			}
		}
	}
	return all
}

// timings are those whose outliers are told in words.
var timings = []struct {
	name, what string
	of         func(*document.Run) (float64, bool)
}{
	{"timing.effect_ms", "the effect", func(r *document.Run) (float64, bool) { return r.Timing.EffectMs.Get() }},
	{"timing.command_ms", "docker returned", func(r *document.Run) (float64, bool) { return r.Timing.CommandMs.Get() }},
}

// words is the action as docker's user would say it.
func armWords(a *document.Arm) string { return strings.Replace(a.Action, ":", " ", 1) }

// repeated says what several runs came to, "" for one.
func compareRepeated(c *document.Compare) string {
	if c.Repeats.Requested <= 1 {
		return ""
	}
	text := fmt.Sprintf("%d runs of each", c.Repeats.Completed)
	if c.Repeats.Completed < c.Repeats.Requested {
		text += fmt.Sprintf(" (of %d asked for)", c.Repeats.Requested)
	}
	if c.Repeats.Interrupted {
		text += ", interrupted"
	}
	return text + ": medians, in brackets the range, over the runs of the commonest verdict"
}
