package cgroupfs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Controllers lists the controllers that are there: on v2 those of cgroup.controllers of the root, on v1 those that are
// mounted, by v1's names.
//
//	cpuset cpu io memory hugetlb pids rdma misc
//
// Source: cgroup-v2.rst, cgroup.controllers; cgroups(7).
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

// Offers reports whether some cgroup below the root has a file of a v2 controller's or of v2's own: the root itself
// lacks most of them. NotMeasured where no cgroup has the file beside it that came first, with the controller.
func (h *Host) Offers(file, beside string) State {
	top := h.mounts[""].point
	below, _ := filepath.Glob(filepath.Join(top, "*", beside))
	if h.Version != 2 || len(below) == 0 {
		return NotMeasured
	}
	if slices.ContainsFunc(below, func(path string) bool {
		_, err := os.Stat(filepath.Join(filepath.Dir(path), file))
		return err == nil
	}) {
		return Present
	}
	return Unsupported
}
