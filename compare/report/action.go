package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// actionPage shows what was done to each container, or what would be done.
func actionPage(a *document.Action) *page {
	p := &page{title: "haltscope " + a.Action}
	for i := range a.Containers {
		c := &a.Containers[i]
		g := &grid{wide: []int{1}, limit: 140}
		if a.DryRun {
			p.heading(1, span{text: fmt.Sprintf("%s (%s): nothing was done", c.Name, c.StatusBefore)})
			plannedRows(g, c)
		} else {
			actionHeading(p, c, a.Action, a.Host.Tool())
			actionRows(g, c, a.Host.Tool())
		}
		p.gridOf(2, g)
	}
	return p
}

// plannedRows adds what a dry run would do, and the predicted result.
func plannedRows(g *grid, c *document.ContainerAction) {
	g.row("command", c.Paste)
	if f, ok := c.Predicted.Get(); ok {
		g.row("outcome", outcomeCell(&f))
		if len(f.ExitCodes) > 0 || f.OwnExitCode {
			g.row("exit code", exitCodesCell(&f))
			g.row("after", afterCell(&f))
		} else if _, ok := f.AfterMs.Get(); ok {
			g.row("after", afterCell(&f))
		}
		g.lines("because", outcomeReasons(&f))
	} else {
		g.row("outcome", "not known: "+why(c.Predicted))
	}
	g.lines("also", sourced(c.Consequences))
	g.row("to undo", undoCell(&c.Undo))
}

// actionHeading adds the verdict, and what docker's exit code does not say.
func actionHeading(p *page, c *document.ContainerAction, action, tool string) {
	result, more := resultWithoutVerdict(c, tool), ""
	v, judged := c.Verdict.Get()
	refused := refusedAsPredicted(c) && (!judged || v.Kind == value.Paused || v.Kind == value.Inconclusive)
	if judged && !refused {
		result = span{kindOf(&v), toneOf(v.Kind)}
		if v.Kind == value.RunsOn || v.Kind == value.Killed && v.How != "" {
			more = " (" + cmp.Or(v.How, decidingValue(&v)) + ")"
		}
		if v.Missing != "" {
			more += " (" + v.Missing + ")"
		}
	}
	if ms, ok := c.Timing.EffectMs.Get(); ok && !refused {
		more += ", after " + value.Duration(ms)
	}
	p.heading(1, span{text: c.Name + ": "}, result, span{text: more})
	if status, ok := c.State.Status.Get(); ok && v.Kind == value.RunsOn && status != "running" {
		p.line(2, "The program runs on, although "+tool+" inspect says "+status+".")
	}
	if code, ok := c.Command.ExitCode.Get(); ok && code == 0 && v.Kind == value.Forced {
		how := "The grace ran out, and SIGKILL ended the program"
		if v.How != "" {
			how = "SIGKILL ended the program (" + v.How + ")"
		}
		p.line(2, tool+" "+action+" reports success (exit code 0). "+how+": anything it had not saved is lost.")
	}
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

// actionRows adds what was done, and the results.
func actionRows(g *grid, c *document.ContainerAction, tool string) {
	if e := c.Expectation; e != nil {
		result := resultOf(e)
		text := e.Want + ": " + string(result)
		if result == unknown {
			text += ": " + whyUnknown(e)
		}
		g.row("expected", span{text, resultTones[result]})
	}
	g.row("command", actionCommandCell(c))
	if len(c.Events) > 0 {
		g.row(tool+" events", eventsCell(c.Events))
	}
	g.row("state", stateChangeCell(c))
	g.row("processes", processChangeCell(c))
	if c.Freezer.Frozen.Reason() != value.Vanished {
		g.row("freezer", freezerCell(c.Freezer))
	}
	g.row("memory", memoryChangeCell(c))
	v, _ := c.Verdict.Get()
	var because []string
	for _, o := range v.Because {
		line := o.Value
		if at, ok := o.AtMs.Get(); ok {
			line += ", after " + value.Duration(max(at, 0))
		}
		because = append(because, line+"  ["+o.Source+"]")
	}
	g.lines("because", because)
	if f, ok := c.Predicted.Get(); ok && explainedByPrediction(v.Kind) {
		g.lines("predicted", append([]string{outcomeCell(&f)}, outcomeReasons(&f)...))
	}
	g.lines("how to fix", c.Fix)
	g.row("to undo", undoCell(&c.Undo))
}

// explainedByPrediction reports whether the prediction says more about a verdict of this kind.
func explainedByPrediction(kind value.Kind) bool {
	switch kind {
	case value.Forced, value.Terminated, value.RunsOn, value.Inconclusive:
		return true
	}
	return false
}

func actionCommandCell(c *document.ContainerAction) string {
	cell := c.Paste + ": no exit code"
	if code, ok := c.Command.ExitCode.Get(); ok {
		cell = fmt.Sprintf("%s: exit code %d", c.Paste, code)
	}
	if ms, ok := c.Timing.CommandMs.Get(); ok {
		cell += " after " + value.Duration(ms)
	}
	if c.Command.Error != "" {
		cell += ", " + shortMessage(c.Command.Error)
	}
	return cell
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

func undoCell(u *document.Undo) string {
	if u.Command == "" {
		return u.Effect
	}
	return u.Command + ": " + u.Effect
}
