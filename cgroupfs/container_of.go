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
	return ContainerIn(paths[h.mainController()]), nil
}

// ContainerIn returns the full id of the innermost container that the path of a cgroup belongs to, by the names in it; "" for none.
func ContainerIn(path string) (id string) {
	for component := range strings.SplitSeq(path, "/") {
		if found, ok := idOf(component); ok {
			id = found
		}
	}
	return id
}
