package twin

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/proc/proctest"
)

// inCgroup starts a process in a cgroup that has the name of a container, as Docker's. It returns the id and the process.
func inCgroup(t *testing.T, digit string, habit proctest.Habit) (id string, cmd *exec.Cmd) {
	t.Helper()
	top := "/sys/fs/cgroup/freezer"
	if _, err := os.Stat(top); err != nil {
		top = "/sys/fs/cgroup"
	}
	id = strings.Repeat(digit, 64)
	path := filepath.Join(top, id)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Skip("cannot make a cgroup here: ", err)
	}
	t.Cleanup(func() {
		for end := time.Now().Add(10 * time.Second); syscall.Rmdir(path) == syscall.EBUSY && time.Now().Before(end); {
			time.Sleep(time.Millisecond) // its process is ending
		}
	})
	cmd = proctest.Start(t, habit)
	if err := os.WriteFile(filepath.Join(path, "cgroup.procs"), []byte(strconv.Itoa(cmd.Process.Pid)), 0); err != nil {
		t.Fatal(err)
	}
	return id, cmd
}

func ended(t *testing.T, cmd *exec.Cmd) bool {
	t.Helper()
	stat, err := proc.ReadStat(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	return stat.Ended()
}

// What twins leave is ended by their cgroups, before their removal only if Docker would not end it, and nothing else is.
func TestEndProcesses(t *testing.T) {
	kernel, err := cgroupfs.NewHost()
	if err != nil {
		t.Skip(err)
	}
	unreachable, leader := inCgroup(t, "a", proctest.FirstThreadEnds)
	plain, sleeper := inCgroup(t, "b", proctest.Waits)
	_, users := inCgroup(t, "c", proctest.Waits)
	ids := []string{unreachable, plain}
	if err := endUnreachable(t.Context(), kernel, ids); err != nil {
		t.Fatal(err)
	}
	if !ended(t, leader) || ended(t, sleeper) || ended(t, users) {
		t.Errorf("before the removal: %t, %t, %t", ended(t, leader), ended(t, sleeper), ended(t, users))
	}
	if err := endLeft(t.Context(), kernel, ids); err != nil {
		t.Fatal(err)
	}
	if !ended(t, sleeper) || ended(t, users) {
		t.Errorf("after the removal: %t, %t", ended(t, sleeper), ended(t, users))
	}
	groups, err := kernel.Containers()
	if err != nil || groups[unreachable] != nil || groups[plain] != nil {
		t.Errorf("the cgroups of the twins are left: %v", err)
	}
}
