package watch

import (
	"time"

	"haltscope/compare/rules/verdict"
)

// Level is how severe a line is.
type Level string

const (
	Info  Level = "info"
	Warn  Level = "warn"
	Error Level = "error"
)

// Line is one thing that happened. What is not known is nil, never 0.
type Line struct {
	At              time.Time // when it happened, by Docker's clock where Docker told of it
	Level           Level
	Message         string // without the container's name
	RedactedMessage string // the same without the names of programs; "" where there are none
	ID, Name        string // "" for a line that concerns no container
	Action          string
	Verdict         verdict.Kind // "" for none
	Missing         string       // for an inconclusive one: what would decide
	ExitCode        *int
	Signals         []int          // that Docker sent, in order; 0 for one whose number a label hides
	Duration        *time.Duration // how long it took, or lasted
	Memory          *uint64        // bytes charged: of a frozen container, what it holds; of one resumed, what it had held
	MemoryAfter     *uint64        // of one resumed, what it held then
	OOMKills        *uint64        // how many processes the OOM killer has killed, since it was last told
	OOM             *OOM           // whom, and at what limit
	Because         []verdict.Observation
	// BecauseUnnamed is Because without the names of programs; nil where there are none.
	RedactedBecause []verdict.Observation
	EndedAt         *time.Time // of a confirm: the At of the end that it is about
	// Of a gap:
	From, To *time.Time
	MayHide  []string
}

// levels of the verdicts: what nobody has to act upon, what somebody should know, what has gone wrong.
var levels = map[verdict.Kind]Level{
	verdict.Graceful: Info, verdict.Exited: Info, verdict.Paused: Info, verdict.Resumed: Info, verdict.Restarted: Info, verdict.Removed: Info,
	verdict.Terminated: Warn, verdict.Forced: Warn, verdict.Killed: Warn, verdict.PauseUnconfirmed: Warn, verdict.FrozenOutsideDocker: Warn,
	verdict.Inconclusive: Warn,
	verdict.Crashed:      Error, verdict.OOMKilled: Error,
}

// Names of actions that are not Docker's own.
const (
	ActionConfirm = "confirm" // Docker's word on an end that was written without it
	ActionFreeze  = "freeze"  // somebody froze the cgroup, and it was not Docker
	ActionThaw    = "thaw"    // somebody thawed it, and it was not Docker
	ActionWatch   = "watch"   // the watch began
	ActionGap     = "gap"     // what may have happened meanwhile is not known
	ActionDaemon  = "daemon"  // the daemon hung up, or answers again
	ActionInput   = "input"   // docker printed what cannot be understood
)

// say sets the message, and the one for a redacted log.
func (l *Line) setMessage(text func(names bool) string) {
	l.Message, l.RedactedMessage = text(true), text(false)
}
