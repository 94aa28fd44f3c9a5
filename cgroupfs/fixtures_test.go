package cgroupfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fixtures calls test for each recorded state of a container's cgroup: testdata/KERNEL/STATE, made by scripts/record.
func fixtures(t *testing.T, test func(t *testing.T, dir string, v2, paused bool)) {
	t.Helper()
	dirs, _ := filepath.Glob("testdata/linux-*/*")
	if len(dirs) < 6 {
		t.Fatalf("only %d recorded states: run scripts/record", len(dirs))
	}
	for _, dir := range dirs {
		t.Run(strings.TrimPrefix(dir, "testdata/"), func(t *testing.T) {
			test(t, dir, strings.Contains(dir, "cgroup-v2"), filepath.Base(dir) == "paused")
		})
	}
}

func fixture(t testing.TB, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// openFixture opens recorded files as the group of a container.
func openFixture(dir string, v2 bool) *Group {
	h := &Host{Version: 1, mounts: map[string]mount{"freezer": {point: "/nowhere"}}}
	dirs := map[string]place{}
	if v2 {
		h = &Host{Version: 2, mounts: map[string]mount{"": {point: "/nowhere"}}}
	}
	for _, controller := range h.controllers() {
		dirs[controller] = place{path: dir}
	}
	return h.open(dirs)
}

// What real kernels say of a container of nginx, limited to 64 MiB, while it runs and while it is paused.
func TestReadRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		g := openFixture(dir, v2)
		defer g.Close()
		var r Reading
		g.Read(&r)
		frozen := uint64(0)
		if paused {
			frozen = 1
		}
		if !r.Freezer.Requested.Is(frozen) || !r.Freezer.Frozen.Is(frozen) {
			t.Errorf("freezer %+v", r.Freezer)
		}
		m := r.Memory
		if !m.Limit.Is(64 << 20) {
			t.Errorf("limit %s", m.Limit)
		}
		for name, f := range map[string]Figure{"current": m.Current, "anon": m.Anon, "kernel": m.Kernel, "cpu": r.CPUUsage, "pids": r.Pids} {
			if v, ok := f.Value(); !ok || v == 0 {
				t.Errorf("%s is %s", name, f)
			}
		}
		for name, f := range map[string]Figure{"file": m.File, "shmem": m.Shmem, "dirty": m.FileDirty, "inactive_file": m.InactiveFile} {
			if _, ok := f.Value(); !ok {
				t.Errorf("%s is %s", name, f)
			}
		}
		if !m.OOMKill.Is(0) {
			t.Errorf("oom_kill %s", m.OOMKill)
		}
		if v2 {
			if !r.Populated.Is(1) || r.StatV1.TotalCache.State() != NotMeasured {
				t.Errorf("populated %s, v1's total_cache %s", r.Populated, r.StatV1.TotalCache)
			}
		} else if r.Populated.State() != Unsupported || m.Sock.State() != Unsupported || r.Stat.Anon.State() != NotMeasured {
			t.Errorf("v1 has populated %s, sock %s, v2's anon %s", r.Populated, m.Sock, r.Stat.Anon)
		}
		// The parts do not exceed the whole by more than the counters' distance (a batch of 64 pages for each CPU).
		current, _ := m.Current.Value()
		sum := uint64(0)
		for _, f := range []Figure{m.Anon, m.File, m.Kernel, m.Sock} {
			v, _ := f.Value()
			sum += v
		}
		if sum > current+2*64*4096 || current > sum+2*64*4096 {
			t.Errorf("anon + file + kernel + sock = %d, current = %d", sum, current)
		}
	})
}

func TestParseRecordedProc(t *testing.T) {
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		stat, err := parseStat(fixture(t, dir, "proc_stat"))
		if err != nil || stat.Comm != "nginx" || stat.StartTime == 0 || stat.PPID == 0 || stat.PID == 0 {
			t.Errorf("%+v, %v", stat, err)
		}
		status, err := parseStatus(fixture(t, dir, "proc_status"))
		if err != nil || status.Name != "nginx" || !status.NamespaceInit() || status.NSpid[0] != stat.PID {
			t.Errorf("%+v, %v", status, err)
		}
		// nginx handles SIGTERM, SIGQUIT and SIGHUP; nobody can handle SIGKILL.
		for signal, want := range map[int]bool{15: true, 3: true, 1: true, 9: false} {
			if got := status.Caught.Has(unixSignal(signal)); got != want {
				t.Errorf("signal %d caught: %t", signal, got)
			}
		}
		if v, ok := status.VmRSS.Value(); !ok || v < 1<<20 {
			t.Errorf("VmRSS %s", status.VmRSS)
		}
	})
}

func TestMembersRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		pids, err := members(dir)
		if err != nil || len(pids) < 2 {
			t.Errorf("%v, %v", pids, err)
		}
	})
}
