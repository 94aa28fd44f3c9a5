package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	rules "haltscope/compare/rules/prediction"
)

// TestDetachAdviceWorks detaches the tracer of a process, as it is advised.
func TestDetachAdviceWorks(t *testing.T) {
	t.Parallel()
	p := newPatient(t, rules.Detach, "handles")
	p.await(t, "handle the signal", func(p *patient) bool { return p.outcome == "graceful" })
	pid := p.pid(t)
	runtime.LockOSThread() // the tracer is a thread
	defer runtime.UnlockOSThread()
	if err := unix.PtraceSeize(pid); err != nil {
		t.Fatalf("tracing process %d: %v", pid, err)
	}
	if err := unix.PtraceInterrupt(pid); err != nil {
		t.Fatalf("interrupting process %d: %v", pid, err)
	}
	p.await(t, "be advised", (*patient).examined)
	if err := unix.PtraceDetach(pid); err != nil {
		t.Fatalf("detaching from process %d: %v", pid, err)
	}
	p.stopsWell(t)
}

// TestHostAdviceWorks runs what is to be pasted into a shell on the host.
func TestHostAdviceWorks(t *testing.T) {
	t.Parallel()
	t.Run("thaw", func(t *testing.T) {
		p := newPatient(t, rules.Thaw, "handles")
		p.await(t, "handle the signal", func(p *patient) bool { return p.outcome == "graceful" })
		dir, err := findFreezer(p.name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { setFreezer(dir, "thaw") }) // which fails if its cgroup is gone
		if err := setFreezer(dir, "freeze"); err != nil {
			t.Fatal(err)
		}
		p.await(t, "be advised", (*patient).examined)
		p.paste(t)
		p.stopsWell(t)
	})
	t.Run("host-kill", func(t *testing.T) {
		p := newPatient(t, rules.HostKill, "leader")
		p.await(t, "be advised", (*patient).examined)
		p.paste(t)
		if out, err := dockerCmd("wait", p.name).Output(); err != nil || strings.TrimSpace(string(out)) != "0" {
			t.Errorf("%q, pasted: docker wait: %s, %v", p.line, out, err)
		}
	})
}

// TestLookAgainAdviceWorks looks again, as it is advised for a young program only. A container of its own is young whenever it is
// looked at, however busy the machine is.
func TestLookAgainAdviceWorks(t *testing.T) {
	if lab() {
		t.Skip("haltscope-test/inits is not in the lab")
	}
	t.Parallel()
	p := runPatient(t, rules.LookAgain, "haltscope-test/inits",
		script("dash", "until [ -e /go ]; do sleep 0.2; done; exec /habits handles")...)
	p.await(t, "be advised", (*patient).examined)
	mustDocker(t, "exec", p.name, "touch", "/go")
	p.stopsWell(t)
}

// newPatient runs a container with a habit.
func newPatient(t *testing.T, change rules.Change, habit string) *patient {
	t.Helper()
	return runPatient(t, change, "haltscope-test/habits", "/habits", habit)
}

func runPatient(t *testing.T, change rules.Change, image string, command ...string) *patient {
	t.Helper()
	p := &patient{name: fmt.Sprintf("haltscope-advice-%d-%s", os.Getpid(), change), remedy: remedy{change: change}}
	removed(t, p.name)
	mustDocker(t, append([]string{"run", "--detach", "--name", p.name, "--network", "host", image}, command...)...)
	return p
}

func (p *patient) await(t *testing.T, what string, done func(*patient) bool) {
	t.Helper()
	patients{p}.await(t, what, done)
	if p.failed {
		t.FailNow()
	}
}

// pid returns the pid of the first process.
func (p *patient) pid(t *testing.T) int {
	t.Helper()
	out, err := dockerCmd("inspect", "--format", "{{.State.Pid}}", p.name).Output()
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// paste runs the command of the advice in a shell of the host.
func (p *patient) paste(t *testing.T) {
	t.Helper()
	command := adviceLines[p.change].FindStringSubmatch(p.line)[1]
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
}

// stopsWell checks that the stop is graceful.
func (p *patient) stopsWell(t *testing.T) {
	t.Helper()
	p.await(t, "be as promised", func(p *patient) bool { return p.outcome == "graceful" })
	if verdict := (patients{p}).stop(t, "60")[0]; verdict != "graceful" {
		t.Errorf("%q, followed: %s", p.line, verdict)
	}
}
