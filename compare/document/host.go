package document

import "strings"

// Host describes where a report comes from.
type Host struct {
	Origin
	Engine        string `json:"engine"` // docker or podman
	EngineVersion string `json:"engine_version"`
	ClientVersion string `json:"client_version"`
	CgroupVersion int    `json:"cgroup_version"` // 1 or 2
	CgroupHybrid  bool   `json:"cgroup_hybrid"`  // v1 has the controllers, and v2 is mounted as well
	CgroupDriver  string `json:"cgroup_driver"`
	Kernel        string `json:"kernel"`
}

// Tool returns the name of the engine's command: docker or podman.
func (h Host) Tool() string {
	if h.Engine == "" { // a saved report may lack it
		return "docker"
	}
	return h.Engine
}

// Source returns the source of an observation with the engine's command in it: "docker events" becomes "podman events".
func (h Host) Source(source string) string {
	if rest, ok := strings.CutPrefix(source, "docker "); ok {
		return h.Tool() + " " + rest
	}
	return source
}
