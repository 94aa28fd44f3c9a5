package document

import (
	"haltscope/compare/value"
)

// CompareSchema names the document of compare, and its version.
const CompareSchema = "haltscope.compare/v1"

// Compare is the document of `haltscope compare`.
type Compare struct {
	Schema      string     `json:"schema"`
	Host        Host       `json:"host"`
	StartedAt   string     `json:"started_at"` // RFC 3339
	Invocation  value.Argv `json:"invocation"` // the haltscope command, without what concerns the report alone
	RunID       string     `json:"run_id"`     // the twins' label haltscope.run
	Image       string     `json:"image"`      // of the twins
	Like        string     `json:"like"`       // the container that the twins are like; "" for none
	Skipped     []string   `json:"skipped"`    // what they have not got of it
	Command     value.Argv `json:"command"`
	Embedded    bool       `json:"embedded"` // the twins ran the embedded workload
	Repeats     Repeats    `json:"repeats"`
	Arms        []Arm      `json:"arms"`
	Explanation []Sentence `json:"explanation"` // why the paused container keeps its memory
	Proofs      []Proof    `json:"proofs"`      // the explanation put to the test; empty unless asked for
	Notes       []Note     `json:"notes"`
}

// Arm is one action, with its runs.
type Arm struct {
	Action  string  `json:"action"` // as it was asked for: kill, stop:1s, pause
	Runs    []Run   `json:"runs"`
	Summary Summary `json:"summary"`
}

// Run is one twin, from its baseline until it was brought back.
type Run struct {
	Repeat      int       `json:"repeat"`   // from 1 on
	Position    int       `json:"position"` // in the order of the actions, which is another one each time
	Container   Container `json:"container"`
	Command     Command   `json:"command"`
	Verdict     Verdict   `json:"verdict"`
	PreviousRun *Verdict  `json:"previous_run,omitempty"` // how the run ended that docker restart or docker rm found; left out for other actions
	State       State     `json:"state"`
	Events      []Event   `json:"events"`
	Top         Top       `json:"top"`
	Stats       Stats     `json:"stats"`
	Cgroup      Cgroup    `json:"cgroup"`
	Memory      Memory    `json:"memory"`
	CPU         CPU       `json:"cpu"`
	Data        Data      `json:"data"`
	Resume      Resume    `json:"resume"`
	Timing      Timing    `json:"timing"`
	Probes      []Probe   `json:"probes"` // empty unless asked for
	Samples     []Sample  `json:"samples"`
}

// Container names the twin. Its removal is part of the experiment.
type Container struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Command is the docker command of the action.
type Command struct {
	Argv     value.Argv       `json:"argv"`
	ExitCode value.Maybe[int] `json:"exit_code"`
	Error    string           `json:"error"` // what docker said when it failed
}

// Verdict is what happened, and the observations it rests on.
type Verdict struct {
	Kind    string        `json:"kind"`
	Because []Observation `json:"because"`
	Missing string        `json:"missing"` // what would decide, when the kind is inconclusive
}

// Observation is one thing that was seen.
type Observation struct {
	Source string               `json:"source"`
	AtMs   value.Maybe[float64] `json:"at_ms"` // since the command began
	Value  string               `json:"value"`
}

// State is Docker's account after the action.
type State struct {
	Status    value.Maybe[string] `json:"status"` // docker inspect
	ExitCode  value.Maybe[int]    `json:"exit_code"`
	OOMKilled value.Maybe[bool]   `json:"oom_killed"`
	Ps        value.Maybe[string] `json:"ps"` // docker ps --all, its STATUS
}

// Event is a Docker event.
type Event struct {
	Action   string           `json:"action"`
	Signal   value.Maybe[int] `json:"signal"`
	ExitCode value.Maybe[int] `json:"exit_code"`
	AtMs     float64          `json:"at_ms"` // since the command began
}

// Top is what `docker top` said after the action.
type Top struct {
	OK        bool             `json:"ok"`
	Error     string           `json:"error"`
	Processes value.Maybe[int] `json:"processes"`
}

// Stats is what `docker stats` said after the action; docker rounds it.
type Stats struct {
	CPUPercent  value.Maybe[float64] `json:"cpu_percent"` // of one core
	MemoryBytes value.Maybe[float64] `json:"memory_bytes"`
}

// Cgroup is the kernel's account after the action.
type Cgroup struct {
	Exists        bool             `json:"exists"`
	Path          string           `json:"path"`
	Freezer       Freezer          `json:"freezer"`
	MembersBefore value.Maybe[int] `json:"members_before"` // processes
	MembersAfter  value.Maybe[int] `json:"members_after"`
}

// Freezer is what was asked of the kernel's freezer, and what it has done.
type Freezer struct {
	Requested value.Maybe[bool] `json:"requested"`
	Frozen    value.Maybe[bool] `json:"frozen"`
}

// Memory is what is charged to the cgroup.
type Memory struct {
	BeforeBytes  value.Maybe[uint64] `json:"before_bytes"`  // right before the command
	AfterBytes   value.Maybe[uint64] `json:"after_bytes"`   // at the end of the hold
	ResumedBytes value.Maybe[uint64] `json:"resumed_bytes"` // after the twin was brought back
	Ledger       []LedgerRow         `json:"ledger"`
	OOMKills     value.Maybe[uint64] `json:"oom_kills"` // since the command began
	SwapBytes    value.Maybe[uint64] `json:"swap_bytes"`
	DirtyBytes   value.Maybe[uint64] `json:"dirty_bytes"` // file pages that are not on disk yet
}

// LedgerRow is a part of what is charged. The rows of one column add up to the whole.
type LedgerRow struct {
	Kind        string             `json:"kind"`
	Group       string             `json:"group"`        // what it is a part of: anon, file (without shmem), shmem, kernel, sock, hugetlb, unattributed
	BeforeBytes value.Maybe[int64] `json:"before_bytes"` // right before the command
	Bytes       value.Maybe[int64] `json:"bytes"`        // at the end of the hold; unattributed may be below 0
	FreedBy     string             `json:"freed_by"`
	Source      string             `json:"source"` // the kernel file and key
}

// CPU is CPU time, all of the cgroup's.
type CPU struct {
	UsageUsecBefore value.Maybe[uint64]  `json:"usage_usec_before"` // until the command began
	UsageUsecDuring value.Maybe[uint64]  `json:"usage_usec_during"` // from the effect to the end of the hold
	DuringMs        value.Maybe[float64] `json:"during_ms"`         // how long that was
}

// Data is what became of the embedded workload's records.
type Data struct {
	Acknowledged value.Maybe[int] `json:"acknowledged"`
	Persisted    value.Maybe[int] `json:"persisted"`
	Lost         value.Maybe[int] `json:"lost"`
}

// Resume is how the twin was brought back.
type Resume struct {
	Command       value.Maybe[string] `json:"command"` // start, unpause, run; restart, which brings it back itself
	OK            bool                `json:"ok"`
	Error         string              `json:"error"`
	SameProcess   value.Maybe[bool]   `json:"same_process"`   // the first process has the same pid and start time
	StateSurvived value.Maybe[bool]   `json:"state_survived"` // the embedded workload is the same instance, its buffer kept
	Events        []Event             `json:"events"`
}

// Timing is in milliseconds since the command began.
type Timing struct {
	CommandMs value.Maybe[float64] `json:"command_ms"` // until docker returned
	EffectMs  value.Maybe[float64] `json:"effect_ms"`  // until the first process was gone, or the cgroup frozen
	HoldMs    value.Maybe[float64] `json:"hold_ms"`    // from the effect to the end of the observation
}

// Sample is one of the readings that were taken all along.
type Sample struct {
	AtMs         float64             `json:"at_ms"` // since the command began; negative in the baseline
	MemoryBytes  value.Maybe[uint64] `json:"memory_bytes"`
	AnonBytes    value.Maybe[uint64] `json:"anon_bytes"`
	FileBytes    value.Maybe[uint64] `json:"file_bytes"`  // page cache, with shared memory and tmpfs
	ShmemBytes   value.Maybe[uint64] `json:"shmem_bytes"` // shared memory and tmpfs, a part of file_bytes
	KernelBytes  value.Maybe[uint64] `json:"kernel_bytes"`
	CPUUsageUsec value.Maybe[uint64] `json:"cpu_usage_usec"`
	Frozen       value.Maybe[bool]   `json:"frozen"`
}

// Sentence is a sentence of an explanation, and where its figures come from.
type Sentence struct {
	Text    string   `json:"text"`
	Sources []string `json:"sources"`
}
