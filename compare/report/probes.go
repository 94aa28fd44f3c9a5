package report

import (
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// probeOf finds a probe of a run.
func runProbeOf(r *document.Run, name, when string) *document.Probe {
	for i := range r.Probes {
		if p := &r.Probes[i]; p.Probe == name && p.When == when {
			return p
		}
	}
	return nil
}

// probeRows are what was tried, in its order, with a first column of what it came to before the action; none where
// nothing was tried.
func compareProbeRows(c *document.Compare) []row {
	if len(c.Arms) == 0 || len(c.Arms[0].Runs) == 0 {
		return nil
	}
	var all []row
	for _, p := range c.Arms[0].Runs[0].Probes {
		if p.When != "after" {
			continue
		}
		r := row{question: p.Probe}
		var before []string
		for _, arm := range c.Arms {
			for i := range arm.Runs {
				if was := runProbeOf(&arm.Runs[i], p.Probe, "before"); was != nil {
					before = append(before, masked(&arm.Runs[i], probeCell(was, &arm.Runs[i], over{arm.Runs[i]})))
				}
			}
		}
		r.cells = append(r.cells, tally(before))
		for _, arm := range c.Arms {
			r.cells = append(r.cells, over(armLead(&arm)).tell(func(run *document.Run, o over) string {
				now, was := runProbeOf(run, p.Probe, "after"), runProbeOf(run, p.Probe, "before")
				if now == nil {
					return "–"
				}
				text := probeCell(now, run, o)
				if outcome, ok := now.Outcome.Get(); ok && was != nil && outcome != document.Answered {
					if control, ok := was.Outcome.Get(); ok && control == outcome {
						text += " (before the action, too)"
					}
				}
				return text
			}))
		}
		all = append(all, r)
	}
	return all
}

func probeCell(p *document.Probe, r *document.Run, o over) string {
	outcome, ok := p.Outcome.Get()
	if !ok {
		return why(p.Outcome) + ": " + p.Outcome.Detail()
	}
	switch outcome {
	case document.Answered:
		return outcome
	case document.Hung:
		text := "hung for " + figure(o, r, func(r *document.Run) value.Maybe[float64] {
			if q := runProbeOf(r, p.Probe, p.When); q != nil && q.Outcome == p.Outcome {
				return q.DurationMs
			}
			return value.Maybe[float64]{}
		}, value.Duration)
		if p.AfterUnpause == nil {
			return text
		}
		late, ok := p.AfterUnpause.Outcome.Get()
		if !ok {
			return text + ", and on after docker unpause"
		}
		return text + "; " + late + " " + figure(o, r, func(r *document.Run) value.Maybe[float64] {
			if q := runProbeOf(r, p.Probe, p.When); q != nil && q.AfterUnpause != nil {
				return q.AfterUnpause.AfterMs
			}
			return value.Maybe[float64]{}
		}, value.Duration) + " after docker unpause"
	}
	return outcome + ": " + short(p.Detail)
}

const meanwhileTitle = "What works meanwhile"

// probeGrid is what works on the twins in each state; nil where nothing was tried.
func compareProbeGrid(c *document.Compare) *grid {
	rows := compareProbeRows(c)
	if len(rows) == 0 {
		return nil
	}
	const each = 48
	g := &grid{header: []string{"", "before"}, wide: []int{1}, limit: 10 + (len(c.Arms)+1)*(gap+each)}
	for i := range c.Arms {
		g.header = append(g.header, armTitle(&c.Arms[i], c.Host))
		g.wide = append(g.wide, i+2)
	}
	for _, r := range rows {
		cells := []any{r.question}
		for _, cell := range r.cells {
			cells = append(cells, cell)
		}
		g.row(cells...)
	}
	return g
}
