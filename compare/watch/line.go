package watch

import (
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Level is the severity of a line.
type Level string

// The levels.
const (
	Info  Level = "info"  // nothing to do
	Warn  Level = "warn"  // somebody should know
	Error Level = "error" // something went wrong
)

// Line is one thing that happened. Nil fields are unknown.
type Line struct {
	At              time.Time // when it happened, by Docker's clock if Docker reported it
	Level           Level
	Message         string // without the container's name
	RedactedMessage string // the same without any name of a container or program; "" if there are none
	ID, Name        string // "" for a line about no container
	Action          string
	Verdict         verdict.Kind // "" for none
	Missing         string       // what an inconclusive verdict lacks
	ExitCode        *int
	Signals         []unix.Signal  // that Docker sent, in order; 0 for one whose number a label hides
	Count           int            // how many signals a line without a verdict is about; 0 for other lines
	Duration        *time.Duration // how long it took, or lasted
	took            string         // the preposition of Duration: after or within
	Memory          *uint64        // bytes charged: what a frozen container holds, or a resumed one held
	MemoryAfter     *uint64        // bytes charged to a resumed container after that
	OOMKills        *uint64        // how many processes the OOM killer killed since the last line about them
	OOM             *document.OOM
	SentBy          *value.Maybe[document.Actor] // who sent the signal; nil for a line without a signal or an end
	AskedBy         *value.Maybe[document.Actor] // who asked Docker for it; nil for a line about nothing that Docker is asked for
	Because         []verdict.Observation
	RedactedBecause []verdict.Observation // Because without the names of programs; nil if there are none
	EndedAt         *time.Time            // of a confirm: the At of the end that it confirms

	// Of a gap:
	From, To *time.Time
	MayHide  []string
}

var levels = map[verdict.Kind]Level{
	verdict.Graceful: Info, verdict.Exited: Info, verdict.Paused: Info, verdict.Resumed: Info, verdict.Restarted: Info, verdict.Removed: Info,
	verdict.Terminated: Warn, verdict.Forced: Warn, verdict.Killed: Warn, verdict.PauseUnconfirmed: Warn, verdict.FrozenOutsideDocker: Warn,
	verdict.Inconclusive: Warn, verdict.RunsOn: Warn, verdict.FreezeIncomplete: Warn, verdict.FrozenBelow: Warn,
	verdict.FailedStopping: Error, verdict.Crashed: Error, verdict.OOMKilled: Error,
}

// Actions that are not Docker's own.
const (
	ActionConfirm  = "confirm"   // Docker confirmed an end that was written without it
	ActionFreeze   = "freeze"    // the cgroup was frozen outside Docker
	ActionThaw     = "thaw"      // the cgroup was thawed outside Docker
	ActionWatch    = "watch"     // the watch began
	ActionWatchEnd = "watch-end" // the watch ended
	ActionGap      = "gap"       // what happened in a time is not known
	ActionDaemon   = "daemon"    // the connection to the daemon was lost or restored
	ActionInput    = "input"     // docker printed a line that cannot be parsed
)

// setMessage sets the message and the redacted one.
func (l *Line) setMessage(text func(names bool) string) {
	l.Message, l.RedactedMessage = text(true), text(false)
}
