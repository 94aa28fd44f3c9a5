package cgroupfs

import (
	"os"
	"path/filepath"
	"strings"

	"haltscope/cgroupfs/figure"
)

// Controllers lists the controllers of this machine: on v2 those of the root, from cgroup.controllers; on v1 those that are
// mounted, by their v1 names.
//
//	cpuset cpu io memory hugetlb pids rdma misc
//
// Source: cgroup-v2.rst, "cgroup.controllers"; cgroups(7).
func (h *Host) Controllers() ([]string, error) {
	if h.Version == 2 {
		data, err := os.ReadFile(filepath.Join(h.mounts[""].point, "cgroup.controllers"))
		return strings.Fields(string(data)), err
	}
	var all []string
	for _, name := range []string{"freezer", "memory", "cpu", "cpuacct", "pids", "blkio"} {
		if _, ok := h.mounts[name]; ok {
			all = append(all, name)
		}
	}
	return all, nil
}

// HasFile reports whether v2 cgroups have a file. It looks at the cgroups directly below the root, because the root lacks
// most files, and only at those that have an older file of the same controller. The state is [figure.NotMeasured] if there
// is no such cgroup, and [figure.Failed] if none is seen to have the file and one could not be looked at.
func (h *Host) HasFile(name, olderName string) figure.State {
	if h.Version != 2 {
		return figure.NotMeasured
	}
	top := h.mounts[""].point
	entries, err := os.ReadDir(top)
	if err != nil {
		return figure.Failed
	}
	state := figure.NotMeasured
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		_, err := os.Stat(filepath.Join(top, e.Name(), olderName))
		if err == nil {
			if _, err = os.Stat(filepath.Join(top, e.Name(), name)); err == nil {
				return figure.Present
			}
			if gone(err) && state == figure.NotMeasured {
				state = figure.Unsupported
			}
		}
		if !gone(err) {
			state = figure.Failed
		}
	}
	return state
}
