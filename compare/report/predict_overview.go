package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// predictOverview adds a line for each container, the worst first, and a sum.
func (p *page) predictOverview(d *document.Predict) {
	if len(d.Containers) == 0 {
		p.line(0, "no running containers")
		return
	}
	if verified(d) {
		p.verifiedOverview(d)
		return
	}
	p.gridOf(0, overviewGrid(d))
	p.line(0, "")
	p.line(0, overviewSum(d))
	more := []string{"the reasons"}
	if slices.ContainsFunc(d.Containers, func(c document.Predicted) bool { return len(c.Fix) > 0 }) {
		more = append(more, "the fixes")
	}
	p.evidenceHint(0, more...)
}

// The columns of the overview.
const (
	overviewName = iota
	overviewStop
	overviewTime
	overviewReboot
	overviewRisk
	overviewWhy
)

func overviewGrid(d *document.Predict) *grid {
	g := &grid{header: []string{"NAME", "STOP", "TIME", "AFTER A REBOOT", "AT RISK", "WHY"}, wide: []int{overviewRisk, overviewWhy},
		whole: []int{overviewName, overviewStop, overviewTime, overviewReboot}, extra: []int{overviewWhy}, names: true}
	for _, c := range worstFirst(d.Containers) {
		g.row(c.Name, overviewStopCell(&c.Stop), overviewTimeCell(c), overviewRebootCell(c.AfterReboot), overviewRiskCell(c.AtRisk),
			reasonText(c.Stop.Reason))
	}
	return g
}

// worstFirst returns the containers in the order of how badly a stop may come out: the longest first, then by name.
func worstFirst(containers []document.Predicted) []*document.Predicted {
	all := make([]*document.Predicted, len(containers))
	for i := range containers {
		all[i] = &containers[i]
	}
	slices.SortStableFunc(all, func(a, b *document.Predicted) int {
		return cmp.Or(cmp.Compare(severity(&b.Stop), severity(&a.Stop)), cmp.Compare(longest(b), longest(a)), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// severity orders the outcomes of a stop; the highest is the worst.
func severity(o *document.Outcome) int {
	if o.Observed != nil {
		o = &document.Outcome{Outcome: o.Observed.Outcome}
	}
	isBad := func(kind value.Kind) bool {
		return kind != value.FailedStopping && toneOf(kind) == bad || kind == value.RunsOn || kind == value.Inconclusive
	}
	switch {
	case isBad(o.Outcome):
		return 4
	case len(o.Candidates) > 0 && isBad(o.Candidates[0]):
		return 3
	case slices.ContainsFunc(o.Candidates, isBad):
		return 2
	case toneOf(o.Outcome) != good:
		return 1
	}
	return 0
}

// noLimit is longer than any stop that has a limit, in milliseconds.
const noLimit = 1e18

// longest returns how long a stop may take at most, in milliseconds; −1 where that is not known.
func longest(c *document.Predicted) float64 {
	if ms, ok := c.Stop.AfterMs.Get(); ok {
		return ms
	}
	grace, limited := c.Grace.Ms.Get()
	switch {
	case !limited || c.Stop.Outcome == value.Inconclusive || c.Stop.Outcome == value.RunsOn:
		return noLimit
	case c.Stop.Outcome == value.Undecided:
		return -1
	}
	return grace
}

// overviewStopCell returns the outcome, in capitals if it is certain and bad.
func overviewStopCell(o *document.Outcome) span {
	text := outcomeCell(o)
	if toneOf(o.Outcome) == bad {
		text = strings.ToUpper(text)
	}
	return span{text, toneOf(o.Outcome)}
}

func overviewTimeCell(c *document.Predicted) string {
	ms := longest(c)
	_, exact := c.Stop.AfterMs.Get()
	switch {
	case ms == noLimit:
		return "no limit"
	case ms < 0:
		return "unknown"
	case ms == 0:
		return "at once"
	case exact && len(c.Stop.Candidates) == 0:
		return seconds(ms) + " s"
	}
	return "≤ " + seconds(ms) + " s"
}

func overviewRebootCell(r *document.AfterReboot) any {
	switch {
	case r == nil:
		return "–"
	case r.Outcome == comesBack:
		return "comes back"
	case r.Outcome == staysDown:
		return span{"stays down", warn}
	}
	return "undecided"
}

// The outcomes of a reboot: see [document.AfterReboot].
const (
	comesBack value.Kind = "comes-back"
	staysDown value.Kind = "stays-down"
)

// maxRiskNames is how many names a cell has of each risk.
const maxRiskNames = 3

func overviewRiskCell(risks []document.Risk) string {
	var all []string
	for i := range risks {
		all = append(all, riskText(&risks[i]))
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, "; ")
}

// riskText says what a stop puts at risk.
func riskText(r *document.Risk) string {
	names := strings.Join(r.Names[:min(len(r.Names), maxRiskNames)], ", ")
	if more := len(r.Names) - maxRiskNames; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	switch r.Kind {
	case "tmpfs":
		if r.Bytes != nil {
			return fmt.Sprintf("%s (tmpfs, %s)", names, value.Bytes(*r.Bytes))
		}
		return names + " (tmpfs)"
	case "clients":
		return value.Count(r.Count, "client", "clients")
	case "unsignaled":
		if len(r.Names) == 1 {
			return names + " gets no signal"
		}
		return names + " get no signal"
	case "sharers":
		return "processes of " + names
	case "writable-layer":
		if names != "" {
			return "its writable layer and volumes (--rm)"
		}
		return "its writable layer (--rm)"
	}
	return r.Kind
}

// reasonTexts say what decides a stop: see [document.Outcome].
var reasonTexts = map[string]string{
	"no-such-signal":   "its stop signal does not exist",
	"unstoppable":      "no program can handle its stop signal",
	"not-forwarded":    "its init does not forward the signal",
	"ends-nothing":     "the stop signal ends nothing",
	"handles":          "it handles the signal",
	"no-handler":       "PID 1 without a handler: the kernel drops the signal",
	"ignores":          "it ignores the signal",
	"work":             "it finishes its work first",
	"blocks":           "it blocks the signal",
	"default-action":   "it has no handler: the signal ends it at once",
	"not-asked-for":    "a Go program without a handler",
	"goes-on":          "it handles the signal and goes on",
	"takes-long":       "it takes its time",
	"waits-for-job":    "a shell waits for its command first",
	"stops-services":   "it stops its services first",
	"waits-for-others": "it only waits for other programs, which count",
	"wrapper-kills":    "a wrapper sends SIGKILL",
	"sleeps":           "its sleep may end before",
	"starting":         "it is still starting",
	"suspended":        "it is suspended",
	"frozen":           "it is frozen",
	"stuck":            "a thread is in uninterruptible sleep",
	"no-grace":         "it has no grace",
	"unreachable":      "no signal reaches it",
	"not-read":         "its handlers could not be read",
}

// reasonText says what decides a stop. A reason that is not known stands for itself.
func reasonText(reason string) string { return cmp.Or(reasonTexts[reason], reason) }

// outcomeCounts counts the outcomes that are not graceful, in the order in which they come first.
func outcomeCounts(kinds []value.Kind) (all []string) {
	counts, order := map[value.Kind]int{}, []value.Kind{}
	for _, kind := range kinds {
		if counts[kind]++; counts[kind] == 1 && kind != value.Graceful {
			order = append(order, kind)
		}
	}
	for _, kind := range order {
		all = append(all, fmt.Sprintf("%d %s", counts[kind], kind))
	}
	if len(all) == 0 {
		return []string{"all graceful"}
	}
	return all
}

// overviewSum counts the outcomes, the worst first, and says how long the longest stop takes.
func overviewSum(d *document.Predict) string {
	var kinds []value.Kind
	most, open, down := -1.0, 0, 0
	for _, c := range worstFirst(d.Containers) {
		kinds = append(kinds, c.Stop.Outcome)
		if ms := longest(c); ms < 0 {
			open++
		} else {
			most = max(most, ms)
		}
		if c.AfterReboot != nil && c.AfterReboot.Outcome == staysDown {
			down++
		}
	}
	all := outcomeCounts(kinds)
	switch {
	case most == noLimit:
		all = append(all, "at least one without a limit")
	case most > 0:
		all = append(all, "longest "+seconds(most)+" s")
	}
	if open > 0 {
		all = append(all, fmt.Sprintf("%d for an unknown time", open))
	}
	if down > 0 {
		all = append(all, fmt.Sprintf("%d down after a reboot", down))
	}
	return value.Count(len(d.Containers), "container", "containers") + ": " + strings.Join(all, ", ")
}
