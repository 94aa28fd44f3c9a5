package report

// ActionSchema names the document of the action verbs, and its version.
const ActionSchema = "haltscope.action/v1"

// Action is the document of `haltscope kill`, stop, pause, unpause, start and restart.
type Action struct {
	Schema     string `json:"schema"`
	Host       Host   `json:"host"`
	Action     string `json:"action"`
	DryRun     bool   `json:"dry_run"`
	Containers []Deed `json:"containers"`
	Notes      []Note `json:"notes"`
}

// Deed is what was done to one container, and what came of it.
type Deed struct {
	Name         string          `json:"name"`
	ID           string          `json:"id"`
	Command      Command         `json:"command"`
	Paste        string          `json:"paste"`        // the command, for a shell
	Was          string          `json:"was"`          // docker inspect, before
	Expected     Maybe[Foretold] `json:"expected"`     // by the rules of predict, before
	Consequences []Reason        `json:"consequences"` // what else is lost, and what comes back
	Verdict      Maybe[Verdict]  `json:"verdict"`
	ExitCode     Maybe[int]      `json:"exit_code"` // of the run that ended
	State        State           `json:"state"`     // now: of another run where one has begun
	Signals      []Maybe[int]    `json:"signals"`   // that Docker sent, in order
	Events       []Event         `json:"events"`
	Freezer      Freezer         `json:"freezer"` // after
	Memory       DeedMemory      `json:"memory"`
	Process      DeedProcess     `json:"process"`
	Timing       DeedTiming      `json:"timing"`
	Advice       []string        `json:"advice"` // what to change, where it did not end by its own doing
	Back         Back            `json:"back"`
}

// DeedMemory is what was charged to the cgroup before and after. A cgroup that is gone has no figure after.
type DeedMemory struct {
	BeforeBytes   Maybe[uint64] `json:"before_bytes"`
	AfterBytes    Maybe[uint64] `json:"after_bytes"`
	ReturnedBytes Maybe[int64]  `json:"returned_bytes"` // to the host, of those before
	CacheBytes    Maybe[int64]  `json:"cache_bytes"`    // page cache and reclaimable slab that may be left, where the cgroup is gone
}

// DeedProcess is the container's first process, and how many there were.
type DeedProcess struct {
	Before      Maybe[int]  `json:"processes_before"`
	After       Maybe[int]  `json:"processes_after"`
	SameProcess Maybe[bool] `json:"same_process"` // the first process is the one it was, by pid and start time
}

// DeedTiming is in milliseconds since the command began.
type DeedTiming struct {
	CommandMs Maybe[float64] `json:"command_ms"` // until docker returned
	EffectMs  Maybe[float64] `json:"effect_ms"`  // until the first process was gone, or the cgroup frozen or thawed
	EmptyMs   Maybe[float64] `json:"empty_ms"`   // until the cgroup had no process any more
}

// Back is what brings a container back, or undoes what was done.
type Back struct {
	Command string `json:"command"` // to be pasted; "" where there is none, or none is needed
	Effect  string `json:"effect"`
}
