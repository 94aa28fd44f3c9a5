package proc

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
	"haltscope/cgroupfs/proc/proctest"
)

// The master process of nginx, asleep and frozen.
func TestMemberRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		status, err := parseStatus(figuretest.Read(t, dir, "status"))
		if err != nil || status.Threads != 1 || !status.VMSwap.Is(0) || status.Pending != 0 || status.SharedPending != 0 {
			t.Errorf("%+v, %v", status, err)
		}
		r := parseSmapsRollup(figuretest.Read(t, dir, "smaps_rollup"))
		sum := uint64(0)
		for _, f := range []figure.Figure{r.SharedClean, r.SharedDirty, r.PrivateClean, r.PrivateDirty} {
			v, _ := f.Value()
			sum += v
		}
		if !r.Rss.Is(sum) {
			t.Errorf("the four parts add up to %d: %+v", sum, r)
		}
		for name, f := range figuretest.All(r) {
			if f.State() != figure.Present {
				t.Errorf("%s is %s", name, f)
			}
		}
		stat, err := parseStat(figuretest.Read(t, dir, "stat"))
		wchan := parseWchan(figuretest.Read(t, dir, "wchan"))
		if err != nil || wchan == "" {
			t.Errorf("it waits in %q, %v", wchan, err)
		}
		if paused {
			state, functions := byte('D'), []string{"__refrigerator", "get_signal"}
			if v2 {
				state, functions = 'S', []string{"do_freezer_trap", "get_signal"}
			}
			if stat.State != state || !slices.Contains(functions, wchan) {
				t.Errorf("frozen, it is in state %c and waits in %s", stat.State, wchan)
			}
		}
	})
}

func TestReadMember(t *testing.T) {
	m, err := ReadMember(os.Getpid())
	if err != nil || m.PID != os.Getpid() || m.PPID != os.Getppid() || m.StatusState != figure.Present ||
		m.WchanState != figure.Present || m.Threads < 1 {
		t.Errorf("%+v, %v", m, err)
	}
	if v, ok := m.Rollup.Rss.Value(); !ok || v == 0 {
		t.Errorf("%+v", m.Rollup)
	}
	if _, err := ReadMember(1 << 30); !errors.Is(err, ErrNoProcess) {
		t.Errorf("an impossible PID: %v", err)
	}
}

func awaitState(t *testing.T, pid int, state byte) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		s, err := ReadStat(pid)
		if err != nil || time.Now().After(end) {
			t.Fatalf("waiting for state %c: %+v, %v", state, s, err)
		}
		if s.State == state {
			return
		}
	}
}

// A zombie has a state and signals, but no memory.
func TestReadZombie(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	cmd.Process.Kill()
	defer cmd.Wait()
	awaitState(t, pid, 'Z')
	m, err := ReadMember(pid)
	if err != nil || m.StatusState != figure.Present || m.VMRSS.State() != figure.Unsupported ||
		m.Rollup != figure.AllWithout[SmapsRollup](figure.Unsupported) {
		t.Errorf("%+v, %v", m, err)
	}
}

// A signal sent to a stopped process is pending for the whole process.
func TestReadPendingSignal(t *testing.T) {
	cmd := exec.Command("sh", "-c", `trap "" HUP; trap : TERM; echo ready; read -r _`)
	proctest.Run(t, cmd)
	m, err := ReadMember(cmd.Process.Pid)
	if err != nil || !m.Ignored.Has(unix.SIGHUP) || !m.Caught.Has(unix.SIGTERM) || m.Caught.Has(unix.SIGHUP) {
		t.Errorf("%+v, %v", m, err)
	}
	cmd.Process.Signal(unix.SIGSTOP)
	awaitState(t, cmd.Process.Pid, 'T')
	cmd.Process.Signal(unix.SIGTERM)
	stopped, err := ReadMember(cmd.Process.Pid)
	cmd.Process.Signal(unix.SIGCONT)
	if err != nil || !stopped.SharedPending.Has(unix.SIGTERM) {
		t.Errorf("sent while stopped: %v, %v", stopped.SharedPending.Signals(), err)
	}
}
