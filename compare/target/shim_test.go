package target

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/proc/proctest"
)

// underShim starts a process whose parent has the name of a shim.
func underShim(t *testing.T, name string) (shim, first int) {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	if sh, err = filepath.EvalSymlinks(sh); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(sh, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-c", "sleep 60 & echo $!; read -r end; kill $!")
	if first, err = strconv.Atoi(proctest.Run(t, cmd)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid, first
}

func TestShim(t *testing.T) {
	for _, name := range []string{"containerd-shim-runc-v2", "conmon"} {
		pid, first := underShim(t, name)
		shim, err := OpenShim(first)
		if err != nil {
			t.Fatal(err)
		}
		if shim.PID != pid || shim.Ended() {
			t.Errorf("%s: process %d, wanted %d, which runs", name, shim.PID, pid)
		}
		shim.Close()
	}
	_, first := underShim(t, "other")
	if _, err := OpenShim(first); err == nil || !strings.Contains(err.Error(), "is not a shim") {
		t.Errorf("a parent that is not a shim: %v", err)
	}
}

// A shim that ends meanwhile is not found, whichever process has its pid then.
func TestShimReused(t *testing.T) {
	pid, first := underShim(t, "containerd-shim-runc-v2")
	other, below := underShim(t, "other")
	for _, c := range []struct {
		name   string
		first  int
		change func(stat *proc.Stat, reading int)
	}{
		{"the shim's pid is another process's when it is opened", below, func(stat *proc.Stat, _ int) {
			if stat.PID == other { // what was read is of the shim before
				stat.Comm, stat.StartTime = "containerd-shim", stat.StartTime-1
			}
		}},
		{"the process has another parent by then", first, func(stat *proc.Stat, reading int) {
			if stat.PID == first && reading > 1 {
				stat.PPID = 1
			}
		}},
		{"the process is another by then", first, func(stat *proc.Stat, reading int) {
			if stat.PID == first && reading > 1 {
				stat.StartTime++
			}
		}},
	} {
		readings := 0
		shim, err := openShim(c.first, func(pid int) (proc.Stat, error) {
			readings++
			stat, err := proc.ReadStat(pid)
			c.change(&stat, readings)
			return stat, err
		})
		if !errors.Is(err, proc.ErrNoProcess) {
			t.Errorf("%s: %v", c.name, err)
		}
		if shim != nil {
			t.Errorf("%s: process %d is taken for the shim", c.name, shim.PID)
			shim.Close()
		}
	}
	if shim, err := OpenShim(first); err != nil || shim.PID != pid {
		t.Errorf("the shim that is there: %v", err)
	} else {
		shim.Close()
	}
}
