package cgroupfs

import "strings"

// UnitOf returns the innermost systemd service or scope in whose cgroup a process is; "" if it is in none, or in a container. The error
// wraps [proc.ErrNoProcess] if there is no such process.
func (h *Host) UnitOf(pid int) (unit string, err error) {
	paths, err := h.cgroupPaths(pid)
	if err != nil {
		return "", err
	}
	controller := "" // v2
	if h.Version == 1 {
		controller = "name=systemd"
	}
	return unitIn(paths[controller]), nil
}

// unitIn returns the unit that a cgroup path belongs to:
//
//	/system.slice/cron.service                                            cron.service
//	/user.slice/user-1000.slice/session-3.scope                           session-3.scope
//	/user.slice/user-1000.slice/user@1000.service/app.slice/backup.service backup.service
//	/system.slice/docker-9f2c….scope                                      none: it is a container's
//
// Source: systemd.slice(5) and systemd's docs/CGROUP_DELEGATION.md.
func unitIn(path string) (unit string) {
	for component := range strings.SplitSeq(path, "/") {
		if _, ok := idOf(component); ok {
			return ""
		}
		if strings.HasSuffix(component, ".service") || strings.HasSuffix(component, ".scope") {
			unit = component
		}
	}
	return unit
}
