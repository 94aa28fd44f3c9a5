package cgroupfs

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/containerd/cgroups/v3"
	"github.com/moby/sys/mountinfo"
)

// Host is how this machine mounts its cgroups.
type Host struct {
	// Version is 2 where v2 alone is mounted. On a hybrid host, where v2 is there too but without the controllers,
	// it is 1: memory and freezer, which Docker uses, are v1's.
	Version int
	Hybrid  bool

	mounts map[string]mount // by v1 controller; v2's under ""
}

// mount is a cgroup file system: what path of the hierarchy is at which folder.
type mount struct{ point, root string }

// ErrNoCgroups means that no cgroup file system is mounted here.
var ErrNoCgroups = errors.New("no cgroup file system is mounted at /sys/fs/cgroup")

// NewHost finds out the mounts of this machine's cgroups.
func NewHost() (*Host, error) {
	h := &Host{Version: 1, mounts: map[string]mount{}}
	switch cgroups.Mode() {
	case cgroups.Unavailable:
		return nil, ErrNoCgroups
	case cgroups.Unified:
		h.Version = 2
	case cgroups.Hybrid:
		h.Hybrid = true
	}
	// A host of many containers has many mounts behind these, which the kernel need not tell.
	_, err := mountinfo.GetMounts(func(i *mountinfo.Info) (skip, stop bool) {
		h.see(i)
		stop = h.complete()
		return !stop, stop // it does not stop at what it skips
	})
	if err != nil {
		return nil, fmt.Errorf("reading /proc/self/mountinfo for the cgroup mounts: %w", err)
	}
	if h.Version == 2 && h.mounts[""].point == "" || h.Version == 1 && h.mounts["freezer"].point == "" {
		return nil, fmt.Errorf("%w (v%d expected)", ErrNoCgroups, h.Version)
	}
	return h, nil
}

// see takes down a mount, if it is of cgroups.
func (h *Host) see(i *mountinfo.Info) {
	m := mount{point: i.Mountpoint, root: i.Root}
	switch i.FSType {
	case "cgroup2":
		h.add("", m)
	case "cgroup":
		for option := range strings.SplitSeq(i.VFSOptions, ",") {
			h.add(option, m)
		}
	}
}

// complete reports whether all hierarchies that there can be were seen.
func (h *Host) complete() bool {
	for _, controller := range append(h.controllers(), "") {
		if _, ok := h.mounts[controller]; !ok && (controller != "" || h.Version == 2 || h.Hybrid) {
			return false
		}
	}
	return true
}

// add keeps the first mount of a controller: later ones are bind mounts of parts of it.
func (h *Host) add(controller string, m mount) {
	if _, ok := h.mounts[controller]; !ok {
		h.mounts[controller] = m
	}
}

// String names the version as a reader of the report knows it.
func (h *Host) String() string {
	if h.Hybrid {
		return "cgroup v1 (hybrid)"
	}
	return fmt.Sprintf("cgroup v%d", h.Version)
}

// NotTiedError means that process PID of this machine is not in a cgroup of the container: the engine's processes are
// on another machine or in another PID namespace, or the pid was recycled.
type NotTiedError struct {
	PID  int
	ID   string // the container's full id
	Path string // the cgroup that the process is in
}

func (e *NotTiedError) Error() string {
	return fmt.Sprintf("process %d of this machine is not in a cgroup of container %.12s (it is in %s)", e.PID, e.ID, e.Path)
}

// ErrOutside means that a process of another cgroup namespace is in a cgroup that has no path in this one.
var ErrOutside = errors.New("it is outside of what is mounted here")

// ErrNoProcess means that /proc has no such process.
var ErrNoProcess = errors.New("no such process")

// Locate finds the cgroup of the container whose full id is id and one of whose processes is pid, and opens its files.
// The id must be a component of the path: a path without it is another's cgroup. Components below it are the
// container's own doing (systemd, a Docker in Docker) and are climbed out of, for Docker freezes and measures at the id.
func (h *Host) Locate(pid int, id string) (*Group, error) {
	before, err := ReadStat(pid)
	if err != nil {
		return nil, fmt.Errorf("finding the cgroup of container %.12s by its process %d: %w", id, pid, err)
	}
	file := fmt.Sprintf("/proc/%d/cgroup", pid)
	v1, unified, err := cgroups.ParseCgroupFileUnified(file)
	if err != nil {
		if state := stateOf(file, err); state == Vanished {
			err = ErrNoProcess
		}
		return nil, fmt.Errorf("finding the cgroup of container %.12s: %w", id, err)
	}
	dir := func(controller, path string) (string, error) {
		tied, err := CutAtID(path, id)
		if err != nil {
			if now, err := ReadStat(pid); err != nil || now.Exiting || now.StartTime != before.StartTime {
				return "", fmt.Errorf("finding the cgroup of container %.12s by its process %d: %w any more: it has left its cgroup", id, pid, ErrNoProcess)
			}
			return "", &NotTiedError{PID: pid, ID: id, Path: path}
		}
		m, ok := h.mounts[controller]
		if !ok {
			return "", nil // not mounted: its files are Unsupported
		}
		return m.join(tied)
	}
	dirs := map[string]place{}
	if h.Version == 2 {
		v1 = map[string]string{"": unified}
	}
	for _, controller := range h.controllers() {
		path, ok := v1[controller]
		if !ok {
			continue
		}
		at, err := dir(controller, path)
		if err != nil && controller == "cpuset" {
			continue // somebody has moved its tasks to another cpuset: that one is not the container's
		}
		if err != nil {
			return nil, err
		}
		dirs[controller] = place{path: at}
	}
	g := h.open(dirs)
	g.hold()
	after, err := ReadStat(pid)
	if err != nil || after.StartTime != before.StartTime {
		g.Close()
		return nil, fmt.Errorf("finding the cgroup of container %.12s by its process %d: %w while its files were opened", id, pid, ErrNoProcess)
	}
	return g, nil
}

// controllers are the hierarchies that a group is read in; v2's one is "".
func (h *Host) controllers() []string {
	if h.Version == 2 {
		return []string{""}
	}
	return []string{"freezer", "memory", "cpu", "cpuacct", "cpuset", "pids", "blkio"}
}

// open makes the group of a container whose folder in each hierarchy is known.
func (h *Host) open(dirs map[string]place) *Group {
	g := &Group{Version: h.Version}
	if h.Version == 2 {
		g.Path, g.mount = dirs[""].path, h.mounts[""].point
		g.useV2(dirs[""])
	} else {
		g.Path, g.mount, g.dirs = dirs["freezer"].path, h.mounts["freezer"].point, dirs
		g.useV1()
	}
	return g
}

// CutAtID cuts a cgroup path behind the component that is the container id, or made from it: docker's and podman's scopes of
// systemd (docker-ID.scope, libpod-ID.scope), and podman's name without systemd (libpod-ID). Beside a podman container is the
// scope of its monitor, libpod-conmon-ID.scope, which is not the container's.
func CutAtID(path, id string) (string, error) {
	if id == "" {
		return "", errors.New("no container id")
	}
	components := strings.Split(path, "/")
	for i, c := range components {
		maker, scope := strings.CutSuffix(c, "-"+id+".scope")
		if c == id || c == "libpod-"+id || scope && !strings.HasSuffix(maker, "conmon") {
			return strings.Join(components[:i+1], "/"), nil
		}
	}
	return "", errors.New("the path does not hold the container id")
}

// join returns the folder at which the hierarchy's path is mounted.
func (m mount) join(path string) (string, error) {
	below, ok := strings.CutPrefix(path, strings.TrimSuffix(m.root, "/"))
	if !ok || strings.HasPrefix(path, "/..") {
		return "", fmt.Errorf("cgroup %s: %w, at %s", path, ErrOutside, m.point)
	}
	return filepath.Join(m.point, below), nil
}
