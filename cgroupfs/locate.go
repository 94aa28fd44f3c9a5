package cgroupfs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/containerd/cgroups/v3"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// NotInContainerError means that a process of this machine is not in a cgroup of the container: the engine's processes are
// on another machine or in another PID namespace, or the PID was reused.
type NotInContainerError struct {
	PID  int
	ID   string // full id of the container
	Path string // cgroup that the process is in
}

func (e *NotInContainerError) Error() string {
	return fmt.Sprintf("process %d of this machine is not in a cgroup of container %.12s (it is in %s)", e.PID, e.ID, e.Path)
}

// Locate finds the cgroup of a container by its full id and one of its processes, and opens its folders.
//
// The id must be a component of the path: otherwise the cgroup is not the container's. Components after it are cgroups that
// the container itself has made (systemd, Docker in Docker). They are ignored, because Docker freezes and measures at the
// id.
//
// The error wraps [proc.ErrNoProcess] if there is no such process, is a [*NotInContainerError] if it is not in the
// container, and wraps [ErrOutside] if its cgroup is not mounted here.
func (h *Host) Locate(pid int, id string) (*Group, error) {
	before, err := proc.ReadStat(pid)
	if err != nil {
		return nil, locateError(pid, id, err)
	}
	paths, err := h.cgroupPaths(pid)
	if err != nil {
		return nil, locateError(pid, id, err)
	}
	at := map[string]location{}
	for _, controller := range h.controllers() {
		path, ok := paths[controller]
		if !ok {
			continue
		}
		folder, err := h.containerFolder(controller, path, id)
		switch {
		case err != nil && controller == "cpuset":
			continue // its tasks were moved to a cpuset that is not the container's
		case errors.Is(err, errNoIDInPath):
			return nil, notInContainer(before, id, path)
		case err != nil:
			return nil, err
		}
		at[controller] = location{path: folder}
	}
	g := h.open(at)
	g.openFolders()
	if err := before.ID().Check(); err != nil {
		g.Close()
		return nil, locateError(pid, id, fmt.Errorf("after its cgroup was opened: %w", err))
	}
	return g, nil
}

func locateError(pid int, id string, err error) error {
	return fmt.Errorf("finding the cgroup of container %.12s by its process %d: %w", id, pid, err)
}

// cgroupPaths returns the path of a process's cgroup in each hierarchy, by controller.
func (h *Host) cgroupPaths(pid int) (map[string]string, error) {
	file := proc.Folder(pid) + "/cgroup"
	v1, v2, err := cgroups.ParseCgroupFileUnified(file)
	if figure.StateOf(file, err) == figure.Vanished {
		return nil, proc.ErrNoProcess
	}
	if h.Version == 2 {
		return map[string]string{"": v2}, err
	}
	return v1, err
}

// containerFolder returns the folder of a container in a hierarchy, given the path of one of its processes there. It is ""
// if the hierarchy is not mounted.
func (h *Host) containerFolder(controller, path, id string) (string, error) {
	path, err := CutAtID(path, id)
	if err != nil {
		return "", err
	}
	m, ok := h.mounts[controller]
	if !ok {
		return "", nil
	}
	return m.folder(path)
}

// notInContainer returns why a process is not in the container: it has left its cgroups because it is ending, or it never
// was in them.
func notInContainer(before proc.Stat, id, path string) error {
	now, err := proc.ReadStat(before.PID)
	switch {
	case err != nil:
		return locateError(before.PID, id, err)
	case now.Exiting, now.ID() != before.ID():
		return locateError(before.PID, id, fmt.Errorf("%w: it has left its cgroup", proc.ErrNoProcess))
	}
	return &NotInContainerError{PID: before.PID, ID: id, Path: path}
}

var errNoIDInPath = errors.New("the path does not contain the container id")

// CutAtID cuts a cgroup path after the component that belongs to a container: its full id, or a name made from it. Such
// names are docker-ID.scope and libpod-ID.scope with systemd, and libpod-ID for Podman without systemd. The scope of
// Podman's monitor, libpod-conmon-ID.scope, does not belong to the container.
func CutAtID(path, id string) (string, error) {
	if id == "" {
		return "", errNoIDInPath
	}
	components := strings.Split(path, "/")
	for i, c := range components {
		maker, isScope := strings.CutSuffix(c, "-"+id+".scope")
		if c == id || c == "libpod-"+id || isScope && !strings.HasSuffix(maker, "conmon") {
			return strings.Join(components[:i+1], "/"), nil
		}
	}
	return "", errNoIDInPath
}
