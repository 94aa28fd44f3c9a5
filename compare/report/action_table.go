package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Table lays out what was done for a terminal.
func (a *Action) Table(w io.Writer, o TableOptions) error { return a.Page().write(w, o) }

// Page is what was done, one container below the other.
func (a *Action) Page() *Page {
	page := &Page{Title: "haltscope " + a.Action, host: a.Host}
	for i := range a.Containers {
		d := &a.Containers[i]
		g := &grid{wide: []int{1}, limit: 140}
		if a.DryRun {
			page.heading(1, fmt.Sprintf("%s (%s): nothing was done", d.Name, d.Was))
			d.planned(g)
		} else {
			d.headline(page, a.Action)
			d.done(g, a.Host)
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
func (d *Deed) planned(g *grid) {
	g.row("command", d.Paste)
	if f, ok := d.Expected.Get(); ok {
		g.row("outcome", f.cell())
		if f.OwnExitCode || len(f.ExitCodes) > 0 {
			g.row("exit code", f.codes())
			g.row("after", f.after())
		} else if _, ok := f.AfterMs.Get(); ok {
			g.row("after", f.after())
		}
		g.lines("because", reasons(&f))
	} else {
		g.row("outcome", "not known: "+why(d.Expected))
	}
	var more []string
	for _, r := range d.Consequences {
		more = append(more, fmt.Sprintf("%s  [%s]", r.Value, r.Source))
	}
	g.lines("what else", more)
	g.row("back", d.Back.text())
}

// headline is the verdict, and in words what docker's exit code does not tell.
func (d *Deed) headline(p *Page, action string) {
	said, more := d.unjudged(p.host.tool()), ""
	v, judged := d.Verdict.Get()
	refused := d.refused() && (!judged || v.Kind == "paused" || v.Kind == "inconclusive")
	if judged && !refused {
		said = span{v.Kind, toneOf(v.Kind)}
		if v.Kind == "runs-on" || v.Kind == "killed" && v.saysWho() {
			more = " (" + v.last() + ")"
		}
		if v.Missing != "" {
			more += " (" + v.Missing + ")"
		}
	}
	if ms, ok := d.Timing.EffectMs.Get(); ok && !refused {
		more += ", after " + Duration(ms)
	}
	p.add(block{kind: headingBlock, level: 1, text: []span{{text: d.Name + ": "}, said, {text: more}}})
	if code, ok := d.Command.ExitCode.Get(); ok && code == 0 && v.Kind == "forced" {
		how := "The grace ran out, and SIGKILL ended it"
		if v.saysWho() {
			how = "SIGKILL ended it (" + v.last() + ")"
		}
		p.line(2, p.host.tool()+" "+action+" reports success (exit code 0). "+how+": what the program had not saved is lost.")
	}
}

// saysWho reports whether the last thing that a verdict rests on says who sent SIGKILL, beyond what was asked for.
func (v *Verdict) saysWho() bool {
	if len(v.Because) == 0 {
		return false
	}
	source := v.Because[len(v.Because)-1].Source
	return strings.HasPrefix(source, "docker events") || strings.HasPrefix(source, "podman events") || source == "containerd"
}

// outcome is what was expected; "" where that is not known.
func (d *Deed) outcome() string {
	f, _ := d.Expected.Get()
	return f.Outcome
}

// refused reports whether docker has refused, as was expected.
func (d *Deed) refused() bool {
	code, answered := d.Command.ExitCode.Get()
	return answered && code != 0 && d.outcome() == "refused"
}

// unjudged says what came of it where there was nothing to end, freeze or resume.
func (d *Deed) unjudged(tool string) span {
	status, _ := d.State.Status.Get()
	runs := status == "running"
	switch outcome := d.outcome(); {
	case d.refused():
		return span{outcome, bad}
	case d.Command.Error != "":
		return span{tool + " failed", bad}
	case d.Command.ExitCode.Reason() == NotMeasured:
		return span{text: "nothing was done"}
	case outcome == "started" && !runs && status != "":
		return span{"started, and has ended", warn}
	case outcome == "started" && runs, outcome == "unchanged" && status == d.Was, outcome == "called-off" && status == "exited":
		return span{text: outcome}
	}
	return span{text: "done"}
}

// done is what was done, and what came of it.
func (d *Deed) done(g *grid, h Host) {
	command := d.Paste + ": no exit code"
	if v, ok := d.Command.ExitCode.Get(); ok {
		command = fmt.Sprintf("%s: exit code %d", d.Paste, v)
	}
	if ms, ok := d.Timing.CommandMs.Get(); ok {
		command += " after " + Duration(ms)
	}
	if d.Command.Error != "" {
		command += ", " + short(d.Command.Error)
	}
	g.row("command", command)
	if len(d.Events) > 0 {
		g.row(h.tool()+" events", eventsCell(d.Events))
	}
	g.row("state", d.change())
	g.row("processes", d.processes())
	if d.Freezer.Frozen.Reason() != Vanished {
		g.row("freezer", freezerText(d.Freezer))
	}
	g.row("memory", d.memory())
	v, _ := d.Verdict.Get()
	var because []string
	for _, o := range v.Because {
		line := o.Value
		if at, ok := o.AtMs.Get(); ok {
			line += ", after " + Duration(max(at, 0))
		}
		because = append(because, line+"  ["+o.Source+"]")
	}
	g.lines("because", because)
	if f, ok := d.Expected.Get(); ok && (v.Kind == "forced" || v.Kind == "terminated" || v.Kind == "runs-on" || v.Kind == "inconclusive") {
		g.lines("foreseen", append([]string{f.cell()}, reasons(&f)...))
	}
	g.lines("to change", d.Advice)
	g.row("back", d.Back.text())
}

// change is Docker's account, before and now.
func (d *Deed) change() string {
	status, ok := d.State.Status.Get()
	if !ok {
		status = why(d.State.Status)
	}
	text := d.Was + " → " + status
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
		text = fmt.Sprintf("%s → exit code %d → %s again", d.Was, code, status)
	}
	return text
}

// counted is a number of processes, or that they could not be counted.
func counted(m Maybe[int]) string {
	if n, ok := m.Get(); ok {
		return strconv.Itoa(n)
	}
	return "not known: " + why(m)
}

func (d *Deed) processes() string {
	text := counted(d.Process.Before) + " → " + counted(d.Process.After)
	if ms, ok := d.Timing.EmptyMs.Get(); ok {
		text += ", all gone from the cgroup after " + Duration(ms)
	}
	if same, ok := d.Process.SameProcess.Get(); ok && same {
		text += ", the first is the same"
	} else if ok {
		text += ", the first is another"
	}
	return text
}

func (d *Deed) memory() string {
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
		return fmt.Sprintf("%s: %s returned to the host", text, Bytes(returned))
	case gone:
		return fmt.Sprintf("%s: %s returned to the host; up to %s of cache may stay until the host needs the room", text, Bytes(returned), Bytes(cache))
	case returned > returnedAtLeast:
		return fmt.Sprintf("%s: %s returned", text, Bytes(returned))
	}
	return text + ": kept"
}

// returnedAtLeast is what a cgroup that is still there must have lost, in bytes, to count as having returned something: the
// kernel charges ahead, 64 pages a CPU (mm/memcontrol.c, MEMCG_CHARGE_BATCH).
const returnedAtLeast = 4 << 20

func (b *Back) text() string {
	if b.Command == "" {
		return b.Effect
	}
	return b.Command + ": " + b.Effect
}
