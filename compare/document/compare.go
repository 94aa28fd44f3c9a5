package document

import "haltscope/compare/value"

// CompareSchema is the schema of [Compare].
const CompareSchema = "haltscope.compare/v1"

// Compare is the report of haltscope compare.
type Compare struct {
	Schema      string          `json:"schema"`
	Host        Host            `json:"host"`
	StartedAt   string          `json:"started_at"` // RFC 3339
	Invocation  value.Argv      `json:"invocation"` // the haltscope command, without flags that only concern the report
	RunID       string          `json:"run_id"`     // the value of the twins' label haltscope.run
	Image       string          `json:"image"`      // the image of the twins
	Like        string          `json:"like"`       // the container that the twins are copies of; "" for none
	Skipped     []string        `json:"skipped"`    // what was not copied from it
	Replaced    []ReplacedMount `json:"replaced"`   // mounts that are not those of the container
	Command     value.Argv      `json:"command"`
	Embedded    bool            `json:"embedded"` // whether the twins ran the embedded workload
	Repeats     Repeats         `json:"repeats"`
	Arms        []Arm           `json:"arms"`
	Explanation []Sentence      `json:"explanation"` // why the paused container keeps its memory
	Proofs      []Proof         `json:"proofs"`      // tests of the explanation; empty without --prove
	Notes       []Note          `json:"notes"`
}

// Arm is one action and its runs.
type Arm struct {
	Action  string  `json:"action"` // as given on the command line: kill, stop:1s, pause
	Runs    []Run   `json:"runs"`
	Summary Summary `json:"summary"`
}

// Run is the run of one twin, from the baseline until the action is undone.
type Run struct {
	Repeat      int                  `json:"repeat"`   // from 1
	Position    int                  `json:"position"` // in the order of the actions, which rotates
	Container   Container            `json:"container"`
	Command     Command              `json:"command"`
	Verdict     Verdict              `json:"verdict"`
	Ends        value.Maybe[[]Ended] `json:"ends"`                   // how its processes ended, the first among them; null if not observed
	EndsMissed  string               `json:"ends_missed"`            // why ends may be incomplete; "" if it is complete
	PreviousRun *Verdict             `json:"previous_run,omitempty"` // how the run ended that restart or rm ended; left out for others
	State       State                `json:"state"`
	Events      []Event              `json:"events"`
	Top         Top                  `json:"top"`
	Stats       Stats                `json:"stats"`
	Cgroup      Cgroup               `json:"cgroup"`
	Memory      Memory               `json:"memory"`
	CPU         CPU                  `json:"cpu"`
	Data        Data                 `json:"data"`
	Resume      Resume               `json:"resume"`
	Timing      Timing               `json:"timing"`
	Probes      []Probe              `json:"probes"` // empty without --probe
	Samples     []Sample             `json:"samples"`
}

// Container names the twin, which is removed at the end.
type Container struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Command is the docker command of the action.
type Command struct {
	Argv     value.Argv       `json:"argv"`
	ExitCode value.Maybe[int] `json:"exit_code"`
	Error    string           `json:"error"` // docker's message if it failed
}

// Verdict is what happened, and the observations that the verdict rests on.
type Verdict struct {
	Kind    value.Kind    `json:"kind"`
	Of      string        `json:"of"`    // the program whose end it is; "" if that is not known, or nothing has ended
	Under   []string      `json:"under"` // the inits and wrappers in front of that program, the outermost first
	Because []Observation `json:"because"`
	Missing string        `json:"missing"` // what would decide, if the kind is inconclusive
	How     string        `json:"how"`     // how SIGKILL came, if the kind does not say that; "" otherwise
}

// Ended is how one process of a container ended, of those that were there when the action began or were seen to start later.
type Ended struct {
	PID      int                  `json:"pid"`
	Parent   int                  `json:"parent"` // 0 for the first process, and for what docker exec has started
	Name     string               `json:"name"`
	ByExec   bool                 `json:"by_exec"`   // docker exec has started it, for a user or a health check
	AtMs     value.Maybe[float64] `json:"at_ms"`     // since the command began
	ExitCode value.Maybe[int]     `json:"exit_code"` // null if a signal ended it
	Signal   value.Maybe[int]     `json:"signal"`    // null if it returned an exit code
	// EndedBeforeFirst is whether it ended before the first process had begun to end: the kernel then had no reason to kill it. False
	// if that is not known.
	EndedBeforeFirst bool `json:"ended_before_first"`
}

// Observation is one observation.
type Observation struct {
	Source string               `json:"source"`
	AtMs   value.Maybe[float64] `json:"at_ms"` // since the command began
	Value  string               `json:"value"`
}

// State is what Docker says after the action.
type State struct {
	Status    value.Maybe[string] `json:"status"` // docker inspect
	ExitCode  value.Maybe[int]    `json:"exit_code"`
	OOMKilled value.Maybe[bool]   `json:"oom_killed"`
	Ps        value.Maybe[string] `json:"ps"` // the STATUS of docker ps --all
}

// Event is a Docker event.
type Event struct {
	Action   string           `json:"action"`
	Signal   value.Maybe[int] `json:"signal"`
	ExitCode value.Maybe[int] `json:"exit_code"`
	AtMs     float64          `json:"at_ms"` // since the command began; negative for what another client did right before
}

// Top is the result of docker top after the action.
type Top struct {
	OK        bool             `json:"ok"`
	Error     string           `json:"error"`
	Processes value.Maybe[int] `json:"processes"`
}

// Stats is the result of docker stats after the action, as rounded by docker.
type Stats struct {
	CPUPercent  value.Maybe[float64] `json:"cpu_percent"` // of one core
	MemoryBytes value.Maybe[float64] `json:"memory_bytes"`
}

// Cgroup is what the kernel says after the action.
type Cgroup struct {
	Exists        bool             `json:"exists"`
	Path          string           `json:"path"`
	Freezer       Freezer          `json:"freezer"`
	MembersBefore value.Maybe[int] `json:"members_before"` // processes
	MembersAfter  value.Maybe[int] `json:"members_after"`
}

// Freezer is the state of the kernel's freezer: what was requested, and what is.
type Freezer struct {
	Requested value.Maybe[bool] `json:"requested"`
	Frozen    value.Maybe[bool] `json:"frozen"`
}

// Memory is the memory charged to the cgroup.
type Memory struct {
	BeforeBytes  value.Maybe[uint64] `json:"before_bytes"`  // just before the command
	AfterBytes   value.Maybe[uint64] `json:"after_bytes"`   // at the end of the hold
	ResumedBytes value.Maybe[uint64] `json:"resumed_bytes"` // after the action was undone
	Ledger       []LedgerRow         `json:"ledger"`
	OOMKills     value.Maybe[uint64] `json:"oom_kills"` // since the command began
	SwapBytes    value.Maybe[uint64] `json:"swap_bytes"`
	DirtyBytes   value.Maybe[uint64] `json:"dirty_bytes"` // file pages not yet written to disk
}

// LedgerRow is a part of the charged memory. The rows add up to the whole.
type LedgerRow struct {
	Kind        string             `json:"kind"`
	Group       string             `json:"group"`        // anon, file (without shmem), shmem, kernel, sock, hugetlb or unattributed
	BeforeBytes value.Maybe[int64] `json:"before_bytes"` // just before the command
	Bytes       value.Maybe[int64] `json:"bytes"`        // at the end of the hold, or after the reclaim; may be negative for unattributed
	FreedBy     string             `json:"freed_by"`
	Source      string             `json:"source"` // the kernel file and key
}

// CPU is the CPU time of the whole cgroup.
type CPU struct {
	UsageUsecBefore value.Maybe[uint64]  `json:"usage_usec_before"` // until the command began
	UsageUsecDuring value.Maybe[uint64]  `json:"usage_usec_during"` // from the effect to the end of the hold
	DuringMs        value.Maybe[float64] `json:"during_ms"`         // from the effect to the end of the hold
}

// Data counts the records of the embedded workload.
type Data struct {
	Acknowledged value.Maybe[int] `json:"acknowledged"`
	Persisted    value.Maybe[int] `json:"persisted"`
	Lost         value.Maybe[int] `json:"lost"`
}

// Resume is how the action was undone.
type Resume struct {
	Command       value.Maybe[string] `json:"command"` // start, unpause, run; or restart, which needs no other command
	OK            bool                `json:"ok"`
	Error         string              `json:"error"`
	SameProcess   value.Maybe[bool]   `json:"same_process"`   // whether the first process has the same pid and start time
	StateSurvived value.Maybe[bool]   `json:"state_survived"` // whether the embedded workload kept its buffer
	Events        []Event             `json:"events"`
}

// Timing is in milliseconds since the command began.
type Timing struct {
	CommandMs value.Maybe[float64] `json:"command_ms"` // when docker returned
	EffectMs  value.Maybe[float64] `json:"effect_ms"`  // when the first process was gone, or the cgroup was frozen
	HoldMs    value.Maybe[float64] `json:"hold_ms"`    // from the effect to the end of the observation
}

// Sample is one of the regular readings.
type Sample struct {
	AtMs         float64             `json:"at_ms"` // since the command began; negative in the baseline
	MemoryBytes  value.Maybe[uint64] `json:"memory_bytes"`
	AnonBytes    value.Maybe[uint64] `json:"anon_bytes"`
	FileBytes    value.Maybe[uint64] `json:"file_bytes"`  // page cache, including shared memory and tmpfs
	ShmemBytes   value.Maybe[uint64] `json:"shmem_bytes"` // shared memory and tmpfs, part of file_bytes
	KernelBytes  value.Maybe[uint64] `json:"kernel_bytes"`
	CPUUsageUsec value.Maybe[uint64] `json:"cpu_usage_usec"`
	Frozen       value.Maybe[bool]   `json:"frozen"`
}

// Sentence is a sentence of an explanation, and the sources of its figures.
type Sentence struct {
	Text    string   `json:"text"`
	Sources []string `json:"sources"`
}
