package cgroupfs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"haltscope/cgroupfs/proc"
)

// usualTemplates are where Docker puts the cgroup of a container unless it is configured otherwise, with its cgroupfs driver and
// with that of systemd. Source: moby, daemon/oci_linux.go, withCgroups.
var usualTemplates = []string{"docker/ID", "system.slice/docker-ID.scope"}

// PathTemplate returns the path of the cgroup below the mount, with ID in place of the container's id. The cgroups of other
// containers of the same engine are likely to have the same form. It is "" if the id is not in the path.
func (g *Group) PathTemplate(id string) string {
	below, ok := strings.CutPrefix(g.Path, g.mountPoint+"/")
	if !ok || id == "" || !strings.Contains(below, id) {
		return ""
	}
	return strings.ReplaceAll(below, id, "ID")
}

// MainProcess finds the main process of a running container by the cgroup that is named after its full id, without asking
// Docker: the process that started first, because it started the others, or docker exec started them later. It looks at
// the templates first, which [Group.PathTemplate] returns, and then where Docker usually puts cgroups.
//
// The error wraps [proc.ErrNoProcess] if there is no such cgroup, or no process in it.
func (h *Host) MainProcess(id string, templates ...string) (pid int, err error) {
	top := h.mounts[h.mainController()].point
	for _, template := range slices.Concat(templates, usualTemplates) {
		pid, err := firstOf(path.Join(top, strings.ReplaceAll(template, "ID", id)))
		if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, proc.ErrNoProcess) {
			return pid, err
		}
	}
	return 0, fmt.Errorf("looking for a cgroup of container %.12s: %w", id, proc.ErrNoProcess)
}

// firstOf returns the process of a cgroup that started first.
func firstOf(folder string) (first int, err error) {
	pids, err := members(folder)
	if err != nil {
		return 0, err
	}
	var started uint64
	for _, pid := range pids {
		stat, err := proc.ReadStat(pid)
		if errors.Is(err, proc.ErrNoProcess) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if first == 0 || stat.StartTime < started {
			first, started = pid, stat.StartTime
		}
	}
	if first == 0 {
		return 0, proc.ErrNoProcess
	}
	return first, nil
}
