package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// row is a question of the comparison and its answer for each arm, in the words that every layout shows.
type row struct {
	question string
	cells    []string
	course   bool // they are sparklines
}

// rows answers the questions of the comparison. Of several runs those of the commonest verdict answer, but for the verdict.
func compareRows(c *document.Compare) []row {
	var all []row
	add := func(question string, answer func(*document.Run, over) string) {
		r := row{question: question}
		for _, arm := range c.Arms {
			text := over(armLead(&arm)).tell(answer)
			if question == "verdict" {
				text = armCounted(&arm, text)
			}
			r.cells = append(r.cells, text)
		}
		all = append(all, r)
	}
	tool := c.Host.Tool()
	add("verdict", verdictCell)
	add(tool+" command", commandCell)
	add(tool+" ps -a", alone(psCell))
	add(tool+" inspect", alone(inspectCell))
	add(tool+" top", alone(topCell))
	add(tool+" stats", statsCell)
	add(tool+" events", alone(func(r document.Run) string { return eventsCell(r.Events) }))
	add("cgroup", alone(cgroupCell))
	add("freezer", alone(func(r document.Run) string { return freezerText(r.Cgroup.Freezer) }))
	add("memory", func(r *document.Run, o over) string {
		return fromTo(figure(o, r, func(r *document.Run) value.Maybe[uint64] { return r.Memory.BeforeBytes }, value.Bytes[uint64]),
			figure(o, r, func(r *document.Run) value.Maybe[uint64] { return r.Memory.AfterBytes }, value.Bytes[uint64]))
	})
	all = append(all, compareCourse(c, "  over time", runMemoryCourse, func(v float64) string { return value.Bytes(v) }))
	for _, group := range []string{"anon", "file", "shmem", "kernel"} {
		if !slices.ContainsFunc(c.Arms[0].Runs[0].Memory.Ledger, func(l document.LedgerRow) bool { return l.Group == group }) {
			continue
		}
		add("  "+group, func(r *document.Run, o over) string {
			return fromTo(figure(o, r, func(r *document.Run) value.Maybe[int64] {
				return sumGroup(r.Memory.Ledger, group, func(l document.LedgerRow) value.Maybe[int64] { return l.BeforeBytes })
			}, value.Bytes[int64]), figure(o, r, func(r *document.Run) value.Maybe[int64] {
				return sumGroup(r.Memory.Ledger, group, func(l document.LedgerRow) value.Maybe[int64] { return l.Bytes })
			}, value.Bytes[int64]))
		})
	}
	add("CPU time before", func(r *document.Run, o over) string {
		return figure(o, r, func(r *document.Run) value.Maybe[uint64] { return r.CPU.UsageUsecBefore }, func(v uint64) string { return value.Duration(float64(v) / 1000) })
	})
	add("CPU time during", duringCell)
	all = append(all, compareCourse(c, "  over time", runCpuCourse, func(v float64) string { return fmt.Sprintf("%.3g %%", v) }))
	if c.Embedded {
		add("records", recordsCell)
	}
	add("back again", alone(func(r document.Run) string { return backCell(tool, r) }))
	return all
}

func verdictCell(r *document.Run, o over) string {
	text := r.Verdict.Kind
	_, ok := r.Timing.EffectMs.Get()
	effect := figure(o, r, func(r *document.Run) value.Maybe[float64] { return r.Timing.EffectMs }, value.Duration)
	switch {
	case r.PreviousRun != nil:
		text += "; the run before: " + r.PreviousRun.Kind
		if ok {
			text += ", ended after " + effect
		}
	case r.Verdict.Kind == "runs-on":
		text += ": " + verdictLast(r.Verdict)
	case r.Verdict.Kind == "inconclusive":
		text += ": " + r.Verdict.Missing
	case ok && (r.Verdict.Kind == "paused" || r.Verdict.Kind == "frozen-outside-docker"):
		text += ", frozen after " + effect
	case ok && r.Verdict.Kind != "pause-unconfirmed" && r.Verdict.Kind != "removed":
		text += ", ended after " + effect
	}
	return text
}

// last is the observation that decided.
func verdictLast(v document.Verdict) string {
	if len(v.Because) == 0 {
		return ""
	}
	return v.Because[len(v.Because)-1].Value
}

func commandCell(r *document.Run, o over) string {
	code, ok := r.Command.ExitCode.Get()
	if !ok {
		return "failed: " + r.Command.Error
	}
	text := fmt.Sprintf("exit code %d", code)
	if _, ok := r.Timing.CommandMs.Get(); ok {
		text += " after " + figure(o, r, func(r *document.Run) value.Maybe[float64] { return r.Timing.CommandMs }, value.Duration)
	}
	if r.Command.Error != "" {
		text += ": " + short(r.Command.Error)
	}
	return text
}

// since is what ages in a status: "Exited (137) 4 seconds ago", "Up About a minute (Paused)".
var since = value.Pattern(`^(Exited \(\d+\)).*$|^(Up) [^(]*( \(.*\))?$`)

func psCell(r document.Run) string {
	status, ok := r.State.Ps.Get()
	if !ok {
		return why(r.State.Ps)
	}
	if m := since().FindStringSubmatch(status); m != nil {
		return m[1] + m[2] + m[3]
	}
	return status
}

func inspectCell(r document.Run) string {
	status, ok := r.State.Status.Get()
	if !ok {
		return why(r.State.Status)
	}
	if code, ok := r.State.ExitCode.Get(); ok {
		status += fmt.Sprintf(", exit code %d", code)
	}
	if oom, ok := r.State.OOMKilled.Get(); ok && oom {
		status += ", OOMKilled"
	}
	return status
}

// longID is a container's full id in docker's messages.
var longID = value.Pattern(`\b[0-9a-f]{64}\b`)

// short takes off what docker's errors begin with, and most of an id.
func short(message string) string {
	message = strings.TrimPrefix(strings.TrimPrefix(message, "Error response from daemon: "), "Error: ") // docker, podman
	return longID().ReplaceAllStringFunc(message, func(id string) string { return id[:12] })
}

func topCell(r document.Run) string {
	if n, ok := r.Top.Processes.Get(); ok {
		return value.Count(n, "process", "processes")
	}
	return "error: " + short(r.Top.Error)
}

func statsCell(r *document.Run, o over) string {
	if _, ok := r.Stats.CPUPercent.Get(); !ok {
		return why(r.Stats.CPUPercent)
	}
	return "CPU " + figure(o, r, func(r *document.Run) value.Maybe[float64] { return r.Stats.CPUPercent }, func(v float64) string { return fmt.Sprintf("%.4g %%", v) }) +
		", memory " + figure(o, r, func(r *document.Run) value.Maybe[float64] { return r.Stats.MemoryBytes }, value.Bytes[float64])
}

func eventsCell(events []document.Event) string {
	var all []string
	for _, e := range events {
		text := e.Action
		if n, ok := e.Signal.Get(); ok {
			text += fmt.Sprintf("(%d)", n)
		} else if n, ok := e.ExitCode.Get(); ok {
			text += fmt.Sprintf("(%d)", n)
		} else if e.Action == "kill" || e.Action == "die" {
			text += "(?)"
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, " → ")
}

func cgroupCell(r document.Run) string {
	if !r.Cgroup.Exists {
		return "gone"
	}
	if n, ok := r.Cgroup.MembersAfter.Get(); ok {
		return "there, with " + value.Count(n, "process", "processes")
	}
	return "there"
}

func freezerText(f document.Freezer) string {
	frozen, ok := f.Frozen.Get()
	if !ok {
		return why(f.Frozen)
	}
	requested, ok := f.Requested.Get()
	switch {
	case !ok:
		return fmt.Sprintf("frozen: %t", frozen)
	case requested && frozen:
		return "requested, and frozen"
	case requested:
		return "requested, not frozen"
	case frozen:
		return "not requested, yet frozen"
	}
	return "not requested, not frozen"
}

func duringCell(r *document.Run, o over) string {
	if _, ok := r.CPU.UsageUsecDuring.Get(); !ok {
		return why(r.CPU.UsageUsecDuring)
	}
	return figure(o, r, func(r *document.Run) value.Maybe[uint64] { return r.CPU.UsageUsecDuring }, value.Usec) + " in " +
		figure(o, r, func(r *document.Run) value.Maybe[float64] { return r.CPU.DuringMs }, value.Duration)
}

func recordsCell(r *document.Run, o over) string {
	lost, ok := r.Data.Lost.Get()
	if !ok {
		return why(r.Data.Lost)
	}
	number := func(v int) string { return strconv.Itoa(v) }
	of := figure(o, r, func(r *document.Run) value.Maybe[int] { return r.Data.Acknowledged }, number)
	if lost == 0 && !slices.ContainsFunc(o, func(r document.Run) bool { v, _ := r.Data.Lost.Get(); return v > 0 }) {
		return "none of " + of + " lost"
	}
	return figure(o, r, func(r *document.Run) value.Maybe[int] { return r.Data.Lost }, number) + " of " + of + " lost"
}

func backCell(tool string, r document.Run) string {
	command, ok := r.Resume.Command.Get()
	if !ok {
		return why(r.Resume.Command)
	}
	text := tool + " " + command
	if !r.Resume.OK {
		return text + " failed: " + short(r.Resume.Error)
	}
	switch command {
	case "restart":
		text = "by itself"
	case "run":
		text += ", another container"
	}
	if same, ok := r.Resume.SameProcess.Get(); ok && same {
		text += ": same process"
	} else if ok {
		text += ": new process"
	}
	if survived, ok := r.Resume.StateSurvived.Get(); ok && survived {
		text += ", memory kept"
	} else if ok {
		text += ", memory lost"
	}
	return text
}

// size writes bytes, or why there are none.
func size[T uint64 | int64 | float64](m value.Maybe[T]) string {
	if v, ok := m.Get(); ok {
		return value.Bytes(v)
	}
	return why(m)
}

// why writes the reason for which a value is not there: never a 0, never a blank.
func why[T any](m value.Maybe[T]) string {
	reason, detail, _ := m.Missing()
	switch reason {
	case value.Vanished:
		return "gone"
	case value.NotMeasured:
		return "–"
	}
	if detail == "" {
		return string(reason)
	}
	return string(reason) + ": " + detail
}

// fromTo writes a change, or one word when both are the same word.
func fromTo(before, after string) string {
	if before == after && strings.IndexFunc(before, func(r rune) bool { return r >= '0' && r <= '9' }) < 0 {
		return before
	}
	return before + " → " + after
}
