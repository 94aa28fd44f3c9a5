package proc

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"haltscope/cgroupfs/figure"
)

func TestParseExecStart(t *testing.T) {
	for text, want := range map[string]figure.Figure{
		"nginx (4242, #threads: 1)\n---\nse.exec_start               :   2551752.848000\nse.vruntime : 1.2\n": figure.Number(2551752848000),
		"se.exec_start : 0.000000\n": figure.Number(0),
		"se.exec_start : x\n":        figure.Without(figure.Failed),
		"se.exec_start : 1.2\n":      figure.Without(figure.Failed),
		"se.exec_start : -1.000000":  figure.Without(figure.Failed),
		"se.exec_start":              figure.Without(figure.Unsupported),
		"":                           figure.Without(figure.Unsupported),
	} {
		if got := parseExecStart([]byte(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// A process that sleeps has not run since it went to sleep, which this test measures as well.
func TestLongestIdle(t *testing.T) {
	if _, err := os.Stat("/proc/self/sched"); err != nil {
		t.Skip("this kernel has no /proc/PID/sched")
	}
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	for !isAsleep(t, cmd.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	time.Sleep(300 * time.Millisecond)
	got, ok := longestIdle([]int{cmd.Process.Pid}).Value()
	passed := uint64(time.Since(began).Microseconds())
	// Time that the CPU lost to its hypervisor is missing; time before we noticed the sleep is too much.
	if !ok || got < 100_000 || got > passed+300_000 {
		t.Errorf("idle for %d µs, while we waited %d µs", got, passed)
	}
	if f := longestIdle([]int{cmd.Process.Pid, os.Getpid()}); f.State() != figure.Present {
		t.Errorf("%s", f)
	}
	if f := FrozenFor([]int{cmd.Process.Pid}); f.State() != figure.Unsupported {
		t.Errorf("a sleeping process is not frozen: %s", f)
	}
	if f := FrozenFor(nil); f.State() != figure.Unsupported {
		t.Errorf("no process: %s", f)
	}
}

func isAsleep(t *testing.T, pid int) bool {
	t.Helper()
	stat, err := ReadStat(pid)
	if err != nil {
		t.Fatal(err)
	}
	return stat.State == 'S' && stat.Comm == "sleep"
}

func FuzzParseExecStart(f *testing.F) {
	f.Add([]byte("se.exec_start                                :       2551752.848000\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s := parseExecStart(data).State(); s != figure.Present && s != figure.Failed && s != figure.Unsupported {
			t.Error(s)
		}
	})
}
