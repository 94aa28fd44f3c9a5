package document

import (
	"haltscope/compare/value"
)

// PredictSchema names the document of predict, and its version.
const PredictSchema = "haltscope.predict/v1"

// Predict is the document of `haltscope predict`.
type Predict struct {
	Schema     string      `json:"schema"`
	Host       Host        `json:"host"`
	Containers []Predicted `json:"containers"`
	Notes      []Note      `json:"notes"`
}

// Predicted is what would happen to one container, or to twins of it.
type Predicted struct {
	Name         string       `json:"name"`
	ID           string       `json:"id"` // of twins: that of the stop's
	Image        string       `json:"image"`
	Twins        bool         `json:"twins"` // the predictions are of twins, each from its own
	Signal       StopSignal   `json:"signal"`
	Grace        Grace        `json:"grace"`
	SignalTarget SignalTarget `json:"signal_target"`
	Stop         Outcome      `json:"stop"`
	Kill         Outcome      `json:"kill"`
	Pause        Outcome      `json:"pause"`
	Unsignaled   []Unsignaled `json:"unsignaled"`
	Consequences []Because    `json:"consequences"` // what else is lost, and what comes back
	Fix          []string     `json:"fix"`          // what to change for a better stop
	Match        *bool        `json:"match,omitempty"`
	Skipped      []string     `json:"skipped,omitempty"` // what the twins do not have of the container
}

// StopSignal is what a stop begins with, and who has set it.
type StopSignal struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	From   string `json:"from"`
}

// Grace is what a stop waits before SIGKILL.
type Grace struct {
	Ms   value.Maybe[float64] `json:"ms"` // null: for ever
	From string               `json:"from"`
}

// Receiver is the process that the stop signal is for.
type SignalTarget struct {
	PID           value.Maybe[int]    `json:"pid"`
	NSPID         []int               `json:"ns_pid"` // in each PID namespace, the host's first
	Name          value.Maybe[string] `json:"name"`
	Program       value.Maybe[string] `json:"program"`      // base name of the executable
	ForwardedBy   string              `json:"forwarded_by"` // the init that forwards to it
	NamespaceInit value.Maybe[bool]   `json:"namespace_init"`
}

// Untold is a process that no signal of Docker's comes to.
type Unsignaled struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
}

// Reason is what a prediction rests on.
type Because struct {
	Source string `json:"source"`
	Value  string `json:"value"`
}

// Foretold is what an action would come to.
type Outcome struct {
	Outcome     string               `json:"outcome"`
	Candidates  []string             `json:"candidates"`
	ExitCodes   []int                `json:"exit_codes"`
	OwnExitCode bool                 `json:"own_exit_code"`
	AfterMs     value.Maybe[float64] `json:"after_ms"`
	Because     []Because            `json:"because"`
	DecidedBy   string               `json:"decided_by"`
	Observed    *Observed            `json:"observed,omitempty"`
	Match       *bool                `json:"match,omitempty"`
}

// Observed is what a twin came to.
type Observed struct {
	Outcome  string               `json:"outcome"`
	ExitCode value.Maybe[int]     `json:"exit_code"`
	EffectMs value.Maybe[float64] `json:"effect_ms"`
	Because  []Observation        `json:"because"`
	Missing  string               `json:"missing"`
}
