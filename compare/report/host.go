package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
)

// hostLine describes the host in one line; "" if nothing is known of it.
func hostLine(h document.Host) string {
	if h.EngineVersion == "" && h.CgroupVersion == 0 && h.Kernel == "" {
		return ""
	}
	if h.EngineVersion == "" { // only why reports without an answer of the daemon
		return fmt.Sprintf("%s did not answer · %s · kernel %s", engineName(h), cgroupName(h.CgroupVersion, h.CgroupHybrid), h.Kernel)
	}
	return fmt.Sprintf("%s %s · %s, %s driver · kernel %s", engineName(h), h.EngineVersion, cgroupName(h.CgroupVersion, h.CgroupHybrid),
		h.CgroupDriver, h.Kernel)
}

// engineName returns Docker or Podman.
func engineName(h document.Host) string { return strings.ToUpper(h.Tool()[:1]) + h.Tool()[1:] }

func cgroupName(version int, hybrid bool) string {
	if hybrid {
		return fmt.Sprintf("cgroup v%d (hybrid)", version)
	}
	return fmt.Sprintf("cgroup v%d", version)
}
