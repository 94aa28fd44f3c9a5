package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// predictOverview adds a line for each container, the worst first, and a sum.
func (p *page) predictOverview(d *document.Predict) {
	if len(d.Containers)+len(d.Unpredicted) == 0 {
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
	if line := bootLine(d); line != "" {
		p.add(block{text: warned(line)})
	}
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
	for i := range d.Unpredicted {
		c := &d.Unpredicted[i]
		g.row(c.Name, span{c.Status, warn}, "–", overviewRebootCell(&c.AfterReboot), "–", unpredictedCell(c))
	}
	return g
}

// unpredictedCell says what is known of a container without a process.
func unpredictedCell(c *document.Unpredicted) string {
	text := fmt.Sprintf("no process to read; exit code %d", c.ExitCode)
	if c.Restarts > 0 {
		text += ", restarted " + value.Count(c.Restarts, "time", "times")
	}
	return text
}

// bootLine says what the column about a reboot rests on, if some container comes back and the daemon may not; "" otherwise.
func bootLine(d *document.Predict) string {
	back := func(r *document.AfterReboot) bool { return r != nil && r.Outcome == comesBack }
	if !slices.ContainsFunc(d.Containers, func(c document.Predicted) bool { return back(c.AfterReboot) }) &&
		!slices.ContainsFunc(d.Unpredicted, func(c document.Unpredicted) bool { return back(&c.AfterReboot) }) {
		return ""
	}
	switch starts, known := d.DaemonAtBoot.Get(); {
	case known && starts:
		return ""
	case d.DaemonAtBoot.Reason() == value.NotMeasured:
		return ""
	case known:
		return "nothing comes back while the Docker daemon is not started at boot: `systemctl enable docker`"
	}
	return "\"comes back\" assumes that the Docker daemon starts at boot, which is not known: " +
		cmp.Or(d.DaemonAtBoot.Detail(), string(d.DaemonAtBoot.Reason()))
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
	if states := unpredictedStates(d); len(states) > 0 {
		if graceful := len(kinds); graceful == 0 {
			all = nil
		} else if severity(&worstFirst(d.Containers)[0].Stop) == 0 {
			all = []string{fmt.Sprintf("%d graceful", graceful)}
		}
		all = append(all, states...)
	}
	for i := range d.Unpredicted {
		if d.Unpredicted[i].AfterReboot.Outcome == staysDown {
			down++
		}
	}
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
	return value.Count(len(d.Containers)+len(d.Unpredicted), "container", "containers") + ": " + strings.Join(all, ", ")
}

// unpredictedStates counts the containers without a process, by their states.
func unpredictedStates(d *document.Predict) (all []string) {
	counts := map[string]int{}
	for i := range d.Unpredicted {
		counts[d.Unpredicted[i].Status]++
	}
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%d %s", counts[status], status))
	}
	return all
}
