package cgroupfs

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// nest makes nested cgroups with long names, and returns the innermost one, open. It removes them after the test.
func nest(t *testing.T, top string, levels int) *os.File {
	t.Helper()
	name := strings.Repeat("n", 200)
	at, err := os.Open(top)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { at.Close() })
	for range levels {
		if err := unix.Mkdirat(int(at.Fd()), name, 0o755); err != nil {
			t.Fatal(err)
		}
		inner, err := openFolderAt(at, name)
		if err != nil {
			t.Fatal(err)
		}
		above := at
		t.Cleanup(func() {
			inner.Close()
			if err := unix.Unlinkat(int(above.Fd()), name, unix.AT_REMOVEDIR); err != nil {
				t.Errorf("a nested cgroup was not removed: %v", err)
			}
		})
		at = inner
	}
	return at
}

// A container may nest cgroups until the path is longer than PATH_MAX, and deeper than maxDepth. Its processes are listed up to
// that depth, and all other containers are found.
func TestDeepCgroups(t *testing.T) {
	c := newOwnCgroup(t)
	host := &Host{Version: 2, mounts: map[string]mount{"": {point: c.Path, root: "/"}}}
	id, other := strings.Repeat("d", 64), strings.Repeat("e", 64)
	for _, id := range []string{id, other} {
		if err := os.Mkdir(filepath.Join(c.Path, id), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Rmdir(filepath.Join(c.Path, id)) })
	}
	deep := nest(t, filepath.Join(c.Path, id), 50) // 10,000 bytes of path: PATH_MAX is 4,096
	sleep := exec.Command("sleep", "600")
	sleep.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(deep.Fd()), Pdeathsig: syscall.SIGKILL}
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	end := func() { sleep.Process.Kill(); sleep.Wait() }
	t.Cleanup(end)

	groups, skipped, err := host.Search()
	if err != nil || len(skipped) != 0 || groups[id] == nil || groups[other] == nil {
		t.Fatalf("%v, %v, %v", groups, skipped, err)
	}
	if pids, err := groups[id].Members(); err != nil || !slices.Equal(pids, []int{sleep.Process.Pid}) {
		t.Errorf("%v, %v", pids, err)
	}
	end()

	nest(t, filepath.Join(c.Path, other), maxDepth+1)
	again, skipped, err := host.Search()
	if err != nil || len(skipped) != 1 || again[id] == nil || again[other] == nil {
		t.Fatalf("%v, %v, %v", again, skipped, err)
	}
	if text := skipped[0].String(); !strings.Contains(text, "cgroups deep") || len(text) > 300 {
		t.Error(text)
	}
	if _, err := again[other].Members(); err == nil {
		t.Error("no error, although some processes could not be listed")
	}
	for _, g := range []*Group{groups[id], groups[other], again[id], again[other]} {
		g.Close()
	}
}
