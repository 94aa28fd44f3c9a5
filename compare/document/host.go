package document

import (
	"strings"
)

// Host is where a report comes from.
type Host struct {
	Engine        string `json:"engine"` // docker or podman
	EngineVersion string `json:"engine_version"`
	ClientVersion string `json:"client_version"`
	CgroupVersion int    `json:"cgroup_version"` // 1 or 2
	CgroupHybrid  bool   `json:"cgroup_hybrid"`  // v1 has the controllers, v2 is mounted beside it
	CgroupDriver  string `json:"cgroup_driver"`
	Kernel        string `json:"kernel"`
}

// tool is the command of the engine that the report is about.
func (h Host) Tool() string {
	if h.Engine == "" { // of a report from before there was another
		return "docker"
	}
	return h.Engine
}

// Of puts the name of an engine's command into the source of an observation: "docker events" is podman's there.
func (h Host) Of(source string) string {
	if rest, ok := strings.CutPrefix(source, "docker "); ok {
		return h.Tool() + " " + rest
	}
	return source
}
