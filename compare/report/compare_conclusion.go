package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// conclusion says in a sentence for each action what it did.
func conclusion(c *document.Compare) string {
	var all []string
	for i := range c.Arms {
		all = append(all, armConclusion(&c.Arms[i], c.Host)+".")
	}
	return strings.Join(all, " ")
}

// armConclusion says what an action did, to the records too, and in how many runs if not in all.
func armConclusion(a *document.Arm, h document.Host) string {
	g := mostCommon(a)
	r := &g[0]
	text := armTitle(a, h) + " " + didCell(r, g)
	if _, ok := r.Data.Lost.Get(); ok {
		text += " and lost " + lostRecords(r, g)
	}
	if bytes, ok := r.Memory.AfterBytes.Get(); ok && r.Verdict.Kind == value.Paused {
		text += "; its " + value.Bytes(bytes) + " stay in memory"
	}
	if len(g) < len(a.Runs) {
		text += fmt.Sprintf(" (%d of %d runs)", len(g), len(a.Runs))
	}
	return text
}

func lostRecords(r *document.Run, g group) string {
	if !slices.ContainsFunc(g, losesRecords) {
		return "no record"
	}
	return figure(g, r, func(r *document.Run) value.Maybe[int] { return r.Data.Lost }, strconv.Itoa) + " of " +
		figure(g, r, func(r *document.Run) value.Maybe[int] { return r.Data.Acknowledged }, strconv.Itoa) + " records"
}

// did says what an action did, by verdict.
var did = map[value.Kind]string{
	value.Graceful: "let the program end gracefully", value.FailedStopping: "made the program end with a failure code",
	value.Terminated: "ended the program by the default action of its signal", value.Forced: "ended the program by force",
	value.Killed: "killed the program", value.OOMKilled: "ended in an OOM kill", value.Exited: "saw the program end by itself",
	value.Crashed: "saw the program crash", value.Paused: "froze the container",
	value.PauseUnconfirmed: "was not confirmed by the kernel", value.FrozenOutsideDocker: "left the container frozen outside Docker",
	value.Resumed: "thawed the container", value.Restarted: "restarted the container", value.FreezeIncomplete: "left the freeze incomplete",
	value.FrozenBelow: "left a cgroup below frozen",
	value.RunsOn:      "left the program running", value.Removed: "removed the container",
	value.Inconclusive: "did something that the observations do not decide",
}

// didCell says what an action did to a run, and when.
func didCell(r *document.Run, g group) string {
	ended := &r.Verdict
	if r.PreviousRun != nil {
		ended = r.PreviousRun
	}
	text := did[ended.Kind]
	if _, ok := r.Timing.EffectMs.Get(); ok && ended.Kind != value.RunsOn {
		text += " after " + figure(g, r, func(r *document.Run) value.Maybe[float64] { return r.Timing.EffectMs }, value.Duration)
	}
	if r.PreviousRun != nil {
		text += ", " + did[r.Verdict.Kind]
	}
	return text
}
