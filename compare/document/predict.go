package document

import "haltscope/compare/value"

// PredictSchema is the schema of [Predict].
const PredictSchema = "haltscope.predict/v1"

// Predict is the report of haltscope predict.
type Predict struct {
	Schema       string            `json:"schema"`
	Host         Host              `json:"host"`
	DaemonAtBoot value.Maybe[bool] `json:"daemon_at_boot"` // whether the Docker daemon starts when the machine does
	Containers   []Predicted       `json:"containers"`
	Unpredicted  []Unpredicted     `json:"unpredicted"` // containers that were selected and have no process to read
	Notes        []Note            `json:"notes"`
}

// Unpredicted is a container that is between two runs, such as one in a restart loop, or has just ended.
type Unpredicted struct {
	Name        string      `json:"name"`
	ID          string      `json:"id"`
	Status      string      `json:"status"`    // docker inspect
	ExitCode    int         `json:"exit_code"` // of its last run
	Restarts    int         `json:"restarts"`  // how often its restart policy has started it
	AfterReboot AfterReboot `json:"after_reboot"`
	Why         string      `json:"why"` // why there is no prediction
}

// Predicted is what would happen to one container, or to twins of it.
type Predicted struct {
	Name         string          `json:"name"`
	ID           string          `json:"id"` // of twins: the id of the twin for stop
	Image        string          `json:"image"`
	Twins        bool            `json:"twins"` // whether each prediction is made from a twin of its own
	Signal       StopSignal      `json:"signal"`
	Grace        Grace           `json:"grace"`
	SignalTarget SignalTarget    `json:"signal_target"`
	Stop         Outcome         `json:"stop"`
	Kill         Outcome         `json:"kill"`
	Pause        Outcome         `json:"pause"`
	AfterReboot  *AfterReboot    `json:"after_reboot,omitempty"` // not of twins, which have no restart policy
	AtRisk       []Risk          `json:"at_risk"`                // what a stop takes with it, or may
	Unsignaled   []Unsignaled    `json:"unsignaled"`
	Consequences []Because       `json:"consequences"` // what else is lost, and what is restored
	Fix          []string        `json:"fix"`          // how to make the container end gracefully
	Warnings     []string        `json:"warnings"`     // what makes it doubtful that the prediction will hold
	Match        *bool           `json:"match,omitempty"`
	Skipped      []string        `json:"skipped,omitempty"`  // what was not copied from the container
	Replaced     []ReplacedMount `json:"replaced,omitempty"` // mounts that are not those of the container
}

// StopSignal is the signal that a stop begins with, and where it is set.
type StopSignal struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	From   string `json:"from"`
}

// Grace is how long a stop waits before SIGKILL, and where it is set.
type Grace struct {
	Ms   value.Maybe[float64] `json:"ms"` // null: no limit
	From string               `json:"from"`
}

// SignalTarget is the process that has to act on the stop signal.
type SignalTarget struct {
	PID           value.Maybe[int]    `json:"pid"`
	NSPID         []int               `json:"ns_pid"` // in each PID namespace, the host's first
	Name          value.Maybe[string] `json:"name"`
	Program       value.Maybe[string] `json:"program"`      // the base name of the executable
	ForwardedBy   string              `json:"forwarded_by"` // the init process that forwards the signal to it
	NamespaceInit value.Maybe[bool]   `json:"namespace_init"`
}

// Unsignaled is a process that gets no signal from Docker.
type Unsignaled struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
}

// AfterReboot is what becomes of a container when the machine is started again.
type AfterReboot struct {
	Outcome value.Kind `json:"outcome"` // comes-back, stays-down or undecided
	Because []Because  `json:"because"`
}

// Risk is something that a stop takes with it, or something that its outcome depends on and that a twin does not have.
type Risk struct {
	Kind  string   `json:"kind"`            // tmpfs, clients, unsignaled, sharers or writable-layer
	Names []string `json:"names"`           // of paths, processes, containers or volumes
	Count int      `json:"count,omitempty"` // of clients
	Bytes *uint64  `json:"bytes,omitempty"` // of tmpfs: shared memory of the container in total
}

// Because is a fact that a prediction rests on.
type Because struct {
	Source string `json:"source"`
	Value  string `json:"value"`
}

// Outcome is the predicted result of an action.
type Outcome struct {
	Outcome     value.Kind           `json:"outcome"`
	Candidates  []value.Kind         `json:"candidates"`
	ExitCodes   []int                `json:"exit_codes"`
	OwnExitCode bool                 `json:"own_exit_code"`
	AfterMs     value.Maybe[float64] `json:"after_ms"`
	Because     []Because            `json:"because"`
	DecidedBy   string               `json:"decided_by"`
	Reason      string               `json:"reason"` // of a stop: what decides it, in a word
	Observed    *Observed            `json:"observed,omitempty"`
	Match       *bool                `json:"match,omitempty"`
}

// Observed is the observed result of the action on a twin.
type Observed struct {
	Outcome  value.Kind           `json:"outcome"`
	ExitCode value.Maybe[int]     `json:"exit_code"`
	EffectMs value.Maybe[float64] `json:"effect_ms"`
	Because  []Observation        `json:"because"`
	Missing  string               `json:"missing"`
}
