package cgroupfs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// ownCgroup is a v2 cgroup that a test has made, with a process in it.
type ownCgroup struct {
	*Group
	tb    testing.TB
	sleep *exec.Cmd
}

// newOwnCgroup makes a cgroup, and removes it after the test. It also works on a hybrid host, whose v2 hierarchy has the freezer
// but not the memory controller.
func newOwnCgroup(tb testing.TB) *ownCgroup {
	tb.Helper()
	h, err := NewHost()
	if err != nil {
		tb.Skip(err)
	}
	top, ok := h.mounts[""]
	if !ok {
		tb.Skip("no cgroup v2 is mounted here")
	}
	dir, err := os.MkdirTemp(top.point, "haltscope-bench-")
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS) {
		tb.Skip("cannot make a cgroup here: ", err)
	} else if err != nil {
		tb.Fatal(err)
	}
	c := &ownCgroup{tb: tb}
	tb.Cleanup(func() {
		c.end()
		c.remove()
	})
	v2 := &Host{Version: 2, mounts: map[string]mount{"": top}}
	c.Group = v2.open(map[string]location{"": {path: dir}})
	tb.Cleanup(c.Close)
	fd, err := os.Open(dir)
	if err != nil {
		tb.Fatal(err)
	}
	defer fd.Close()
	sleep := exec.Command("sleep", "600")
	sleep.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(fd.Fd()), Pdeathsig: syscall.SIGKILL}
	if err := sleep.Start(); err != nil {
		tb.Fatal(err)
	}
	c.sleep = sleep
	return c
}

// freeze requests to freeze the cgroup, or to thaw it.
func (c *ownCgroup) freeze(want bool) {
	text := "0"
	if want {
		text = "1"
	}
	if err := os.WriteFile(filepath.Join(c.Path, "cgroup.freeze"), []byte(text), 0); err != nil {
		c.tb.Error(err)
	}
}

// end kills the process, frozen or not.
func (c *ownCgroup) end() {
	if c.sleep != nil {
		c.sleep.Process.Kill()
		c.sleep.Wait()
		c.sleep = nil
	}
}

// remove removes the cgroup. A process that has ended may stay charged to it for a moment.
func (c *ownCgroup) remove() {
	var err error
	for range 1000 {
		if err = syscall.Rmdir(c.Path); err == nil || errors.Is(err, syscall.ENOENT) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	c.tb.Errorf("%s was not removed: %v", c.Path, err)
}
