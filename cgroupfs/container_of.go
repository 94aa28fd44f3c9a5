package cgroupfs

import (
	"strings"
)

// ContainerOf returns the full id of the innermost container in whose cgroup a process is, by the name of that cgroup; "" if it is
// in none. The error wraps [proc.ErrNoProcess] if there is no such process.
func (h *Host) ContainerOf(pid int) (id string, err error) {
	paths, err := h.cgroupPaths(pid)
	if err != nil {
		return "", err
	}
	for component := range strings.SplitSeq(paths[h.mainController()], "/") {
		if found, ok := idOf(component); ok {
			id = found
		}
	}
	return id, nil
}
