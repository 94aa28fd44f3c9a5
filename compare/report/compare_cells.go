package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// verdictCell returns the verdict of a run and its details.
func verdictCell(r *document.Run, g group) string {
	return kindOf(&r.Verdict) + verdictDetails(r, g)
}

// verdictDetails returns what follows the verdict: when it ended or froze, and what decided.
func verdictDetails(r *document.Run, g group) string {
	ended := ""
	if _, ok := r.Timing.EffectMs.Get(); ok {
		ended = " after " + figure(g, r, func(r *document.Run) value.Maybe[float64] { return r.Timing.EffectMs }, value.Duration)
	}
	switch kind := r.Verdict.Kind; {
	case r.PreviousRun != nil && ended == "":
		return "; previous run: " + string(r.PreviousRun.Kind)
	case r.PreviousRun != nil:
		return "; previous run: " + string(r.PreviousRun.Kind) + ", ended" + ended
	case kind == value.RunsOn:
		return ": " + decidingValue(&r.Verdict)
	case kind == value.Inconclusive:
		return ": " + r.Verdict.Missing
	case ended == "" || kind == value.PauseUnconfirmed || kind == value.Removed:
		return ""
	case kind == value.Paused || kind == value.FrozenOutsideDocker:
		return ", frozen" + ended
	}
	return ", ended" + ended
}

// decidingValue returns the observation that decided the verdict: the last one.
func decidingValue(v *document.Verdict) string {
	if len(v.Because) == 0 {
		return ""
	}
	return v.Because[len(v.Because)-1].Value
}

func commandCell(r *document.Run, g group) string {
	code, ok := r.Command.ExitCode.Get()
	if !ok {
		return "failed: " + r.Command.Error
	}
	cell := fmt.Sprintf("exit code %d", code)
	if _, ok := r.Timing.CommandMs.Get(); ok {
		cell += " after " + figure(g, r, func(r *document.Run) value.Maybe[float64] { return r.Timing.CommandMs }, value.Duration)
	}
	if r.Command.Error != "" {
		cell += ": " + shortMessage(r.Command.Error)
	}
	return cell
}

// ageless matches a status without its age: "Exited (137) 4 seconds ago", "Up About a minute (Paused)".
var ageless = value.Pattern(`^(Exited \(\d+\)).*$|^(Up) [^(]*( \(.*\))?$`)

func psCell(r *document.Run) string {
	status, ok := r.State.Ps.Get()
	if !ok {
		return why(r.State.Ps)
	}
	if m := ageless().FindStringSubmatch(status); m != nil {
		return m[1] + m[2] + m[3]
	}
	return status
}

func inspectCell(r *document.Run) string {
	cell, ok := r.State.Status.Get()
	if !ok {
		return why(r.State.Status)
	}
	if code, ok := r.State.ExitCode.Get(); ok {
		cell += fmt.Sprintf(", exit code %d", code)
	}
	if oom, ok := r.State.OOMKilled.Get(); ok && oom {
		cell += ", OOMKilled"
	}
	return cell
}

// fullID matches the full id of a container.
var fullID = value.Pattern(`\b[0-9a-f]{64}\b`)

// shortMessage returns a message of docker or podman without its usual prefix, and with short ids.
func shortMessage(message string) string {
	message = strings.TrimPrefix(strings.TrimPrefix(message, "Error response from daemon: "), "Error: ")
	return fullID().ReplaceAllStringFunc(message, value.ShortID)
}

func topCell(r *document.Run) string {
	if n, ok := r.Top.Processes.Get(); ok {
		return value.Count(n, "process", "processes")
	}
	return "error: " + shortMessage(r.Top.Error)
}

func statsCell(r *document.Run, g group) string {
	if _, ok := r.Stats.CPUPercent.Get(); !ok {
		return why(r.Stats.CPUPercent)
	}
	cpu := figure(g, r, func(r *document.Run) value.Maybe[float64] { return r.Stats.CPUPercent },
		func(v float64) string { return fmt.Sprintf("%.4g %%", v) })
	memory := figure(g, r, func(r *document.Run) value.Maybe[float64] { return r.Stats.MemoryBytes }, value.Bytes[float64])
	return "CPU " + cpu + ", memory " + memory
}

// eventsCell returns the events in order: "kill(15) → die(0) → stop". A number that is not known is a question mark.
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

func cgroupCell(r *document.Run) string {
	if !r.Cgroup.Exists {
		return "gone"
	}
	if n, ok := r.Cgroup.MembersAfter.Get(); ok {
		return "exists, " + value.Count(n, "process", "processes")
	}
	return "exists"
}

// notFrozen is the usual state of the freezer.
const notFrozen = "not requested, not frozen"

func freezerCell(f document.Freezer) string {
	frozen, ok := f.Frozen.Get()
	if !ok {
		return why(f.Frozen)
	}
	requested, ok := f.Requested.Get()
	switch {
	case !ok:
		return fmt.Sprintf("frozen: %t", frozen)
	case requested && frozen:
		return "requested and frozen"
	case requested:
		return "requested, but not frozen"
	case frozen:
		return "not requested, but frozen"
	}
	return notFrozen
}

func cpuDuringCell(r *document.Run, g group) string {
	if _, ok := r.CPU.UsageUsecDuring.Get(); !ok {
		return why(r.CPU.UsageUsecDuring)
	}
	return figure(g, r, func(r *document.Run) value.Maybe[uint64] { return r.CPU.UsageUsecDuring }, value.Usec) + " in " +
		figure(g, r, func(r *document.Run) value.Maybe[float64] { return r.CPU.DuringMs }, value.Duration)
}

func recordsCell(r *document.Run, g group) string {
	if _, ok := r.Data.Lost.Get(); !ok {
		return why(r.Data.Lost)
	}
	acknowledged := figure(g, r, func(r *document.Run) value.Maybe[int] { return r.Data.Acknowledged }, strconv.Itoa)
	if !slices.ContainsFunc(append(slices.Clone(g), *r), losesRecords) {
		return "none of " + acknowledged + " lost"
	}
	return figure(g, r, func(r *document.Run) value.Maybe[int] { return r.Data.Lost }, strconv.Itoa) + " of " + acknowledged + " lost"
}

func losesRecords(r document.Run) bool {
	lost, ok := r.Data.Lost.Get()
	return ok && lost > 0
}

// restoredCell returns the command that undid the action, and what survived.
func restoredCell(r *document.Run, tool string) string {
	command, ok := r.Resume.Command.Get()
	if !ok {
		return why(r.Resume.Command)
	}
	cell := tool + " " + command
	if !r.Resume.OK {
		return cell + " failed: " + shortMessage(r.Resume.Error)
	}
	switch command {
	case "restart":
		cell += " itself"
	case "run":
		cell += " (another container)"
	}
	if same, ok := r.Resume.SameProcess.Get(); ok && same {
		cell += ": same process"
	} else if ok {
		cell += ": new process"
	}
	if survived, ok := r.Resume.StateSurvived.Get(); ok && survived {
		cell += ", memory kept"
	} else if ok {
		cell += ", memory lost"
	}
	return cell
}
