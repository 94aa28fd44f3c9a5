package document

import "haltscope/compare/value"

// InspectSchema is the schema of [Inspect].
const InspectSchema = "haltscope.inspect/v1"

// Inspect is the report of haltscope inspect.
type Inspect struct {
	Schema     string      `json:"schema"`
	Host       Host        `json:"host"`
	Containers []Inspected `json:"containers"`
	Notes      []Note      `json:"notes"`
}

// Inspected is one container: what Docker says next to what the kernel knows.
type Inspected struct {
	Name        string                  `json:"name"`
	ID          string                  `json:"id"`
	Docker      DockerState             `json:"docker"`
	LastEnd     value.Maybe[LastEnd]    `json:"last_end"` // of a container that does not run
	Cgroup      InspectedCgroup         `json:"cgroup"`
	Freezer     InspectedFreeze         `json:"freezer"`
	Memory      InspectedMemory         `json:"memory"`
	CPU         InspectedCPU            `json:"cpu"`
	Pids        InspectedPids           `json:"pids"`
	IO          value.Maybe[[]IODevice] `json:"io"`
	Pressure    Pressures               `json:"pressure"`
	Processes   []Process               `json:"processes"`
	Agreement   []Question              `json:"agreement"`
	Findings    []Finding               `json:"findings"`
	Explanation []Sentence              `json:"explanation"`
}

// DockerState is what docker inspect says.
type DockerState struct {
	Status       string               `json:"status"`
	Paused       bool                 `json:"paused"`
	PID          value.Maybe[int]     `json:"pid"` // of the first process, on the host
	ExitCode     value.Maybe[int]     `json:"exit_code"`
	OOMKilled    bool                 `json:"oom_killed"`
	CgroupParent string               `json:"cgroup_parent"` // "" for the daemon's default
	StatsCPU     value.Maybe[float64] `json:"stats_cpu_percent"`
}

// InspectedCgroup is where the container's cgroup is.
type InspectedCgroup struct {
	Exists        bool                `json:"exists"`
	Path          value.Maybe[string] `json:"path"`
	Version       int                 `json:"version"`
	Below         value.Maybe[uint64] `json:"cgroups_below"`   // created by the container itself
	Dying         value.Maybe[uint64] `json:"dying_below"`     // removed, and kept by the kernel because something refers to them
	DyingInParent value.Maybe[uint64] `json:"dying_in_parent"` // likewise, in the parent cgroup: left by containers that ended
}

// InspectedFreeze is the state of the freezer: what was requested, on which cgroup, and what is.
type InspectedFreeze struct {
	Requested  value.Maybe[bool]    `json:"requested"`
	Frozen     value.Maybe[bool]    `json:"frozen"`
	By         value.Maybe[string]  `json:"by"`            // the cgroup on which freezing is requested
	Ancestor   value.Maybe[string]  `json:"ancestor"`      // the nearest ancestor cgroup on which freezing is requested
	FrozenMs   value.Maybe[float64] `json:"frozen_for_ms"` // since its tasks last ran
	FrozenUsec value.Maybe[uint64]  `json:"frozen_usec"`   // the total over all freezes
}

// InspectedMemory is the memory charged to the container.
type InspectedMemory struct {
	CurrentBytes      value.Maybe[uint64]      `json:"current_bytes"`
	PeakBytes         value.Maybe[uint64]      `json:"peak_bytes"`
	LimitBytes        value.Maybe[uint64]      `json:"limit_bytes"` // the smallest limit of its own cgroup and its ancestors
	LimitBy           value.Maybe[string]      `json:"limit_by"`    // the cgroup that sets it
	OwnLimitBytes     value.Maybe[uint64]      `json:"own_limit_bytes"`
	HighBytes         value.Maybe[uint64]      `json:"high_bytes"`
	LowBytes          value.Maybe[uint64]      `json:"low_bytes"`
	SwapBytes         value.Maybe[uint64]      `json:"swap_bytes"`
	SwapLimitBytes    value.Maybe[uint64]      `json:"swap_limit_bytes"`
	ZswapBytes        value.Maybe[uint64]      `json:"zswap_bytes"`
	Ledger            []HeldRow                `json:"ledger"`
	UnattributedBytes value.Maybe[int64]       `json:"unattributed_bytes"`
	ToleranceBytes    uint64                   `json:"tolerance_bytes"` // how much may be unattributed in a settled container
	BatchBytes        uint64                   `json:"batch_bytes"`     // what the kernel charges in advance: 64 pages per CPU
	DockerStatsBytes  value.Maybe[float64]     `json:"docker_stats_bytes"`
	Files             value.Maybe[[]File]      `json:"files"`               // the largest, of page cache and shared memory; with --files
	FilesUnnamed      value.Maybe[int64]       `json:"files_unnamed_bytes"` // of these rows, what belongs to no file that was found
	FilesRest         value.Maybe[[]FilesRest] `json:"files_rest"`          // what is not in files, by row
	FilesElsewhere    value.Maybe[[]File]      `json:"files_elsewhere"`     // that its processes use, and others are charged for
	FilesNotWalked    value.Maybe[[]string]    `json:"files_not_walked"`    // where no files were looked for, and why
	Reconciled        []Line                   `json:"reconciled"`          // from memory.current to docker stats and the RSS of the processes
	Events            MemoryEvents             `json:"events"`
}

// MemoryEvents is memory.events: how often the container reached a memory limit.
type MemoryEvents struct {
	Low       value.Maybe[uint64] `json:"low"`
	High      value.Maybe[uint64] `json:"high"`
	Max       value.Maybe[uint64] `json:"max"`
	OOM       value.Maybe[uint64] `json:"oom"`
	OOMKill   value.Maybe[uint64] `json:"oom_kill"`
	LocalKill value.Maybe[uint64] `json:"local_oom_kill"` // in the cgroup itself, not in its descendants
}

// HeldRow is a part of the charged memory, and who holds it. The rows add up to the whole.
type HeldRow struct {
	Group       string             `json:"group"` // anon, file, shmem, kernel, sock, hugetlb or unattributed
	Kind        string             `json:"kind"`
	Bytes       value.Maybe[int64] `json:"bytes"` // negative values are possible for unattributed and kernel_other
	Source      string             `json:"source"`
	HeldBy      []Holder           `json:"held_by"`
	KeptBecause string             `json:"kept_because"` // why it stays while the container is frozen
	FreedBy     string             `json:"freed_by"`
	Reclaimable string             `json:"reclaimable"` // sure, likely or no
	Parts       []RowPart          `json:"parts"`
}

// Holder is a process or file that holds part of a row, as far as the kernel shows it.
type Holder struct {
	Who    string              `json:"who"`
	Bytes  value.Maybe[uint64] `json:"bytes"`
	Source string              `json:"source"`
}

// RowPart is a part of a row. Parts may overlap.
type RowPart struct {
	Kind   string             `json:"kind"`
	Bytes  value.Maybe[int64] `json:"bytes"`
	Source string             `json:"source"`
}

// File is a file with pages in memory.
type File struct {
	Path           string        `json:"path"` // as the container sees it
	Kind           string        `json:"kind"`
	Volume         string        `json:"volume"` // its name; "" if it is in none
	Row            string        `json:"row"`    // the kind of the row that it is part of: file or shmem
	Bytes          uint64        `json:"bytes"`  // charged to the container
	DirtyBytes     uint64        `json:"dirty_bytes"`
	MappedBy       []FileProcess `json:"mapped_by"`        // processes of the container
	UsedBy         []string      `json:"used_by"`          // other containers that map pages which are charged to this one
	ChargedToOther []FileCharge  `json:"charged_to_other"` // pages that its processes use, and others are charged for
}

// FileProcess is a process that maps a file.
type FileProcess struct {
	PID     int    `json:"pid"` // on the host
	Command string `json:"command"`
}

// FileCharge is the part of a file that is charged to another cgroup.
type FileCharge struct {
	Container string `json:"container"` // its name; "" if the cgroup is that of no container
	Cgroup    string `json:"cgroup"`    // its folder; "" for none
	Above     bool   `json:"above"`     // it is above the container's: it has the pages that containers left when they ended
	Bytes     uint64 `json:"bytes"`
}

// FilesRest is what a row has besides the largest files.
type FilesRest struct {
	Row          string             `json:"row"`
	MoreFiles    int                `json:"more_files"`
	MoreBytes    uint64             `json:"more_bytes"`
	UnnamedBytes value.Maybe[int64] `json:"unnamed_bytes"` // negative if the row was read at another time than the files
}

// Line is a line of a calculation.
type Line struct {
	Text   string             `json:"text"`
	Bytes  value.Maybe[int64] `json:"bytes"`
	Source string             `json:"source"`
}

// InspectedCPU is the CPU time of the whole cgroup.
type InspectedCPU struct {
	UsageUsec     value.Maybe[uint64]  `json:"usage_usec"`
	UserUsec      value.Maybe[uint64]  `json:"user_usec"`
	SystemUsec    value.Maybe[uint64]  `json:"system_usec"`
	Percent       value.Maybe[float64] `json:"percent"` // of one core, over window_ms
	WindowMs      value.Maybe[float64] `json:"window_ms"`
	LimitCores    value.Maybe[float64] `json:"limit_cores"`
	LimitBy       value.Maybe[string]  `json:"limit_by"`
	Throttled     value.Maybe[uint64]  `json:"nr_throttled"`
	ThrottledUsec value.Maybe[uint64]  `json:"throttled_usec"`
}

// InspectedPids counts tasks, that is, threads.
type InspectedPids struct {
	Current value.Maybe[uint64] `json:"current"`
	Limit   value.Maybe[uint64] `json:"limit"`
	LimitBy value.Maybe[string] `json:"limit_by"`
}

// IODevice is the I/O on a block device.
type IODevice struct {
	Device     string              `json:"device"` // MAJOR:MINOR
	ReadBytes  value.Maybe[uint64] `json:"read_bytes"`
	WriteBytes value.Maybe[uint64] `json:"write_bytes"`
	Reads      value.Maybe[uint64] `json:"reads"`
	Writes     value.Maybe[uint64] `json:"writes"`
}

// Pressures is the pressure stall information of each resource.
type Pressures struct {
	CPU    Pressure `json:"cpu"`
	Memory Pressure `json:"memory"`
	IO     Pressure `json:"io"`
}

// Pressure is pressure stall information: the time in which some task, or all tasks, waited.
type Pressure struct {
	SomePercent10 value.Maybe[float64] `json:"some_avg10_percent"`
	SomeUsec      value.Maybe[uint64]  `json:"some_total_usec"`
	FullPercent10 value.Maybe[float64] `json:"full_avg10_percent"`
	FullUsec      value.Maybe[uint64]  `json:"full_total_usec"`
}

// Process is a process in the cgroup or one of its descendants.
type Process struct {
	PID           int                 `json:"pid"`    // on the host
	NSPID         value.Maybe[int]    `json:"ns_pid"` // in its own PID namespace
	Command       string              `json:"command"`
	State         value.Maybe[string] `json:"state"`            // the letter in /proc/PID/stat, which does not show freezing
	Wchan         value.Maybe[string] `json:"wchan"`            // the kernel function in which it waits
	StartTicks    uint64              `json:"start_time_ticks"` // since boot; pid and start time together identify a process
	Threads       value.Maybe[int]    `json:"threads"`
	RSSBytes      value.Maybe[uint64] `json:"rss_bytes"`
	PSSBytes      value.Maybe[uint64] `json:"pss_bytes"`
	SwapBytes     value.Maybe[uint64] `json:"swap_bytes"`
	LazyFreeBytes value.Maybe[uint64] `json:"lazy_free_bytes"` // anonymous pages released by MADV_FREE
	Signals       Signals             `json:"signals"`
}

// Signals are the signal dispositions of a process, by name.
type Signals struct {
	Caught  value.Maybe[[]string] `json:"caught"`
	Ignored value.Maybe[[]string] `json:"ignored"`
	Blocked value.Maybe[[]string] `json:"blocked"`
	Pending value.Maybe[[]string] `json:"pending"`
}

// Question is a question that both Docker and the kernel answer.
type Question struct {
	Question string            `json:"question"`
	Docker   string            `json:"docker"`
	Kernel   string            `json:"kernel"`
	Agree    value.Maybe[bool] `json:"agree"`
}

// Finding is a known disagreement between Docker and the kernel, or another thing worth knowing, and how to fix it.
type Finding struct {
	Kind FindingKind `json:"kind"`
	Text string      `json:"text"`
	Fix  []string    `json:"fix"`
}

// FindingKind is a kind of findings. Package drift has them all.
type FindingKind string

// FrozenOutsideDocker is the finding that a container is frozen, and Docker does not know.
const FrozenOutsideDocker FindingKind = "frozen-outside-docker"
