package cgroupfs

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"haltscope/cgroupfs/figure"
)

// makeBelow makes a cgroup, and removes it after the test.
func makeBelow(t *testing.T, path string) string {
	t.Helper()
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for end := time.Now().Add(10 * time.Second); syscall.Rmdir(path) != nil && time.Now().Before(end); {
			time.Sleep(time.Millisecond) // its process is ending
		}
	})
	return path
}

// writeBelow writes a file of a cgroup now, and other text to it after the test.
func writeBelow(t *testing.T, file, text, after string) {
	t.Helper()
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0); err != nil {
			t.Error(err)
		}
	}
	write(text)
	if after != "" {
		t.Cleanup(func() { write(after) })
	}
}

func awaitFrozenBelow(t *testing.T, g *Group, want FrozenBelow) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		found, err := g.FrozenBelow()
		if err == nil && len(found) == 1 && found[0].Path == want.Path && found[0].Frozen == want.Frozen &&
			slices.Equal(found[0].Members, want.Members) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%+v, %v", found, err)
		}
	}
}

// A cgroup below that is frozen is found with its processes, but not one that has none.
func TestFrozenBelow(t *testing.T) {
	c := newOwnCgroup(t)
	if found, err := c.FrozenBelow(); len(found) != 0 || err != nil {
		t.Errorf("without cgroups below: %+v, %v", found, err)
	}
	plain, empty := makeBelow(t, filepath.Join(c.Path, "plain")), makeBelow(t, filepath.Join(c.Path, "empty"))
	in := makeBelow(t, filepath.Join(plain, "in"))
	pid := c.sleep.Process.Pid
	writeBelow(t, filepath.Join(in, "cgroup.procs"), strconv.Itoa(pid), "")
	writeBelow(t, filepath.Join(in, "cgroup.freeze"), "1", "0")
	writeBelow(t, filepath.Join(empty, "cgroup.freeze"), "1", "0")
	awaitFrozenBelow(t, c.Group, FrozenBelow{Path: in, Frozen: figure.Number(1), Members: []int{pid}})
	c.end()
}

// belowV1 makes a cgroup in the freezer hierarchy of v1, and one below it with a process.
func belowV1(t *testing.T) (g *Group, in string, sleep *exec.Cmd) {
	t.Helper()
	h, err := NewHost()
	if err != nil {
		t.Skip(err)
	}
	top, ok := h.mounts["freezer"]
	if !ok {
		t.Skip("no v1 freezer is mounted here")
	}
	dir := makeBelow(t, filepath.Join(top.point, "haltscope-test-"+strconv.Itoa(os.Getpid())))
	in = makeBelow(t, filepath.Join(dir, "in"))
	sleep = exec.Command("sleep", "600")
	sleep.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sleep.Process.Kill(); sleep.Wait() })
	writeBelow(t, filepath.Join(in, "cgroup.procs"), strconv.Itoa(sleep.Process.Pid), "")
	g = h.open(map[string]location{"freezer": {path: dir}})
	t.Cleanup(g.Close)
	return g, in, sleep
}

// The same in the freezer hierarchy of v1.
func TestFrozenBelowV1(t *testing.T) {
	g, in, sleep := belowV1(t)
	writeBelow(t, filepath.Join(in, "freezer.state"), "FROZEN", "THAWED")
	awaitFrozenBelow(t, g, FrozenBelow{Path: in, Frozen: figure.Number(1), Members: []int{sleep.Process.Pid}})
}

// A v1 cgroup is populated while one below it is, as cgroup.events has it on v2.
func TestPopulatedBelowV1(t *testing.T) {
	g, _, sleep := belowV1(t)
	var r Reading
	if g.ReadState(&r); !r.Populated.Is(1) {
		t.Errorf("with a process below: %s", r.Populated)
	}
	sleep.Process.Kill()
	sleep.Wait()
	if _, err := g.AwaitEmpty(t.Context()); err != nil {
		t.Error(err)
	}
	if g.ReadState(&r); !r.Populated.Is(0) {
		t.Errorf("with none: %s", r.Populated)
	}
}
