package document

import (
	"haltscope/compare/value"
)

// ActionSchema names the document of the action verbs, and its version.
const ActionSchema = "haltscope.action/v1"

// Action is the document of `haltscope kill`, stop, pause, unpause, start and restart.
type Action struct {
	Schema     string            `json:"schema"`
	Host       Host              `json:"host"`
	Action     string            `json:"action"`
	DryRun     bool              `json:"dry_run"`
	Containers []ContainerAction `json:"containers"`
	Notes      []Note            `json:"notes"`
}

// Deed is what was done to one container, and what came of it.
type ContainerAction struct {
	Name         string               `json:"name"`
	ID           string               `json:"id"`
	Command      Command              `json:"command"`
	Paste        string               `json:"paste"`         // the command, for a shell
	StatusBefore string               `json:"status_before"` // docker inspect, before
	Predicted    value.Maybe[Outcome] `json:"predicted"`     // by the rules of predict, before
	Consequences []Because            `json:"consequences"`  // what else is lost, and what comes back
	Verdict      value.Maybe[Verdict] `json:"verdict"`
	ExitCode     value.Maybe[int]     `json:"exit_code"` // of the run that ended
	State        State                `json:"state"`     // now: of another run where one has begun
	Signals      []value.Maybe[int]   `json:"signals"`   // that Docker sent, in order
	Events       []Event              `json:"events"`
	Freezer      Freezer              `json:"freezer"` // after
	Memory       ActionMemory         `json:"memory"`
	Process      ActionProcess        `json:"process"`
	Timing       ActionTiming         `json:"timing"`
	Fix          []string             `json:"fix"` // what to change, where it did not end by its own doing
	Undo         Undo                 `json:"undo"`
}

// DeedMemory is what was charged to the cgroup before and after. A cgroup that is gone has no figure after.
type ActionMemory struct {
	BeforeBytes   value.Maybe[uint64] `json:"before_bytes"`
	AfterBytes    value.Maybe[uint64] `json:"after_bytes"`
	ReturnedBytes value.Maybe[int64]  `json:"returned_bytes"` // to the host, of those before
	CacheBytes    value.Maybe[int64]  `json:"cache_bytes"`    // page cache and reclaimable slab that may be left, where the cgroup is gone
}

// DeedProcess is the container's first process, and how many there were.
type ActionProcess struct {
	Before      value.Maybe[int]  `json:"processes_before"`
	After       value.Maybe[int]  `json:"processes_after"`
	SameProcess value.Maybe[bool] `json:"same_process"` // the first process is the one it was, by pid and start time
}

// DeedTiming is in milliseconds since the command began.
type ActionTiming struct {
	CommandMs value.Maybe[float64] `json:"command_ms"` // until docker returned
	EffectMs  value.Maybe[float64] `json:"effect_ms"`  // until the first process was gone, or the cgroup frozen or thawed
	EmptyMs   value.Maybe[float64] `json:"empty_ms"`   // until the cgroup had no process any more
}

// Back is what brings a container back, or undoes what was done.
type Undo struct {
	Command string `json:"command"` // to be pasted; "" where there is none, or none is needed
	Effect  string `json:"effect"`
}
