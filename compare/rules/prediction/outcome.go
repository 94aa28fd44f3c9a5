package prediction

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Outcomes that are no verdicts.
const (
	Undecided = value.Undecided // see Candidates
	Started   = value.Started
	Unchanged = value.Unchanged
	Refused   = value.Refused
	Cancelled = value.Cancelled
)

// Evidence is a fact that a prediction rests on, and where it comes from.
type Evidence struct{ Source, Value string }

// Outcome is the predicted result of one action.
type Outcome struct {
	Kind        verdict.Kind
	Candidates  []verdict.Kind // of an undecided one, the likeliest first
	ExitCodes   []int          // the possible ones
	OwnExitCode bool           // the program may also end with an exit code of its own
	After       *time.Duration // until it has taken effect, the longest time of an undecided one; nil where the program decides that
	Because     []Evidence     // the last one decides
	DecidedBy   string         // what would decide an undecided one
	Reason      Reason         // of a stop: what decides it, or is likeliest to
}

// The reasons of a stop's outcome, besides [NoSuchSignal], [Unstoppable], [NotForwarded], [EndsNothing], [Handles], [NoHandler],
// [IgnoresIt] and [WorkInHand].
const (
	Blocks         Reason = "blocks"           // it blocks the signal, or does now
	DefaultEnds    Reason = "default-action"   // the signal's default action ends it
	NotAskedFor    Reason = "not-asked-for"    // a Go program that has not asked for the signal
	GoesOn         Reason = "goes-on"          // it handles the signal and is known to go on
	TakesLong      Reason = "takes-long"       // it is configured to take its time
	WaitsForJob    Reason = "waits-for-job"    // a shell waits for its foreground command
	ServicesFirst  Reason = "stops-services"   // it stops its services first
	WaitsForOthers Reason = "waits-for-others" // it only waits for others, which count
	WrapperKills   Reason = "wrapper-kills"    // a wrapper sends SIGKILL before the grace has run out
	Sleeps         Reason = "sleeps"           // its sleep ends by itself
	Starting       Reason = "starting"         // it may not be ready yet
	Suspended      Reason = "suspended"        // by SIGSTOP, or by a tracer
	IsFrozen       Reason = "frozen"           // it, or what its end waits for
	IsStuck        Reason = "stuck"            // a thread is in uninterruptible sleep
	NoGrace        Reason = "no-grace"         // SIGKILL follows at once
	Unreachable    Reason = "unreachable"      // the runtime takes it for stopped
	NotRead        Reason = "not-read"         // what would decide could not be read
)

// StopReasons are all reasons that a stop's outcome may have.
var StopReasons = []Reason{NoSuchSignal, Unstoppable, NotForwarded, EndsNothing, Handles, NoHandler, IgnoresIt, WorkInHand, Blocks,
	DefaultEnds, NotAskedFor, GoesOn, TakesLong, WaitsForJob, ServicesFirst, WaitsForOthers, WrapperKills, Sleeps, Starting, Suspended,
	IsFrozen, IsStuck, NoGrace, Unreachable, NotRead}

// Allows reports whether the outcome allows what happened. Where it is open whether the program's own handler ends it, the exit
// code is open as well: the program may fail. A program that is known to end gracefully may not.
func (o *Outcome) Allows(kind verdict.Kind) bool {
	if kind == verdict.FailedStopping && o.Kind == Undecided && o.OwnExitCode {
		kind = verdict.Graceful
	}
	return slices.Contains(o.candidates(), kind)
}

// AllowsAll reports whether a stop or a pause can hardly come out otherwise: an undecided one whose candidates are good and bad ends alike.
func (o *Outcome) AllowsAll() bool {
	if o.Allows(verdict.Paused) {
		return o.Allows(Refused) || o.Allows(verdict.FreezeIncomplete)
	}
	return o.Allows(verdict.Graceful) && (o.Allows(verdict.Forced) || o.Allows(verdict.Inconclusive) || o.Allows(verdict.RunsOn))
}

// AllowsExitCode reports whether an exit code is a possible one.
func (o *Outcome) AllowsExitCode(code int) bool {
	return o.OwnExitCode || slices.Contains(o.ExitCodes, code)
}

// likeliest returns the kind or, of an undecided outcome, the likeliest candidate.
func (o *Outcome) likeliest() verdict.Kind {
	if all := o.candidates(); len(all) > 0 {
		return all[0]
	}
	return o.Kind
}

func (o *Outcome) candidates() []verdict.Kind {
	if o.Kind == Undecided {
		return o.Candidates
	}
	return []verdict.Kind{o.Kind}
}

func (o *Outcome) note(source, format string, args ...any) {
	o.Because = append(o.Because, Evidence{source, fmt.Sprintf(format, args...)})
}

// survive is the outcome of a stop whose signal does not end the program, and why it does not.
func (f *Facts) survive(o *Outcome, why Reason) {
	o.Reason = why
	if f.signalOnly {
		o.Kind = verdict.RunsOn
		o.note("docker kill --signal", "the container keeps running")
		return
	}
	if f.Grace < 0 {
		o.Kind = verdict.Inconclusive
		o.note(f.GraceFrom, "docker stop waits forever and sends no SIGKILL")
		return
	}
	grace := f.Grace
	o.Kind, o.ExitCodes, o.After = verdict.Forced, []int{sigkillExitCode}, &grace
}

// undecided is the outcome of a stop that may end in several ways.
func (f *Facts) undecided(o *Outcome, decidedBy string, kinds ...verdict.Kind) {
	o.Kind, o.Candidates, o.DecidedBy = Undecided, kinds, decidedBy
	if f.Grace < 0 {
		if i := slices.Index(kinds, verdict.Forced); i >= 0 {
			o.Candidates[i] = verdict.Inconclusive // it would run on
			if f.signalOnly {
				o.Candidates[i] = verdict.RunsOn
			}
		}
	} else {
		grace := f.Grace
		o.After = &grace
	}
	for _, kind := range o.Candidates {
		switch kind {
		case verdict.Forced:
			o.ExitCodes = append(o.ExitCodes, sigkillExitCode)
		case verdict.Terminated:
			o.ExitCodes = append(o.ExitCodes, f.defaultExitCode())
		case verdict.Graceful, verdict.Exited, verdict.Crashed:
			o.OwnExitCode = true
		}
	}
	o.ExitCodes = sortCodes(o.ExitCodes)
}

// sigkillExitCode is the exit code of a process that SIGKILL ended, 137.
const sigkillExitCode = 128 + int(value.SIGKILL)

func sortCodes(all []int) []int {
	slices.Sort(all)
	return slices.Compact(all)
}

func without(kinds []verdict.Kind, kind verdict.Kind) []verdict.Kind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k verdict.Kind) bool { return k == kind })
}
