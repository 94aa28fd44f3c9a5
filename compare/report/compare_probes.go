package report

import (
	"haltscope/compare/document"
	"haltscope/compare/value"
)

const probesTitle = "What still works"

// probeGrid shows the outcome of each probe before the action, and after each action. It is nil if there were no probes.
func probeGrid(c *document.Compare) *grid {
	if len(c.Arms) == 0 || len(c.Arms[0].Runs) == 0 {
		return nil
	}
	g := &grid{header: []string{"", "before"}, wide: []int{1}, limit: 10 + (len(c.Arms)+1)*(gap+maxCell)}
	for i := range c.Arms {
		g.header = append(g.header, armTitle(&c.Arms[i], c.Host))
		g.wide = append(g.wide, i+2)
	}
	for _, p := range c.Arms[0].Runs[0].Probes {
		if p.When != "after" {
			continue
		}
		cells := []any{p.Probe, controlCell(c, p.Probe)}
		for i := range c.Arms {
			cells = append(cells, mostCommon(&c.Arms[i]).cell(func(r *document.Run, g group) string { return probedCell(p.Probe, r, g) }))
		}
		g.row(cells...)
	}
	if len(g.rows) == 0 {
		return nil
	}
	return g
}

// controlCell returns the outcome of a probe before the action, over all runs of all arms.
func controlCell(c *document.Compare, probe string) string {
	var texts []string
	for _, arm := range c.Arms {
		for i := range arm.Runs {
			r := &arm.Runs[i]
			if p := findProbe(r, probe, "before"); p != nil {
				texts = append(texts, withoutID(probeCell(p, r, group{*r}), r))
			}
		}
	}
	return tally(texts)
}

// probedCell returns the outcome of a probe after the action.
func probedCell(probe string, r *document.Run, g group) string {
	after, before := findProbe(r, probe, "after"), findProbe(r, probe, "before")
	if after == nil {
		return "–"
	}
	cell := probeCell(after, r, g)
	if outcome, ok := after.Outcome.Get(); ok && before != nil && outcome != document.Answered {
		if control, ok := before.Outcome.Get(); ok && control == outcome {
			cell += " (also before the action)"
		}
	}
	return cell
}

// findProbe returns a probe of a run, or nil.
func findProbe(r *document.Run, name, when string) *document.Probe {
	for i := range r.Probes {
		if p := &r.Probes[i]; p.Probe == name && p.When == when {
			return p
		}
	}
	return nil
}

func probeCell(p *document.Probe, r *document.Run, g group) string {
	outcome, ok := p.Outcome.Get()
	switch {
	case p.Outcome.Reason() == value.NotMeasured && p.Outcome.Detail() != "":
		return "–: " + p.Outcome.Detail()
	case !ok:
		return why(p.Outcome)
	case outcome == document.Hung:
		return hungCell(p, r, g)
	case outcome == document.Answered:
		return outcome
	}
	return outcome + ": " + shortMessage(p.Detail)
}

// hungCell returns how long a probe hung, and its outcome after docker unpause.
func hungCell(p *document.Probe, r *document.Run, g group) string {
	cell := "hung for " + figure(g, r, func(r *document.Run) value.Maybe[float64] {
		if q := findProbe(r, p.Probe, p.When); q != nil && q.Outcome == p.Outcome {
			return q.DurationMs
		}
		return value.Maybe[float64]{}
	}, value.Duration)
	if p.AfterUnpause == nil {
		return cell
	}
	outcome, ok := p.AfterUnpause.Outcome.Get()
	if !ok {
		return cell + ", and still hung after docker unpause"
	}
	return cell + "; " + outcome + " " + figure(g, r, func(r *document.Run) value.Maybe[float64] {
		if q := findProbe(r, p.Probe, p.When); q != nil && q.AfterUnpause != nil {
			return q.AfterUnpause.AfterMs
		}
		return value.Maybe[float64]{}
	}, value.Duration) + " after docker unpause"
}
