package document

import "haltscope/compare/value"

// PsSchema is the schema of [Ps].
const PsSchema = "haltscope.ps/v1"

// Ps is the report of haltscope ps.
type Ps struct {
	Schema     string   `json:"schema"`
	Host       PsHost   `json:"host"`
	Containers []PsLine `json:"containers"`
	Total      PsTotal  `json:"total"`
	Notes      []Note   `json:"notes"`
}

// PsHost describes where the list comes from.
type PsHost struct {
	Origin
	Engine        string              `json:"engine"` // docker or podman
	EngineVersion value.Maybe[string] `json:"engine_version"`
	ClientVersion value.Maybe[string] `json:"client_version"`
	CgroupVersion int                 `json:"cgroup_version"` // 1 or 2
	CgroupHybrid  bool                `json:"cgroup_hybrid"`
	CgroupDriver  value.Maybe[string] `json:"cgroup_driver"`
	Kernel        string              `json:"kernel"`
	Memory        PsHostMemory        `json:"memory"`
}

// PsHostMemory is the memory of the whole machine.
type PsHostMemory struct {
	TotalBytes     value.Maybe[uint64] `json:"total_bytes"`
	FreeBytes      value.Maybe[uint64] `json:"free_bytes"`       // used for nothing
	AvailableBytes value.Maybe[uint64] `json:"available_bytes"`  // an estimate of what programs can get without swapping
	PageCacheBytes value.Maybe[uint64] `json:"page_cache_bytes"` // including shared memory, tmpfs and the containers' part
}

// PsTotal is the sum over all containers of the list. A sum is absent if none has the figure; containers without it are left out.
type PsTotal struct {
	CPUPercent   value.Maybe[float64] `json:"cpu_percent"`
	CurrentBytes value.Maybe[uint64]  `json:"current_bytes"`
	FileBytes    value.Maybe[uint64]  `json:"file_bytes"`
}

// PsLine is one container.
type PsLine struct {
	Name     string               `json:"name"`
	ID       string               `json:"id"`
	Docker   PsState              `json:"docker"`
	Cgroup   PsCgroup             `json:"cgroup"`
	Freezer  Freezer              `json:"freezer"`
	FrozenMs value.Maybe[float64] `json:"frozen_for_ms"`
	CPU      PsCPU                `json:"cpu"`
	Memory   PsMemory             `json:"memory"`
	Drift    []FindingKind        `json:"drift"`    // the kinds of findings, which inspect explains
	LastEnd  value.Maybe[LastEnd] `json:"last_end"` // of a container that does not run, with --all
}

// PsState is what docker ps says.
type PsState struct {
	State  string `json:"state"`
	Status string `json:"status"` // for people
}

// PsCgroup is where the container's cgroup is.
type PsCgroup struct {
	Exists bool                `json:"exists"`
	Path   value.Maybe[string] `json:"path"`
}

// PsCPU is the CPU time of the whole cgroup.
type PsCPU struct {
	UsageUsec value.Maybe[uint64]  `json:"usage_usec"`
	Percent   value.Maybe[float64] `json:"percent"`   // of one core
	WindowMs  value.Maybe[float64] `json:"window_ms"` // the time over which percent was measured
	Since     string               `json:"since"`     // when that time began; "" without percent
}

// When the time began over which the CPU use of a container was measured.
const (
	SinceEarlier = "last ps" // at an earlier call
	SinceStart   = "start"   // when its main process started
	SinceWindow  = "window"  // within this call
)

// Absent notes why it is not known how much CPU time the container uses.
func (c *PsCPU) Absent(reason value.Reason, why string) {
	c.Percent, c.WindowMs = value.Absent[float64](reason, why), value.Absent[float64](reason, why)
}

// PsMemory is the memory charged to the container.
type PsMemory struct {
	CurrentBytes value.Maybe[uint64] `json:"current_bytes"`
	AnonBytes    value.Maybe[uint64] `json:"anon_bytes"`
	FileBytes    value.Maybe[uint64] `json:"file_bytes"`  // page cache, including shared memory and tmpfs
	ShmemBytes   value.Maybe[uint64] `json:"shmem_bytes"` // shared memory and tmpfs
	KernelBytes  value.Maybe[uint64] `json:"kernel_bytes"`
	SwapBytes    value.Maybe[uint64] `json:"swap_bytes"`  // not part of current_bytes
	LimitBytes   value.Maybe[uint64] `json:"limit_bytes"` // of its own cgroup
}
