package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/text"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// actionPage shows what was done to each container, or what would be done: the answers first, and then what they rest on.
func actionPage(a *document.Action) *page {
	p := &page{title: "haltscope " + a.Action}
	if len(a.Containers) == 0 {
		p.line(0, "no containers to "+a.Action)
		return p
	}
	several := len(a.Containers) > 1
	if several {
		p.role = briefPart
		p.actionLines(a)
		p.evidenceHint(0, actionMore(a)...)
	}
	for i := range a.Containers {
		c := &a.Containers[i]
		if p.role = mainPart; several {
			p.role = detailPart
		}
		more := p.actionAnswer(a, c)
		if !several {
			p.evidenceHint(2, more...)
		}
		p.role = detailPart
		p.actionEvidence(a, c)
	}
	return p
}

// actionMore says what a line for each container leaves out, as far as there is any of it.
func actionMore(a *document.Action) (more []string) {
	has := func(what func(*document.ContainerAction) bool) bool {
		for i := range a.Containers {
			if what(&a.Containers[i]) {
				return true
			}
		}
		return false
	}
	if has(func(c *document.ContainerAction) bool { return len(c.Fix) > 0 }) {
		more = append(more, "the fixes")
	}
	if has(func(c *document.ContainerAction) bool { return c.Undo.Command != "" }) {
		more = append(more, "how to undo it")
	}
	return more
}

// actionLines adds a line for each container.
func (p *page) actionLines(a *document.Action) {
	width := 0
	for i := range a.Containers {
		width = max(width, text.StringWidthWithoutEscSequences(a.Containers[i].Name))
	}
	for i := range a.Containers {
		c := &a.Containers[i]
		line := actionResult(a, c)
		if e := c.Expectation; e != nil {
			line = append([]span{expectedSpan(e), {text: "; "}}, line...)
		}
		if cause := actionCause(a, c); cause != "" {
			line = append(line, span{text: ": " + cause})
		}
		p.add(block{label: []span{{text: text.Pad(c.Name, width+2, ' ')}}, text: line, most: 1})
	}
}

// actionAnswer adds the result, why it is that, what to fix, what else is lost, and how to undo it. It returns what a brief table leaves
// out.
func (p *page) actionAnswer(a *document.Action, c *document.ContainerAction) (more []string) {
	dry := ""
	if a.DryRun {
		dry = "dry run of "
	}
	title := fmt.Sprintf("%s  %s%s %s: ", c.Name, dry, a.Host.Tool(), a.Action)
	p.heading(1, append([]span{{text: title}}, actionResult(a, c)...)...)
	if e := c.Expectation; e != nil {
		p.add(block{in: 2, text: []span{expectedSpan(e)}})
	}
	if cause := actionCause(a, c); cause != "" {
		p.add(block{in: 2, text: []span{{text: cause}}, most: 2})
	}
	v, _ := c.Verdict.Get()
	more = p.fixes(c.Fix)
	if v.Kind == value.Paused {
		p.answer("memory:", span{text: memoryChangeCell(c)})
	}
	if a.DryRun || lossOf(v.Kind) != "" {
		more = append(more, p.also(c.Consequences, 1)...)
	}
	if c.Undo.Command != "" {
		p.answer("undo:", span{c.Undo.Command, command}, span{text: ": " + c.Undo.Effect})
	} else {
		p.answer("undo:", span{text: c.Undo.Effect})
	}
	return more
}

// actionResult returns the verdict of an action, or its prediction, with the time and the exit code.
func actionResult(a *document.Action, c *document.ContainerAction) []span {
	if a.DryRun {
		if f, ok := c.Predicted.Get(); ok {
			return predictedSpans(&f)
		}
		return []span{{text: "not known: " + why(c.Predicted)}}
	}
	v, judged := c.Verdict.Get()
	if !judged || refusedAsPredicted(c) && (v.Kind == value.Paused || v.Kind == value.Inconclusive) {
		return []span{resultWithoutVerdict(c, a.Host.Tool())}
	}
	more := ""
	if ms, ok := c.Timing.EffectMs.Get(); ok {
		more = " after " + value.Duration(ms)
	}
	if code, ok := c.ExitCode.Get(); ok && v.Kind != value.RunsOn { // that code would be Docker's own
		more += fmt.Sprintf(", exit code %d", code)
	}
	return []span{{kindOf(&v), toneOf(v.Kind)}, {text: more + lossOf(v.Kind)}}
}

// lossOf says that a container could save nothing; "" if it could.
func lossOf(kind value.Kind) string {
	switch kind {
	case value.Forced, value.Killed, value.Terminated, value.OOMKilled:
		return "; unsaved data lost"
	}
	return ""
}

// actionCause says why an action came to its result, if that needs a reason; "" if not.
func actionCause(a *document.Action, c *document.ContainerAction) string {
	f, _ := c.Predicted.Get()
	v, judged := c.Verdict.Get()
	status, _ := c.State.Status.Get()
	switch {
	case a.DryRun:
		return outcomeCause(&f)
	case c.Command.Error != "" && (!judged || v.Kind == value.Paused || v.Kind == value.Inconclusive):
		return shortMessage(c.Command.Error)
	case !judged && f.Outcome != value.Started:
		return outcomeCause(&f)
	case v.Missing != "":
		return v.Missing
	case v.Kind == value.RunsOn && status != "" && status != "running":
		return "The program runs on, although " + a.Host.Tool() + " inspect says " + status + "."
	case v.Kind == value.RunsOn:
		return cmp.Or(v.How, decidingValue(&v))
	case v.Kind == value.Forced && v.How != "":
		return "SIGKILL ended the program (" + v.How + ")"
	case explainedByPrediction(v.Kind) && f.Outcome == v.Kind:
		return outcomeCause(&f)
	case explainedByPrediction(v.Kind), v.Kind == value.FailedStopping, v.Kind == value.Crashed, v.Kind == value.OOMKilled:
		return decidingValue(&v)
	}
	return v.How
}

// expectedSpan says whether an expectation was met.
func expectedSpan(e *document.Expectation) span {
	result := resultOf(e)
	text := "expected " + e.Want + ": " + string(result)
	if result == unknown {
		text += ": " + whyUnknown(e)
	}
	return span{text, resultTones[result]}
}

// predictedOutcome returns the predicted outcome, or "" if it is not known.
func predictedOutcome(c *document.ContainerAction) value.Kind {
	f, _ := c.Predicted.Get()
	return f.Outcome
}

// refusedAsPredicted reports whether docker refused the command, as predicted.
func refusedAsPredicted(c *document.ContainerAction) bool {
	code, ok := c.Command.ExitCode.Get()
	return ok && code != 0 && predictedOutcome(c) == value.Refused
}

// resultWithoutVerdict returns the result of an action that ended, froze or resumed nothing.
func resultWithoutVerdict(c *document.ContainerAction, tool string) span {
	status, _ := c.State.Status.Get()
	running := status == "running"
	switch outcome := predictedOutcome(c); {
	case refusedAsPredicted(c):
		return span{string(outcome), bad}
	case c.Command.Error != "":
		return span{tool + " failed", bad}
	case c.Command.ExitCode.Reason() == value.NotMeasured:
		return span{text: "nothing was done"}
	case outcome == value.Started && !running && status != "":
		return span{"started, but has already ended", warn}
	case outcome == value.Started && running, outcome == value.Unchanged && status == c.StatusBefore,
		outcome == value.Cancelled && status == "exited":
		return span{text: string(outcome)}
	}
	return span{text: "done"}
}

// actionEvidence adds what was done, what Docker and the kernel showed, and what was predicted.
func (p *page) actionEvidence(a *document.Action, c *document.ContainerAction) {
	f, predicted := c.Predicted.Get()
	p.heading(2, span{text: "Evidence"})
	if a.DryRun {
		p.add(block{in: 2, label: []span{{text: "command  "}}, text: []span{{c.Paste, command}}})
		p.list("Because", outcomeReasons(&f))
		p.list("Other consequences", allSourced(c.Consequences))
		return
	}
	p.add(block{in: 2, label: []span{{text: "command        "}}, text: []span{{c.Paste, command}, {text: commandResult(c)}}})
	tool := a.Host.Tool()
	v, _ := c.Verdict.Get()
	if code, ok := c.Command.ExitCode.Get(); ok && code == 0 && v.Kind == value.Forced {
		p.line(2, tool+" "+a.Action+" reports success, although SIGKILL ended the program.")
	}
	g := &grid{wide: []int{1}, limit: 140}
	if len(c.Events) > 0 {
		g.row(tool+" events", eventsCell(c.Events))
	}
	g.row("state", stateChangeCell(c))
	g.row("processes", processChangeCell(c))
	if c.Freezer.Frozen.Reason() != value.Vanished {
		g.row("freezer", freezerCell(c.Freezer))
	}
	g.row("memory", memoryChangeCell(c))
	p.gridOf(2, g)
	var because [][]span
	for _, o := range v.Because {
		line := o.Value
		if at, ok := o.AtMs.Get(); ok {
			line += ", after " + value.Duration(max(at, 0))
		}
		because = append(because, sourced(line, o.Source))
	}
	p.list("Because", because)
	if predicted && explainedByPrediction(v.Kind) {
		p.list("Predicted: "+outcomeCell(&f), outcomeReasons(&f))
	}
	if lossOf(v.Kind) != "" {
		p.list("Other consequences", allSourced(c.Consequences))
	}
}

// explainedByPrediction reports whether the prediction says more about a verdict of this kind.
func explainedByPrediction(kind value.Kind) bool {
	switch kind {
	case value.Forced, value.Terminated, value.RunsOn, value.Inconclusive:
		return true
	}
	return false
}

// commandResult returns how docker ended.
func commandResult(c *document.ContainerAction) string {
	result := ": no exit code"
	if code, ok := c.Command.ExitCode.Get(); ok {
		result = fmt.Sprintf(": exit code %d", code)
	}
	if ms, ok := c.Timing.CommandMs.Get(); ok {
		result += " after " + value.Duration(ms)
	}
	if c.Command.Error != "" {
		result += ", " + shortMessage(c.Command.Error)
	}
	return result
}

// stateChangeCell returns what Docker said before, and says now.
func stateChangeCell(c *document.ContainerAction) string {
	status, ok := c.State.Status.Get()
	if !ok {
		status = why(c.State.Status)
	}
	code, ended := c.ExitCode.Get()
	if ended && (status == "running" || status == "restarting") {
		return fmt.Sprintf("%s → exit code %d → %s again", c.StatusBefore, code, status)
	}
	cell := c.StatusBefore + " → " + status
	if now, known := c.State.ExitCode.Get(); ended && known && status == "exited" && startedAgain(c) {
		return fmt.Sprintf("%s → exit code %d → started again → exited, exit code %d", c.StatusBefore, code, now)
	}
	if now, ok := c.State.ExitCode.Get(); ended || ok && status == "exited" {
		if !ended {
			code = now
		}
		cell += fmt.Sprintf(", exit code %d", code)
	}
	if oom, ok := c.State.OOMKilled.Get(); ok && oom {
		cell += ", OOMKilled"
	}
	return cell
}

// startedAgain reports whether Docker's events show that the container was started after its end.
func startedAgain(c *document.ContainerAction) bool {
	died := false
	return slices.ContainsFunc(c.Events, func(e document.Event) bool {
		died = died || e.Action == "die"
		return died && e.Action == "start"
	})
}

func processChangeCell(c *document.ContainerAction) string {
	cell := processCount(c.Process.Before) + " → " + processCount(c.Process.After)
	if ms, ok := c.Timing.EmptyMs.Get(); ok {
		cell += ", none in the cgroup after " + value.Duration(ms)
	}
	if same, ok := c.Process.SameProcess.Get(); ok && same {
		cell += ", same main process"
	} else if ok {
		cell += ", new main process"
	}
	return cell
}

func processCount(m value.Maybe[int]) string {
	if n, ok := m.Get(); ok {
		return strconv.Itoa(n)
	}
	return "not known: " + why(m)
}

// leastReturned is the decrease, in bytes, from which a cgroup that still exists counts as having returned memory: the kernel
// charges 64 pages per CPU in advance (mm/memcontrol.c, MEMCG_CHARGE_BATCH).
const leastReturned = 4 << 20

func memoryChangeCell(c *document.ContainerAction) string {
	before := size(c.Memory.BeforeBytes)
	if n, ok := c.Process.Before.Get(); ok && n == 0 {
		before = "not running"
	}
	after := size(c.Memory.AfterBytes)
	if before == "not running" && c.Memory.AfterBytes.Reason() == value.Vanished {
		after = before // it had no cgroup that could go
	}
	cell := fromTo(before, after)
	returned, ok := c.Memory.ReturnedBytes.Get()
	cache, gone := c.Memory.CacheBytes.Get()
	switch {
	case !ok:
		return cell
	case gone && cache == 0:
		return fmt.Sprintf("%s: %s returned to the host", cell, value.Bytes(returned))
	case gone:
		return fmt.Sprintf("%s: %s returned to the host; up to %s of cache may stay until the host needs the memory",
			cell, value.Bytes(returned), value.Bytes(cache))
	case returned > leastReturned:
		return fmt.Sprintf("%s: %s returned", cell, value.Bytes(returned))
	}
	return cell + ": kept"
}
