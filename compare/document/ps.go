package document

import (
	"haltscope/compare/value"
)

// PsSchema names the document of ps, and its version.
const PsSchema = "haltscope.ps/v1"

// Ps is the document of `haltscope ps`.
type Ps struct {
	Schema     string   `json:"schema"`
	Host       PsHost   `json:"host"`
	Containers []PsLine `json:"containers"`
	Notes      []Note   `json:"notes"` // made when they are written: a table has no use for them
}

// PsHost is where the list comes from. ps asks Docker for its containers and for nothing else.
type PsHost struct {
	EngineVersion value.Maybe[string] `json:"engine_version"`
	ClientVersion value.Maybe[string] `json:"client_version"`
	CgroupVersion int                 `json:"cgroup_version"` // 1 or 2
	CgroupHybrid  bool                `json:"cgroup_hybrid"`
	CgroupDriver  value.Maybe[string] `json:"cgroup_driver"`
	Kernel        string              `json:"kernel"`
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
	Drift    []string             `json:"drift"` // the kinds of findings, as inspect names and explains them
}

// PsState is Docker's word.
type PsState struct {
	State  string `json:"state"`
	Status string `json:"status"` // prose
}

// PsCgroup is where the container's cgroup is.
type PsCgroup struct {
	Exists bool                `json:"exists"`
	Path   value.Maybe[string] `json:"path"`
}

// PsCPU is CPU time, all of the cgroup's.
type PsCPU struct {
	UsageUsec value.Maybe[uint64]  `json:"usage_usec"`
	Percent   value.Maybe[float64] `json:"percent"`   // of one core
	WindowMs  value.Maybe[float64] `json:"window_ms"` // over which
}

// PsMemory is what is charged.
type PsMemory struct {
	CurrentBytes value.Maybe[uint64] `json:"current_bytes"`
	AnonBytes    value.Maybe[uint64] `json:"anon_bytes"`
	FileBytes    value.Maybe[uint64] `json:"file_bytes"`  // page cache, with shared memory and tmpfs
	ShmemBytes   value.Maybe[uint64] `json:"shmem_bytes"` // shared memory and tmpfs
	KernelBytes  value.Maybe[uint64] `json:"kernel_bytes"`
	SwapBytes    value.Maybe[uint64] `json:"swap_bytes"`  // beside what is charged
	LimitBytes   value.Maybe[uint64] `json:"limit_bytes"` // its own
}
