package cgroupfs

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestParseExecStart(t *testing.T) {
	for text, want := range map[string]Figure{
		"nginx (4242, #threads: 1)\n---\nse.exec_start                                :       2551752.848000\nse.vruntime : 1.2\n": Number(2551752848000),
		"se.exec_start : 0.000000\n": Number(0),
		"se.exec_start : x\n":        Without(Failed),
		"se.exec_start : 1.2\n":      Without(Failed),
		"se.exec_start : -1.000000":  Without(Failed),
		"se.exec_start":              Without(Unsupported),
		"":                           Without(Unsupported),
	} {
		if got := parseExecStart([]byte(text)); got != want {
			t.Errorf("%q: %s, wanted %s", text, got, want)
		}
	}
}

// A process that sleeps has not run since it began to: the time is ours to compare with.
func TestStoodStill(t *testing.T) {
	if _, err := os.Stat("/proc/self/sched"); err != nil {
		t.Skip("this kernel has no /proc/PID/sched")
	}
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	for !sleeps(t, cmd.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	time.Sleep(300 * time.Millisecond)
	got, ok := stoodStill([]int{cmd.Process.Pid}).Value()
	passed := uint64(time.Since(began).Microseconds())
	// What a CPU loses to its hypervisor is missing; what lies before we looked is too much.
	if !ok || got < 100_000 || got > passed+300_000 {
		t.Errorf("it has stood still for %d µs, and we have waited %d µs", got, passed)
	}
	if f := stoodStill([]int{cmd.Process.Pid, os.Getpid()}); f.State() != Present {
		t.Errorf("%s", f)
	}
	if f := FrozenFor([]int{cmd.Process.Pid}); f.State() != Unsupported {
		t.Errorf("a process that sleeps is not frozen: %s", f)
	}
	if f := FrozenFor(nil); f.State() != Unsupported {
		t.Errorf("of nothing: %s", f)
	}
}

// One visit to a CPU serves many processes; between visits its clock goes on.
func TestCPUClocks(t *testing.T) {
	visits := 0
	c := cpuClocks{reads: map[int]clockRead{}, visit: func(cpu int) Figure {
		visits++
		if cpu == 9 {
			return Without(NotMeasured)
		}
		return Number(1000)
	}}
	first := c.read(0)
	for c.read(0) == first {
		time.Sleep(time.Microsecond)
	}
	for range 10 {
		if got := c.read(9); got.State() != NotMeasured {
			t.Errorf("%s", got)
		}
	}
	if visits != 2 {
		t.Errorf("%d visits to 2 CPUs", visits)
	}
	c.reads[0] = clockRead{Number(5), time.Now().Add(-2 * clockAge)}
	if v, ok := c.read(0).Value(); !ok || v < 1000 || visits != 3 {
		t.Errorf("%d after %d visits", v, visits)
	}
}

// No thread goes where this process may not run.
func TestVisitCPU(t *testing.T) {
	shared := sharedCPUs()
	if len(shared) == 0 {
		t.Skip("all CPUs of ours are set apart")
	}
	if f := visitCPU(shared[0], time.Minute); f.State() == NotMeasured || f.State() == Failed {
		t.Errorf("CPU %d: %s", shared[0], f)
	}
	if f := visitCPU(shared[len(shared)-1]+1, time.Minute); f.State() != NotMeasured {
		t.Errorf("a CPU that is not ours: %s", f)
	}
}

func sleeps(t *testing.T, pid int) bool {
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
		if s := parseExecStart(data).State(); s != Present && s != Failed && s != Unsupported {
			t.Error(s)
		}
	})
}
