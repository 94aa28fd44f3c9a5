package document

import "haltscope/compare/value"

// ActionSchema is the schema of [Action].
const ActionSchema = "haltscope.action/v1"

// Action is the report of haltscope kill, stop, pause, unpause, start and restart.
type Action struct {
	Schema     string            `json:"schema"`
	Host       Host              `json:"host"`
	Action     string            `json:"action"`
	DryRun     bool              `json:"dry_run"`
	Containers []ContainerAction `json:"containers"`
	Notes      []Note            `json:"notes"`
}

// ContainerAction is what was done to one container, and the result.
type ContainerAction struct {
	Name         string               `json:"name"`
	ID           string               `json:"id"`
	Command      Command              `json:"command"`
	Paste        string               `json:"paste"`         // the command, quoted for a shell
	StatusBefore string               `json:"status_before"` // docker inspect, before the command
	GraceMs      value.Maybe[float64] `json:"grace_ms"`      // of a stop or restart, before SIGKILL; null without a limit
	Predicted    value.Maybe[Outcome] `json:"predicted"`     // as by haltscope predict, before the command
	Consequences []Because            `json:"consequences"`  // what else is lost, and what is restored
	Verdict      value.Maybe[Verdict] `json:"verdict"`
	Expectation  *Expectation         `json:"expectation,omitempty"` // of the verdict; left out without --expect
	Ends         value.Maybe[[]Ended] `json:"ends"`                  // how its processes ended, the first among them; null if not observed
	EndsMissed   string               `json:"ends_missed"`           // why ends may be incomplete; "" if it is complete
	ExitCode     value.Maybe[int]     `json:"exit_code"`             // of the run that ended
	State        State                `json:"state"`                 // after the command: of a new run if one has started
	Signals      []value.Maybe[int]   `json:"signals"`               // the signals that Docker sent, in order
	Events       []Event              `json:"events"`
	Freezer      Freezer              `json:"freezer"` // after the command
	Memory       ActionMemory         `json:"memory"`
	Process      ActionProcess        `json:"process"`
	Timing       ActionTiming         `json:"timing"`
	Fix          []string             `json:"fix"` // how to make the container end gracefully
	Undo         Undo                 `json:"undo"`
}

// ActionMemory is the memory charged to the cgroup before and after the command.
type ActionMemory struct {
	BeforeBytes   value.Maybe[uint64] `json:"before_bytes"`
	AfterBytes    value.Maybe[uint64] `json:"after_bytes"`
	ReturnedBytes value.Maybe[int64]  `json:"returned_bytes"` // of before_bytes, to the host
	CacheBytes    value.Maybe[int64]  `json:"cache_bytes"`    // page cache and reclaimable slab that may stay after the cgroup is gone
}

// ActionProcess counts the processes of the container.
type ActionProcess struct {
	Before      value.Maybe[int]  `json:"processes_before"`
	After       value.Maybe[int]  `json:"processes_after"`
	SameProcess value.Maybe[bool] `json:"same_process"` // whether the first process has the same pid and start time as before
}

// ActionTiming is in milliseconds since the command began.
type ActionTiming struct {
	CommandMs value.Maybe[float64] `json:"command_ms"` // when docker returned
	EffectMs  value.Maybe[float64] `json:"effect_ms"`  // when the first process was gone, or the cgroup was frozen or thawed
	EmptyMs   value.Maybe[float64] `json:"empty_ms"`   // when the last process had left the cgroup
}

// Undo is how to undo the action.
type Undo struct {
	Command string `json:"command"` // for a shell; "" if there is none, or none is needed
	Effect  string `json:"effect"`
}
