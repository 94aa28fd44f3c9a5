package report

// Probe is something that was tried on the twin, before the action as a control, or in the state it left.
type Probe struct {
	Probe        string         `json:"probe"` // exec, top, logs, stats, cp, attach, update, port
	When         string         `json:"when"`  // before or after the action
	Command      []string       `json:"command"`
	Outcome      Maybe[string]  `json:"outcome"`                 // answered, refused, failed, hung
	Detail       string         `json:"detail"`                  // docker's words, or the connection's
	DurationMs   Maybe[float64] `json:"duration_ms"`             // until then; how long it had hung when that was given up, or docker unpause was run
	AfterUnpause *Late          `json:"after_unpause,omitempty"` // what hung when docker unpause was run; left out of others
}

// Late is what became of a probe that hung until docker unpause.
type Late struct {
	Outcome Maybe[string]  `json:"outcome"`
	Detail  string         `json:"detail"`
	AfterMs Maybe[float64] `json:"after_ms"` // since docker unpause was run
}

// The outcomes of a probe.
const (
	Answered = "answered"
	Refused  = "refused" // docker's no, or the kernel's to a connection
	ProbeErr = "failed"  // it was taken on, and went wrong
	Hung     = "hung"    // no answer came in time
)

// probeOf finds a probe of a run.
func (r *Run) probeOf(name, when string) *Probe {
	for i := range r.Probes {
		if p := &r.Probes[i]; p.Probe == name && p.When == when {
			return p
		}
	}
	return nil
}

// probeRows are what was tried, in its order, with a first column of what it came to before the action; none where
// nothing was tried.
func (c *Compare) probeRows() []row {
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
				if was := arm.Runs[i].probeOf(p.Probe, "before"); was != nil {
					before = append(before, masked(&arm.Runs[i], was.cell(&arm.Runs[i], over{arm.Runs[i]})))
				}
			}
		}
		r.cells = append(r.cells, tally(before))
		for _, arm := range c.Arms {
			r.cells = append(r.cells, over(arm.lead()).tell(func(run *Run, o over) string {
				now, was := run.probeOf(p.Probe, "after"), run.probeOf(p.Probe, "before")
				if now == nil {
					return "–"
				}
				text := now.cell(run, o)
				if outcome, ok := now.Outcome.Get(); ok && was != nil && outcome != Answered {
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

func (p *Probe) cell(r *Run, o over) string {
	outcome, ok := p.Outcome.Get()
	if !ok {
		return why(p.Outcome) + ": " + p.Outcome.Detail()
	}
	switch outcome {
	case Answered:
		return outcome
	case Hung:
		text := "hung for " + figure(o, r, func(r *Run) Maybe[float64] {
			if q := r.probeOf(p.Probe, p.When); q != nil && q.Outcome == p.Outcome {
				return q.DurationMs
			}
			return Maybe[float64]{}
		}, Duration)
		if p.AfterUnpause == nil {
			return text
		}
		late, ok := p.AfterUnpause.Outcome.Get()
		if !ok {
			return text + ", and on after docker unpause"
		}
		return text + "; " + late + " " + figure(o, r, func(r *Run) Maybe[float64] {
			if q := r.probeOf(p.Probe, p.When); q != nil && q.AfterUnpause != nil {
				return q.AfterUnpause.AfterMs
			}
			return Maybe[float64]{}
		}, Duration) + " after docker unpause"
	}
	return outcome + ": " + short(p.Detail)
}

const meanwhileTitle = "What works meanwhile"

// probeGrid is what works on the twins in each state; nil where nothing was tried.
func (c *Compare) probeGrid() *grid {
	rows := c.probeRows()
	if len(rows) == 0 {
		return nil
	}
	const each = 48
	g := &grid{header: []string{"", "before"}, wide: []int{1}, limit: 10 + (len(c.Arms)+1)*(gap+each)}
	for i := range c.Arms {
		g.header = append(g.header, c.Arms[i].title(c.Host))
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
