package report

import (
	"fmt"
	"strconv"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Page is what was done, one container below the other.
func actionPage(a *document.Action) *Page {
	page := &Page{Title: "haltscope " + a.Action, host: a.Host}
	for i := range a.Containers {
		d := &a.Containers[i]
		g := &grid{wide: []int{1}, limit: 140}
		if a.DryRun {
			page.heading(1, fmt.Sprintf("%s (%s): nothing was done", d.Name, d.StatusBefore))
			actionPlanned(d, g)
		} else {
			actionHeadline(d, page, a.Action)
			actionDone(d, g, a.Host)
		}
		page.table(2, g)
	}
	return page
}

// lines adds a row that goes on over several lines.
func (g *grid) lines(name string, all []string) {
	for _, line := range all {
		g.row(name, line)
		name = ""
	}
}

// planned is what would be done, and what that would come to.
func actionPlanned(d *document.ContainerAction, g *grid) {
	g.row("command", d.Paste)
	if f, ok := d.Predicted.Get(); ok {
		g.row("outcome", outcomeCell(&f))
		if f.OwnExitCode || len(f.ExitCodes) > 0 {
			g.row("exit code", outcomeCodes(&f))
			g.row("after", outcomeAfter(&f))
		} else if _, ok := f.AfterMs.Get(); ok {
			g.row("after", outcomeAfter(&f))
		}
		g.lines("because", reasons(&f))
	} else {
		g.row("outcome", "not known: "+why(d.Predicted))
	}
	var more []string
	for _, r := range d.Consequences {
		more = append(more, fmt.Sprintf("%s  [%s]", r.Value, r.Source))
	}
	g.lines("what else", more)
	g.row("back", backText(&d.Undo))
}

// headline is the verdict, and in words what docker's exit code does not tell.
func actionHeadline(d *document.ContainerAction, p *Page, action string) {
	said, more := actionUnjudged(d, p.host.Tool()), ""
	v, judged := d.Verdict.Get()
	refused := actionRefused(d) && (!judged || v.Kind == "paused" || v.Kind == "inconclusive")
	if judged && !refused {
		said = span{v.Kind, toneOf(v.Kind)}
		if v.Kind == "runs-on" || v.Kind == "killed" && verdictSaysWho(&v) {
			more = " (" + verdictLast(v) + ")"
		}
		if v.Missing != "" {
			more += " (" + v.Missing + ")"
		}
	}
	if ms, ok := d.Timing.EffectMs.Get(); ok && !refused {
		more += ", after " + value.Duration(ms)
	}
	p.add(block{kind: headingBlock, level: 1, text: []span{{text: d.Name + ": "}, said, {text: more}}})
	if code, ok := d.Command.ExitCode.Get(); ok && code == 0 && v.Kind == "forced" {
		how := "The grace ran out, and SIGKILL ended it"
		if verdictSaysWho(&v) {
			how = "SIGKILL ended it (" + verdictLast(v) + ")"
		}
		p.line(2, p.host.Tool()+" "+action+" reports success (exit code 0). "+how+": what the program had not saved is lost.")
	}
}

// saysWho reports whether the last thing that a verdict rests on says who sent SIGKILL, beyond what was asked for.
func verdictSaysWho(v *document.Verdict) bool {
	if len(v.Because) == 0 {
		return false
	}
	source := v.Because[len(v.Because)-1].Source
	return strings.HasPrefix(source, "docker events") || strings.HasPrefix(source, "podman events") || source == "containerd"
}

// outcome is what was expected; "" where that is not known.
func actionOutcome(d *document.ContainerAction) string {
	f, _ := d.Predicted.Get()
	return f.Outcome
}

// refused reports whether docker has refused, as was expected.
func actionRefused(d *document.ContainerAction) bool {
	code, answered := d.Command.ExitCode.Get()
	return answered && code != 0 && actionOutcome(d) == "refused"
}

// unjudged says what came of it where there was nothing to end, freeze or resume.
func actionUnjudged(d *document.ContainerAction, tool string) span {
	status, _ := d.State.Status.Get()
	runs := status == "running"
	switch outcome := actionOutcome(d); {
	case actionRefused(d):
		return span{outcome, bad}
	case d.Command.Error != "":
		return span{tool + " failed", bad}
	case d.Command.ExitCode.Reason() == value.NotMeasured:
		return span{text: "nothing was done"}
	case outcome == "started" && !runs && status != "":
		return span{"started, and has ended", warn}
	case outcome == "started" && runs, outcome == "unchanged" && status == d.StatusBefore, outcome == "cancelled" && status == "exited":
		return span{text: outcome}
	}
	return span{text: "done"}
}

// done is what was done, and what came of it.
func actionDone(d *document.ContainerAction, g *grid, h document.Host) {
	command := d.Paste + ": no exit code"
	if v, ok := d.Command.ExitCode.Get(); ok {
		command = fmt.Sprintf("%s: exit code %d", d.Paste, v)
	}
	if ms, ok := d.Timing.CommandMs.Get(); ok {
		command += " after " + value.Duration(ms)
	}
	if d.Command.Error != "" {
		command += ", " + short(d.Command.Error)
	}
	g.row("command", command)
	if len(d.Events) > 0 {
		g.row(h.Tool()+" events", eventsCell(d.Events))
	}
	g.row("state", actionChange(d))
	g.row("processes", actionProcesses(d))
	if d.Freezer.Frozen.Reason() != value.Vanished {
		g.row("freezer", freezerText(d.Freezer))
	}
	g.row("memory", actionMemory(d))
	v, _ := d.Verdict.Get()
	var because []string
	for _, o := range v.Because {
		line := o.Value
		if at, ok := o.AtMs.Get(); ok {
			line += ", after " + value.Duration(max(at, 0))
		}
		because = append(because, line+"  ["+o.Source+"]")
	}
	g.lines("because", because)
	if f, ok := d.Predicted.Get(); ok && (v.Kind == "forced" || v.Kind == "terminated" || v.Kind == "runs-on" || v.Kind == "inconclusive") {
		g.lines("foreseen", append([]string{outcomeCell(&f)}, reasons(&f)...))
	}
	g.lines("to change", d.Fix)
	g.row("back", backText(&d.Undo))
}

// change is Docker's account, before and now.
func actionChange(d *document.ContainerAction) string {
	status, ok := d.State.Status.Get()
	if !ok {
		status = why(d.State.Status)
	}
	text := d.StatusBefore + " → " + status
	code, ended := d.ExitCode.Get()
	if now, ok := d.State.ExitCode.Get(); ended || ok && status == "exited" {
		if !ended {
			code = now
		}
		text += fmt.Sprintf(", exit code %d", code)
	}
	if oom, ok := d.State.OOMKilled.Get(); ok && oom {
		text += ", OOMKilled"
	}
	if ended && (status == "running" || status == "restarting") {
		text = fmt.Sprintf("%s → exit code %d → %s again", d.StatusBefore, code, status)
	}
	return text
}

// counted is a number of processes, or that they could not be counted.
func counted(m value.Maybe[int]) string {
	if n, ok := m.Get(); ok {
		return strconv.Itoa(n)
	}
	return "not known: " + why(m)
}

func actionProcesses(d *document.ContainerAction) string {
	text := counted(d.Process.Before) + " → " + counted(d.Process.After)
	if ms, ok := d.Timing.EmptyMs.Get(); ok {
		text += ", all gone from the cgroup after " + value.Duration(ms)
	}
	if same, ok := d.Process.SameProcess.Get(); ok && same {
		text += ", the first is the same"
	} else if ok {
		text += ", the first is another"
	}
	return text
}

func actionMemory(d *document.ContainerAction) string {
	before := size(d.Memory.BeforeBytes)
	if n, ok := d.Process.Before.Get(); ok && n == 0 {
		before = "not running"
	}
	text := fromTo(before, size(d.Memory.AfterBytes))
	returned, ok := d.Memory.ReturnedBytes.Get()
	cache, gone := d.Memory.CacheBytes.Get()
	switch {
	case !ok:
		return text
	case gone && cache == 0:
		return fmt.Sprintf("%s: %s returned to the host", text, value.Bytes(returned))
	case gone:
		return fmt.Sprintf("%s: %s returned to the host; up to %s of cache may stay until the host needs the room", text, value.Bytes(returned), value.Bytes(cache))
	case returned > returnedAtLeast:
		return fmt.Sprintf("%s: %s returned", text, value.Bytes(returned))
	}
	return text + ": kept"
}

// returnedAtLeast is what a cgroup that is still there must have lost, in bytes, to count as having returned something: the
// kernel charges ahead, 64 pages a CPU (mm/memcontrol.c, MEMCG_CHARGE_BATCH).
const returnedAtLeast = 4 << 20

func backText(b *document.Undo) string {
	if b.Command == "" {
		return b.Effect
	}
	return b.Command + ": " + b.Effect
}
