package document

import "haltscope/compare/value"

// Probe is a command or connection that was tried on the twin: before the action as a control, and after it.
type Probe struct {
	Probe        string               `json:"probe"` // exec, top, logs, stats, cp, attach, update or port
	When         string               `json:"when"`  // before or after the action
	Command      []string             `json:"command"`
	Outcome      value.Maybe[string]  `json:"outcome"`                 // answered, refused, failed or hung
	Detail       string               `json:"detail"`                  // the message of docker or the connection
	DurationMs   value.Maybe[float64] `json:"duration_ms"`             // until the outcome; for hung, until docker unpause or the deadline
	AfterUnpause *AfterUnpause        `json:"after_unpause,omitempty"` // only if it still hung at docker unpause
}

// AfterUnpause is the outcome of a probe that hung until docker unpause.
type AfterUnpause struct {
	Outcome value.Maybe[string]  `json:"outcome"`
	Detail  string               `json:"detail"`
	AfterMs value.Maybe[float64] `json:"after_ms"` // since docker unpause
}

// The outcomes of a probe.
const (
	Answered    = "answered"
	Refused     = "refused" // refused by docker, or by the kernel for a connection
	ProbeFailed = "failed"  // accepted, but failed
	Hung        = "hung"    // no answer in time
)
