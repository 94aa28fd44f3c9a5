package document

import "haltscope/compare/value"

// DoctorSchema is the schema of [Doctor].
const DoctorSchema = "haltscope.doctor/v1"

// Doctor is the report of haltscope doctor.
type Doctor struct {
	Schema     string      `json:"schema"`
	Host       DoctorHost  `json:"host"`
	Fit        bool        `json:"fit"` // whether no condition is unfit
	Conditions []Condition `json:"conditions"`
	Notes      []Note      `json:"notes"`
}

// DoctorHost describes a host, which may have neither Docker nor cgroups.
type DoctorHost struct {
	Origin
	Engine        string              `json:"engine"` // docker or podman; docker if the binary cannot be run
	EngineVersion value.Maybe[string] `json:"engine_version"`
	ClientVersion value.Maybe[string] `json:"client_version"`
	APIVersion    value.Maybe[string] `json:"api_version"` // that the client and the daemon have agreed on
	Containerd    value.Maybe[string] `json:"containerd_version"`
	Runc          value.Maybe[string] `json:"runc_version"`
	CgroupVersion value.Maybe[int]    `json:"cgroup_version"` // 1 or 2
	CgroupHybrid  value.Maybe[bool]   `json:"cgroup_hybrid"`
	CgroupDriver  value.Maybe[string] `json:"cgroup_driver"`
	Kernel        string              `json:"kernel"`
}

// The states of a condition.
const (
	OK      = "ok"
	Limits  = "limits"  // haltscope works with the limit that Means names
	Unfit   = "unfit"   // haltscope cannot work
	Unknown = "unknown" // it could not be checked
)

// Condition is something that haltscope depends on.
type Condition struct {
	Name  string   `json:"name"`
	State string   `json:"state"`
	Found string   `json:"found"` // what was found
	Means string   `json:"means"` // what it means for haltscope; "" for nothing
	Fix   []string `json:"fix"`   // how to fix it: commands for a shell, or prose
}
