package document

import (
	"haltscope/compare/value"
)

// DoctorSchema names the document of doctor, and its version.
const DoctorSchema = "haltscope.doctor/v1"

// Doctor is the document of `haltscope doctor`.
type Doctor struct {
	Schema     string      `json:"schema"`
	Host       DoctorHost  `json:"host"`
	Fit        bool        `json:"fit"` // no condition is unfit
	Conditions []Condition `json:"conditions"`
	Notes      []Note      `json:"notes"`
}

// DoctorHost is what is known of a host, which may have no Docker and no cgroups.
type DoctorHost struct {
	EngineVersion value.Maybe[string] `json:"engine_version"`
	ClientVersion value.Maybe[string] `json:"client_version"`
	CgroupVersion value.Maybe[int]    `json:"cgroup_version"` // 1 or 2
	CgroupHybrid  value.Maybe[bool]   `json:"cgroup_hybrid"`
	CgroupDriver  value.Maybe[string] `json:"cgroup_driver"`
	Kernel        string              `json:"kernel"`
}

// What a condition comes to.
const (
	OK      = "ok"
	Limits  = "limits"  // haltscope works, but for what Means names
	Unfit   = "unfit"   // haltscope cannot work
	Unknown = "unknown" // it could not be asked for
)

// Condition is one of those that haltscope's work depends on.
type Condition struct {
	Name  string   `json:"name"`
	State string   `json:"state"`
	Found string   `json:"found"` // what there is here
	Means string   `json:"means"` // what follows from it for haltscope; "" where nothing does
	Fix   []string `json:"fix"`   // what to do about it: commands that can be pasted, and words
}
