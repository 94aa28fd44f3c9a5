package report

// InspectSchema names the document of inspect, and its version.
const InspectSchema = "haltscope.inspect/v1"

// Inspect is the document of `haltscope inspect`.
type Inspect struct {
	Schema     string      `json:"schema"`
	Host       Host        `json:"host"`
	Containers []Inspected `json:"containers"`
	Notes      []Note      `json:"notes"`
}

// Inspected is one container: Docker's account beside the kernel's.
type Inspected struct {
	Name        string            `json:"name"`
	ID          string            `json:"id"`
	Docker      DockerState       `json:"docker"`
	Cgroup      InspectedCgroup   `json:"cgroup"`
	Freezer     InspectedFreeze   `json:"freezer"`
	Memory      InspectedMemory   `json:"memory"`
	CPU         InspectedCPU      `json:"cpu"`
	Pids        InspectedPids     `json:"pids"`
	IO          Maybe[[]IODevice] `json:"io"`
	Pressure    Pressures         `json:"pressure"`
	Processes   []Process         `json:"processes"`
	Agreement   []Question        `json:"agreement"`
	Findings    []Finding         `json:"findings"`
	Explanation []Sentence        `json:"explanation"`
}

// DockerState is what `docker inspect` says.
type DockerState struct {
	Status       string         `json:"status"`
	Paused       bool           `json:"paused"`
	PID          Maybe[int]     `json:"pid"` // of the first process, on the host
	ExitCode     Maybe[int]     `json:"exit_code"`
	OOMKilled    bool           `json:"oom_killed"`
	CgroupParent string         `json:"cgroup_parent"` // "" for the daemon's default
	StatsCPU     Maybe[float64] `json:"stats_cpu_percent"`
}

// InspectedCgroup is where the container's cgroup is.
type InspectedCgroup struct {
	Exists      bool          `json:"exists"`
	Path        Maybe[string] `json:"path"`
	Version     int           `json:"version"`
	Below       Maybe[uint64] `json:"cgroups_below"`   // made by the container itself
	Dying       Maybe[uint64] `json:"dying_below"`     // removed, and something is still charged to them
	DyingBeside Maybe[uint64] `json:"dying_in_parent"` // below the cgroup above: what ended containers leave
}

// InspectedFreeze is what was asked of the freezer, of which cgroup, and what it has done.
type InspectedFreeze struct {
	Requested  Maybe[bool]    `json:"requested"`
	Frozen     Maybe[bool]    `json:"frozen"`
	By         Maybe[string]  `json:"by"`            // the cgroup of which freezing is asked for
	Above      Maybe[string]  `json:"above"`         // the nearest cgroup above of which it is, too or alone
	FrozenMs   Maybe[float64] `json:"frozen_for_ms"` // since its tasks last ran
	FrozenUsec Maybe[uint64]  `json:"frozen_usec"`   // frozen so far, all freezes together
}

// InspectedMemory is what is charged to the container.
type InspectedMemory struct {
	CurrentBytes      Maybe[uint64]  `json:"current_bytes"`
	PeakBytes         Maybe[uint64]  `json:"peak_bytes"`
	LimitBytes        Maybe[uint64]  `json:"limit_bytes"` // the smallest of its own and those above
	LimitBy           Maybe[string]  `json:"limit_by"`    // the cgroup that sets it
	OwnLimitBytes     Maybe[uint64]  `json:"own_limit_bytes"`
	HighBytes         Maybe[uint64]  `json:"high_bytes"`
	LowBytes          Maybe[uint64]  `json:"low_bytes"`
	SwapBytes         Maybe[uint64]  `json:"swap_bytes"`
	SwapLimitBytes    Maybe[uint64]  `json:"swap_limit_bytes"`
	ZswapBytes        Maybe[uint64]  `json:"zswap_bytes"`
	Ledger            []HeldRow      `json:"ledger"`
	UnattributedBytes Maybe[int64]   `json:"unattributed_bytes"`
	ToleranceBytes    uint64         `json:"tolerance_bytes"` // what may be unattributed on a settled container
	BatchBytes        uint64         `json:"batch_bytes"`     // what the kernel charges ahead: 64 pages for each CPU
	DockerStatsBytes  Maybe[float64] `json:"docker_stats_bytes"`
	Reconciled        []Line         `json:"reconciled"` // from memory.current to docker's figure and the processes' RSS
	Events            MemoryEvents   `json:"events"`
}

// MemoryEvents counts what happened to the container for want of memory.
type MemoryEvents struct {
	Low       Maybe[uint64] `json:"low"`
	High      Maybe[uint64] `json:"high"`
	Max       Maybe[uint64] `json:"max"`
	OOM       Maybe[uint64] `json:"oom"`
	OOMKill   Maybe[uint64] `json:"oom_kill"`
	LocalKill Maybe[uint64] `json:"local_oom_kill"` // in the cgroup itself, not below it
}

// HeldRow is a part of what is charged. The rows add up to the whole.
type HeldRow struct {
	Group   string       `json:"group"` // what it is a part of: anon, file, shmem, kernel, sock, hugetlb, unattributed
	Kind    string       `json:"kind"`
	Bytes   Maybe[int64] `json:"bytes"` // unattributed, and kernel_other, may be below 0
	Source  string       `json:"source"`
	HeldBy  []Holder     `json:"held_by"`
	Kept    string       `json:"kept_because"` // why freezing leaves it
	FreedBy string       `json:"freed_by"`
	Sure    string       `json:"sure"` // sure, likely, no
	Parts   []RowPart    `json:"parts"`
}

// Holder is who holds a part of a row, as far as the kernel can tell.
type Holder struct {
	Who    string        `json:"who"`
	Bytes  Maybe[uint64] `json:"bytes"`
	Source string        `json:"source"`
}

// RowPart is a figure within a row; parts may overlap.
type RowPart struct {
	Kind   string       `json:"kind"`
	Bytes  Maybe[int64] `json:"bytes"`
	Source string       `json:"source"`
}

// Line is a line of a sum.
type Line struct {
	Text   string       `json:"text"`
	Bytes  Maybe[int64] `json:"bytes"`
	Source string       `json:"source"`
}

// InspectedCPU is CPU time, all of the cgroup's.
type InspectedCPU struct {
	UsageUsec     Maybe[uint64]  `json:"usage_usec"`
	UserUsec      Maybe[uint64]  `json:"user_usec"`
	SystemUsec    Maybe[uint64]  `json:"system_usec"`
	Percent       Maybe[float64] `json:"percent"` // of one core, over window_ms
	WindowMs      Maybe[float64] `json:"window_ms"`
	LimitCores    Maybe[float64] `json:"limit_cores"`
	LimitBy       Maybe[string]  `json:"limit_by"`
	Throttled     Maybe[uint64]  `json:"nr_throttled"`
	ThrottledUsec Maybe[uint64]  `json:"throttled_usec"`
}

// InspectedPids counts tasks, that is, threads.
type InspectedPids struct {
	Current Maybe[uint64] `json:"current"`
	Limit   Maybe[uint64] `json:"limit"`
	LimitBy Maybe[string] `json:"limit_by"`
}

// IODevice is what was read from and written to a block device.
type IODevice struct {
	Device     string        `json:"device"` // MAJOR:MINOR
	ReadBytes  Maybe[uint64] `json:"read_bytes"`
	WriteBytes Maybe[uint64] `json:"write_bytes"`
	Reads      Maybe[uint64] `json:"reads"`
	Writes     Maybe[uint64] `json:"writes"`
}

// Pressures is how much was waited for each resource.
type Pressures struct {
	CPU    Pressure `json:"cpu"`
	Memory Pressure `json:"memory"`
	IO     Pressure `json:"io"`
}

// Pressure is pressure stall information: the share of time in which some task, or all, waited.
type Pressure struct {
	SomePercent10 Maybe[float64] `json:"some_avg10_percent"`
	SomeUsec      Maybe[uint64]  `json:"some_total_usec"`
	FullPercent10 Maybe[float64] `json:"full_avg10_percent"`
	FullUsec      Maybe[uint64]  `json:"full_total_usec"`
}

// Process is a member of the cgroup, or of one below it.
type Process struct {
	PID           int           `json:"pid"`    // on the host
	NSPID         Maybe[int]    `json:"ns_pid"` // in its own PID namespace
	Command       string        `json:"command"`
	State         Maybe[string] `json:"state"`            // the letter of /proc/PID/stat; it does not tell of freezing
	Wchan         Maybe[string] `json:"wchan"`            // where in the kernel it waits
	StartTicks    uint64        `json:"start_time_ticks"` // since boot; with the pid it names a process for good
	Threads       Maybe[int]    `json:"threads"`
	RSSBytes      Maybe[uint64] `json:"rss_bytes"`
	PSSBytes      Maybe[uint64] `json:"pss_bytes"`
	SwapBytes     Maybe[uint64] `json:"swap_bytes"`
	LazyFreeBytes Maybe[uint64] `json:"lazy_free_bytes"` // anonymous pages given up by MADV_FREE
	Signals       Signals       `json:"signals"`
}

// Signals are a process's dispositions, by name: none is an empty list, and null where its status could not be read.
type Signals struct {
	Caught  Maybe[[]string] `json:"caught"`
	Ignored Maybe[[]string] `json:"ignored"`
	Blocked Maybe[[]string] `json:"blocked"`
	Pending Maybe[[]string] `json:"pending"`
}

// Question is one that both Docker and the kernel answer.
type Question struct {
	Question string      `json:"question"`
	Docker   string      `json:"docker"`
	Kernel   string      `json:"kernel"`
	Agree    Maybe[bool] `json:"agree"`
}

// Finding is a known way in which the two accounts part, or something else worth knowing, and the way out.
type Finding struct {
	Kind   string   `json:"kind"`
	Text   string   `json:"text"`
	WayOut []string `json:"way_out"`
}
