package document

import (
	"haltscope/compare/value"
)

// Probe is something that was tried on the twin, before the action as a control, or in the state it left.
type Probe struct {
	Probe        string               `json:"probe"` // exec, top, logs, stats, cp, attach, update, port
	When         string               `json:"when"`  // before or after the action
	Command      []string             `json:"command"`
	Outcome      value.Maybe[string]  `json:"outcome"`                 // answered, refused, failed, hung
	Detail       string               `json:"detail"`                  // docker's words, or the connection's
	DurationMs   value.Maybe[float64] `json:"duration_ms"`             // until then; how long it had hung when that was given up, or docker unpause was run
	AfterUnpause *AfterUnpause        `json:"after_unpause,omitempty"` // what hung when docker unpause was run; left out of others
}

// Late is what became of a probe that hung until docker unpause.
type AfterUnpause struct {
	Outcome value.Maybe[string]  `json:"outcome"`
	Detail  string               `json:"detail"`
	AfterMs value.Maybe[float64] `json:"after_ms"` // since docker unpause was run
}

// The outcomes of a probe.
const (
	Answered    = "answered"
	Refused     = "refused" // docker's no, or the kernel's to a connection
	ProbeFailed = "failed"  // it was taken on, and went wrong
	Hung        = "hung"    // no answer came in time
)
