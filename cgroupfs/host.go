package cgroupfs

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/containerd/cgroups/v3"
	"github.com/moby/sys/mountinfo"
)

// Host knows where this machine mounts its cgroups.
type Host struct {
	// Version is 2 if only v2 is mounted. It is 1 on a hybrid host, where v2 is mounted as well but without controllers: the
	// memory and the freezer that Docker uses are those of v1.
	Version int
	Hybrid  bool

	mounts map[string]mount // by v1 controller; v2 is under ""
}

// mount is a mounted cgroup file system: root is the path in the hierarchy that is mounted at point.
type mount struct{ point, root string }

// ErrNoCgroups means that no cgroup file system is mounted.
var ErrNoCgroups = errors.New("no cgroup file system is mounted at /sys/fs/cgroup")

// ErrOutside means that a process is in a cgroup that has no path in the cgroup namespace of this process.
var ErrOutside = errors.New("it is outside of what is mounted here")

// NewHost finds the cgroup mounts of this machine.
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
	// Reading stops when all are found: a host with many containers has many mounts after them.
	_, err := mountinfo.GetMounts(func(i *mountinfo.Info) (skip, stop bool) {
		h.addMount(i)
		stop = h.complete()
		return !stop, stop // it does not stop at what it skips
	})
	if err != nil {
		return nil, fmt.Errorf("reading the cgroup mounts in /proc/self/mountinfo: %w", err)
	}
	if h.mounts[h.mainController()].point == "" {
		return nil, fmt.Errorf("%w (v%d expected)", ErrNoCgroups, h.Version)
	}
	return h, nil
}

// addMount adds a mount if it is one of cgroups.
func (h *Host) addMount(i *mountinfo.Info) {
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

// add adds the first mount of a controller. Later ones are bind mounts of parts of it.
func (h *Host) add(controller string, m mount) {
	if _, ok := h.mounts[controller]; !ok {
		h.mounts[controller] = m
	}
}

// complete reports whether all hierarchies that there can be were found.
func (h *Host) complete() bool {
	for _, controller := range append(h.controllers(), "") {
		if _, ok := h.mounts[controller]; !ok && (controller != "" || h.Version == 2 || h.Hybrid) {
			return false
		}
	}
	return true
}

// controllers lists the hierarchies that a group is read from. That of v2 is "".
func (h *Host) controllers() []string {
	if h.Version == 2 {
		return []string{""}
	}
	return []string{"freezer", "memory", "cpu", "cpuacct", "cpuset", "pids", "blkio"}
}

// mainController is the hierarchy in which containers are found.
func (h *Host) mainController() string { return h.controllers()[0] }

// folder returns the folder at which a path in the hierarchy is mounted.
func (m mount) folder(path string) (string, error) {
	below, ok := strings.CutPrefix(path, strings.TrimSuffix(m.root, "/"))
	if !ok || strings.HasPrefix(path, "/..") {
		return "", fmt.Errorf("cgroup %s: %w, at %s", path, ErrOutside, m.point)
	}
	return filepath.Join(m.point, below), nil
}

// open returns the group of a container whose location in each hierarchy is known.
func (h *Host) open(at map[string]location) *Group {
	g := &Group{Version: h.Version}
	main := h.mainController()
	g.Path, g.mountPoint = at[main].path, h.mounts[main].point
	if h.Version == 2 {
		g.useV2(at[main])
	} else {
		g.useV1(at)
	}
	return g
}
