package document

import (
	"haltscope/compare/value"
)

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
	Name        string                  `json:"name"`
	ID          string                  `json:"id"`
	Docker      DockerState             `json:"docker"`
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

// DockerState is what `docker inspect` says.
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
	Exists      bool                `json:"exists"`
	Path        value.Maybe[string] `json:"path"`
	Version     int                 `json:"version"`
	Below       value.Maybe[uint64] `json:"cgroups_below"`   // made by the container itself
	Dying       value.Maybe[uint64] `json:"dying_below"`     // removed, and something is still charged to them
	DyingBeside value.Maybe[uint64] `json:"dying_in_parent"` // below the cgroup above: what ended containers leave
}

// InspectedFreeze is what was asked of the freezer, of which cgroup, and what it has done.
type InspectedFreeze struct {
	Requested  value.Maybe[bool]    `json:"requested"`
	Frozen     value.Maybe[bool]    `json:"frozen"`
	By         value.Maybe[string]  `json:"by"`            // the cgroup of which freezing is asked for
	Ancestor   value.Maybe[string]  `json:"ancestor"`      // the nearest cgroup above of which it is, too or alone
	FrozenMs   value.Maybe[float64] `json:"frozen_for_ms"` // since its tasks last ran
	FrozenUsec value.Maybe[uint64]  `json:"frozen_usec"`   // frozen so far, all freezes together
}

// InspectedMemory is what is charged to the container.
type InspectedMemory struct {
	CurrentBytes      value.Maybe[uint64]  `json:"current_bytes"`
	PeakBytes         value.Maybe[uint64]  `json:"peak_bytes"`
	LimitBytes        value.Maybe[uint64]  `json:"limit_bytes"` // the smallest of its own and those above
	LimitBy           value.Maybe[string]  `json:"limit_by"`    // the cgroup that sets it
	OwnLimitBytes     value.Maybe[uint64]  `json:"own_limit_bytes"`
	HighBytes         value.Maybe[uint64]  `json:"high_bytes"`
	LowBytes          value.Maybe[uint64]  `json:"low_bytes"`
	SwapBytes         value.Maybe[uint64]  `json:"swap_bytes"`
	SwapLimitBytes    value.Maybe[uint64]  `json:"swap_limit_bytes"`
	ZswapBytes        value.Maybe[uint64]  `json:"zswap_bytes"`
	Ledger            []HeldRow            `json:"ledger"`
	UnattributedBytes value.Maybe[int64]   `json:"unattributed_bytes"`
	ToleranceBytes    uint64               `json:"tolerance_bytes"` // what may be unattributed on a settled container
	BatchBytes        uint64               `json:"batch_bytes"`     // what the kernel charges ahead: 64 pages for each CPU
	DockerStatsBytes  value.Maybe[float64] `json:"docker_stats_bytes"`
	Reconciled        []Line               `json:"reconciled"` // from memory.current to docker's figure and the processes' RSS
	Events            MemoryEvents         `json:"events"`
}

// MemoryEvents counts what happened to the container for want of memory.
type MemoryEvents struct {
	Low       value.Maybe[uint64] `json:"low"`
	High      value.Maybe[uint64] `json:"high"`
	Max       value.Maybe[uint64] `json:"max"`
	OOM       value.Maybe[uint64] `json:"oom"`
	OOMKill   value.Maybe[uint64] `json:"oom_kill"`
	LocalKill value.Maybe[uint64] `json:"local_oom_kill"` // in the cgroup itself, not below it
}

// HeldRow is a part of what is charged. The rows add up to the whole.
type HeldRow struct {
	Group       string             `json:"group"` // what it is a part of: anon, file, shmem, kernel, sock, hugetlb, unattributed
	Kind        string             `json:"kind"`
	Bytes       value.Maybe[int64] `json:"bytes"` // unattributed, and kernel_other, may be below 0
	Source      string             `json:"source"`
	HeldBy      []Holder           `json:"held_by"`
	KeptBecause string             `json:"kept_because"` // why freezing leaves it
	FreedBy     string             `json:"freed_by"`
	Reclaimable string             `json:"reclaimable"` // sure, likely, no
	Parts       []RowPart          `json:"parts"`
}

// Holder is who holds a part of a row, as far as the kernel can tell.
type Holder struct {
	Who    string              `json:"who"`
	Bytes  value.Maybe[uint64] `json:"bytes"`
	Source string              `json:"source"`
}

// RowPart is a figure within a row; parts may overlap.
type RowPart struct {
	Kind   string             `json:"kind"`
	Bytes  value.Maybe[int64] `json:"bytes"`
	Source string             `json:"source"`
}

// Line is a line of a sum.
type Line struct {
	Text   string             `json:"text"`
	Bytes  value.Maybe[int64] `json:"bytes"`
	Source string             `json:"source"`
}

// InspectedCPU is CPU time, all of the cgroup's.
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

// IODevice is what was read from and written to a block device.
type IODevice struct {
	Device     string              `json:"device"` // MAJOR:MINOR
	ReadBytes  value.Maybe[uint64] `json:"read_bytes"`
	WriteBytes value.Maybe[uint64] `json:"write_bytes"`
	Reads      value.Maybe[uint64] `json:"reads"`
	Writes     value.Maybe[uint64] `json:"writes"`
}

// Pressures is how much was waited for each resource.
type Pressures struct {
	CPU    Pressure `json:"cpu"`
	Memory Pressure `json:"memory"`
	IO     Pressure `json:"io"`
}

// Pressure is pressure stall information: the share of time in which some task, or all, waited.
type Pressure struct {
	SomePercent10 value.Maybe[float64] `json:"some_avg10_percent"`
	SomeUsec      value.Maybe[uint64]  `json:"some_total_usec"`
	FullPercent10 value.Maybe[float64] `json:"full_avg10_percent"`
	FullUsec      value.Maybe[uint64]  `json:"full_total_usec"`
}

// Process is a member of the cgroup, or of one below it.
type Process struct {
	PID           int                 `json:"pid"`    // on the host
	NSPID         value.Maybe[int]    `json:"ns_pid"` // in its own PID namespace
	Command       string              `json:"command"`
	State         value.Maybe[string] `json:"state"`            // the letter of /proc/PID/stat; it does not tell of freezing
	Wchan         value.Maybe[string] `json:"wchan"`            // where in the kernel it waits
	StartTicks    uint64              `json:"start_time_ticks"` // since boot; with the pid it names a process for good
	Threads       value.Maybe[int]    `json:"threads"`
	RSSBytes      value.Maybe[uint64] `json:"rss_bytes"`
	PSSBytes      value.Maybe[uint64] `json:"pss_bytes"`
	SwapBytes     value.Maybe[uint64] `json:"swap_bytes"`
	LazyFreeBytes value.Maybe[uint64] `json:"lazy_free_bytes"` // anonymous pages given up by MADV_FREE
	Signals       Signals             `json:"signals"`
}

// Signals are a process's dispositions, by name: none is an empty list, and null where its status could not be read.
type Signals struct {
	Caught  value.Maybe[[]string] `json:"caught"`
	Ignored value.Maybe[[]string] `json:"ignored"`
	Blocked value.Maybe[[]string] `json:"blocked"`
	Pending value.Maybe[[]string] `json:"pending"`
}

// Question is one that both Docker and the kernel answer.
type Question struct {
	Question string            `json:"question"`
	Docker   string            `json:"docker"`
	Kernel   string            `json:"kernel"`
	Agree    value.Maybe[bool] `json:"agree"`
}

// Finding is a known way in which the two accounts part, or something else worth knowing, and the way out.
type Finding struct {
	Kind string   `json:"kind"`
	Text string   `json:"text"`
	Fix  []string `json:"fix"`
}
