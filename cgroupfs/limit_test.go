package cgroupfs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/cgroupfs/figure"
)

// writeCgroup writes the files of a cgroup at a path.
func writeCgroup(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The smallest limit of a cgroup and those above it takes effect.
func TestLimits(t *testing.T) {
	root := t.TempDir() // it has no cgroup.procs, so it is not part of the mount
	top, middle, own := filepath.Join(root, "cgroup"), filepath.Join(root, "cgroup/a"), filepath.Join(root, "cgroup/a/b")
	for name, c := range map[string]struct {
		top, middle, own string
		want             Limit
	}{
		"own":             {"", "300\n", "200\n", Limit{figure.Number(200), figure.Number(200), own}},
		"above":           {"", "100\n", "200\n", Limit{figure.Number(200), figure.Number(100), middle}},
		"the same":        {"", "200\n", "200\n", Limit{figure.Number(200), figure.Number(200), own}},
		"only above":      {"", "100\n", "max\n", Limit{noLimit, figure.Number(100), middle}},
		"at the top":      {"50\n", "max\n", "max\n", Limit{noLimit, figure.Number(50), top}},
		"none":            {"", "max\n", "max\n", Limit{Own: noLimit, Effective: noLimit}},
		"zero":            {"", "0\n", "max\n", Limit{noLimit, figure.Number(0), middle}},
		"without a file":  {"", "100\n", "", Limit{figure.Without(figure.Unsupported), figure.Number(100), middle}},
		"no controller":   {"", "", "", Limit{Own: figure.Without(figure.Unsupported), Effective: figure.Without(figure.Unsupported)}},
		"unknown above":   {"", "x\n", "200\n", Limit{Own: figure.Number(200), Effective: figure.Without(figure.Failed)}},
		"its own unknown": {"", "100\n", "x\n", Limit{Own: figure.Without(figure.Failed), Effective: figure.Without(figure.Failed)}},
	} {
		os.RemoveAll(top)
		for dir, text := range map[string]string{top: c.top, middle: c.middle, own: c.own} {
			files := map[string]string{"cgroup.procs": ""}
			if text != "" {
				files["memory.max"] = text
			}
			writeCgroup(t, dir, files)
		}
		d := (&Group{Version: 2, Path: own}).Details()
		if diff := cmp.Diff(c.want, d.MemoryLimit, compareFigures); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Quotas are compared per period: a quarter of a short period is less than half of a long one.
func TestCPULimits(t *testing.T) {
	root := t.TempDir()
	above, own := filepath.Join(root, "cgroup"), filepath.Join(root, "cgroup/a")
	writeCgroup(t, above, map[string]string{
		"cgroup.procs": "", "cpu.max": "2500 10000\n", "cpu.cfs_quota_us": "2500\n", "cpu.cfs_period_us": "10000\n",
	})
	writeCgroup(t, own, map[string]string{
		"cgroup.procs": "", "cpu.max": "50000 100000\n", "cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n",
	})
	want := CPULimit{CPUQuota{figure.Number(50000), figure.Number(100000)}, CPUQuota{figure.Number(2500), figure.Number(10000)}, above}
	for _, g := range []*Group{{Version: 2, Path: own}, {Version: 1, Path: own, controllers: map[string]location{"cpu": {path: own}}}} {
		if d := g.Details(); d.CPULimit != want {
			t.Errorf("v%d: %+v", g.Version, d.CPULimit)
		}
	}
	writeCgroup(t, own, map[string]string{"cpu.cfs_quota_us": "-1\n"})
	g := &Group{Version: 1, Path: own, controllers: map[string]location{"cpu": {path: own}}}
	if l := g.Details().CPULimit; l.Own.QuotaUsec != noLimit || l.By != above {
		t.Errorf("no quota in the cgroup itself: %+v", l)
	}
}

// Before Linux 5.11, a v1 cgroup limits those below it only if memory.use_hierarchy is 1.
func TestLimitWithoutHierarchy(t *testing.T) {
	root := t.TempDir()
	above, own := filepath.Join(root, "cgroup"), filepath.Join(root, "cgroup/a")
	writeCgroup(t, above, map[string]string{"cgroup.procs": "", "memory.limit_in_bytes": "100\n", "memory.use_hierarchy": "1\n"})
	writeCgroup(t, own, map[string]string{"cgroup.procs": "", "memory.limit_in_bytes": "9223372036854771712\n"})
	g := &Group{Version: 1, Path: own, controllers: map[string]location{"memory": {path: own}}}
	if l := g.Details().MemoryLimit; l != (Limit{noLimit, figure.Number(100), above}) {
		t.Errorf("%+v", l)
	}
	writeCgroup(t, above, map[string]string{"memory.use_hierarchy": "0\n"})
	if l := g.Details().MemoryLimit; l != (Limit{Own: noLimit, Effective: noLimit}) {
		t.Errorf("%+v", l)
	}
}
