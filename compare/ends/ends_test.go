package ends

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/rules/verdict"
)

// family is a cgroup that consists of a process and its descendants.
type family int

func (f family) Members() ([]int, error) {
	below, err := proc.Descendants(int(f))
	all := []int{int(f)}
	for _, stat := range below {
		if stat.State != 'Z' {
			all = append(all, stat.PID)
		}
	}
	slices.Sort(all)
	return all, err
}

// shell runs a script, and waits until it has written a line.
func shell(t *testing.T, script string) (first int, input io.WriteCloser) {
	t.Helper()
	command := exec.Command("sh", "-c", script)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unix.Kill(-command.Process.Pid, unix.SIGKILL) // and what the script started
		command.Wait()
	})
	if _, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return command.Process.Pid, input
}

// observe holds the processes of a script, and fails the test if it cannot.
func observe(t *testing.T, first int) *Observer {
	t.Helper()
	o, err := Observe(family(first), first, unix.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// awaitEnd waits until a process has ended.
func awaitEnd(t *testing.T, o *Observer, name string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); o.await(time.Second) {
		for _, h := range o.held {
			if h.Name == name && !h.at.IsZero() {
				return
			}
		}
	}
	t.Fatalf("%s did not end", name)
}

func named(t *testing.T, e *verdict.Ends, name string) verdict.Process {
	t.Helper()
	for _, p := range e.All {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no %s in %+v", name, e.All)
	return verdict.Process{}
}

// A shell kills what it has started, and then ends: that differs from what the end of the shell leaves.
func TestKilledByWrapper(t *testing.T) {
	first, input := shell(t, `sleep 1000 & c=$!; until grep -q sleep /proc/$c/comm; do :; done
		trap 'kill -9 $c; wait $c; read x; exit 3' TERM; echo ready; wait`)
	o := observe(t, first)
	began := time.Now()
	unix.Kill(first, unix.SIGTERM)
	awaitEnd(t, o, "sleep") // the shell waits for its input
	o.Begin()
	io.WriteString(input, "\n")
	if _, err := o.held[0].handle.AwaitEnd(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := o.End(began)
	sleep := named(t, e, "sleep")
	if !sleep.BeforeFirst || sleep.EndedAt == nil || sleep.Parent != first || !sleep.Idle || sleep.Born || sleep.Forked {
		t.Errorf("sleep: %+v", sleep)
	}
	if _, state := o.held[0].status, o.held[0].state; state == figure.Present {
		if sleep.Wait == nil || !sleep.Wait.Signaled() || sleep.Wait.Signal() != unix.SIGKILL {
			t.Errorf("sleep: wait status %v", sleep.Wait)
		}
	}
	if e.Missed != "" {
		t.Errorf("missed: %s", e.Missed)
	}
	if len(e.All) != 2 || e.All[0].PID != first && e.All[1].PID != first {
		t.Errorf("%+v", e.All)
	}
}

// What is known of the processes: who waits, who is a copy of its parent, and what each does with the signal.
func TestObserve(t *testing.T) {
	first, _ := shell(t, `exec 3<&0; (read x) <&3 & sh -c 'trap : TERM; echo ready; read x; echo' <&3 & wait`)
	o := observe(t, first)
	o.Begin()
	e := o.End(time.Now())
	top := e.All[0]
	if top.PID != first || top.Parent != 0 || top.Waits == "" || top.Target == nil || top.Target.Caught {
		t.Errorf("the shell: %+v", top)
	}
	copies, others := 0, 0
	for _, p := range e.All[1:] {
		if p.Parent != first || p.Waits != "" || p.EndedAt != nil {
			t.Errorf("%+v", p)
		}
		if p.Forked {
			copies++
		} else {
			others++
			if p.Target == nil || !p.Target.Caught || !slices.Contains(p.Caught, unix.SIGTERM) {
				t.Errorf("it has a trap: %+v", p)
			}
		}
	}
	if copies != 1 || others != 1 {
		t.Errorf("%d copies and %d others, in %+v", copies, others, e.All)
	}
}

// A process that is born after the command began is found, and is none of the container's programs.
func TestBorn(t *testing.T) {
	first, input := shell(t, `trap 'sleep 1000 & until read -r name <"/proc/$!/comm" && [ "$name" = sleep ]; do :; done
			read y; kill $!; exit 0' TERM
		echo ready; read x`)
	o := observe(t, first)
	unix.Kill(first, unix.SIGTERM)
	for deadline := time.Now().Add(time.Minute); len(o.held) < 2; o.scan(0) {
		if time.Now().After(deadline) {
			t.Fatal("the new process was not found")
		}
	}
	o.Begin()
	io.WriteString(input, "\n\n")
	if _, err := o.held[0].handle.AwaitEnd(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := o.End(time.Now())
	if p := e.All[1]; !p.Born || p.Parent != first || p.EndedAt == nil {
		t.Errorf("%+v", p)
	}
	if p := e.All[0]; p.Born || p.EndedAt == nil {
		t.Errorf("%+v", p)
	}
}

// absent is a cgroup that cannot be read.
type absent struct{ err error }

func (a absent) Members() ([]int, error) { return nil, a.err }

// A cgroup that is gone has no processes; one that cannot be read may have any.
func TestMissed(t *testing.T) {
	for _, c := range []struct {
		err    error
		missed bool
	}{{os.ErrNotExist, false}, {os.ErrPermission, true}} {
		o, err := Observe(absent{c.err}, os.Getpid(), unix.SIGTERM)
		if err != nil {
			t.Fatal(err)
		}
		o.Begin()
		if e := o.End(time.Now()); (e.Missed != "") != c.missed {
			t.Errorf("%v: missed %q", c.err, e.Missed)
		}
	}
}

// A child that is seen between fork and execve is a copy of its parent, and then another program.
func TestExecuted(t *testing.T) {
	first, input := shell(t, `exec 3<&0; (read x <&3; exec sleep 1000) & echo ready; wait`)
	o := observe(t, first)
	if len(o.held) != 2 || !o.held[1].Forked {
		t.Fatalf("%+v", o.held)
	}
	io.WriteString(input, "\n")
	for deadline := time.Now().Add(time.Minute); o.held[1].Name != "sleep" && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		o.scan(0)
	}
	o.Begin()
	if p := named(t, o.End(time.Now()), "sleep"); p.Forked || p.Born || !p.Idle || p.Parent != first {
		t.Errorf("%+v", p)
	}
}

// traced requires the process connector, which only root may have.
func traced(t *testing.T, o *Observer) {
	t.Helper()
	switch {
	case o.births.lost != nil && os.Geteuid() != 0:
		t.Skip("this needs root: ", o.births.lost)
	case o.births.lost != nil:
		t.Fatal(o.births.lost)
	}
}

// A process that is born and killed between two looks at the cgroup is not overlooked, and one that ends by itself is none that was
// killed.
func TestBornAndKilledUnseen(t *testing.T) {
	first, input := shell(t, `exec 3<&0; trap '(true); (kill -9 $(exec sh -c "echo \$PPID")); read y; exit 0' TERM
		echo ready; read x <&3; read x`)
	o := observe(t, first)
	traced(t, o)
	o.group = absent{os.ErrNotExist} // no further look is in time
	o.Begin()
	unix.Kill(first, unix.SIGTERM)
	io.WriteString(input, "\n\n\n")
	if _, err := o.held[0].handle.AwaitEnd(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := o.End(time.Now())
	if len(e.All) != 2 || e.Missed != "" || e.Untraced != "" {
		t.Fatalf("%+v", e)
	}
	p := e.All[1]
	if p.Wait == nil || p.Wait.Signal() != unix.SIGKILL || p.Parent != first || !p.Born || p.EndedAt == nil || p.Name != "sh" || !p.Forked {
		t.Errorf("%+v", p)
	}
}

// A process that is known only by its birth has the name of its parent until it executes a program, or names itself. If it ended too soon
// after that, its name is not known.
func TestNameOfUnseen(t *testing.T) {
	doomed := filepath.Join(t.TempDir(), "doomed")
	if err := os.Symlink("/bin/sh", doomed); err != nil {
		t.Fatal(err)
	}
	first, input := shell(t, `exec 3<&0; sleep 1000 & trap '`+doomed+` -c "read x; kill -9 \$\$" <&3; read y <&3; kill $!; exit 0' TERM
		echo ready; wait`)
	o := observe(t, first)
	traced(t, o)
	o.group = absent{os.ErrNotExist} // no look is in time
	unix.Kill(first, unix.SIGTERM)
	unnamed := func() bool {
		for _, p := range o.births.running {
			if p.name == "doomed" && !p.forked && p.from.PID == first {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(10 * time.Second); unnamed(); o.follow() {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", o.births.running)
		}
		time.Sleep(time.Millisecond)
	}
	o.Begin()
	io.WriteString(input, "\n\n")
	if _, err := o.held[0].handle.AwaitEnd(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := named(t, o.End(time.Now()), "doomed"); p.Forked || p.Parent != first || p.Wait == nil || p.Wait.Signal() != unix.SIGKILL {
		t.Errorf("%+v", p)
	}
}

func TestRename(t *testing.T) {
	from := &held{Process: verdict.Process{PID: 10, Name: "sh"}}
	for name, c := range map[string]struct {
		events []trace.Event
		label  string
		forked bool
	}{
		"born":                  {nil, "sh", true},
		"executed":              {[]trace.Event{{What: trace.Exec, PID: 11, TID: 11, Name: "sleep"}}, "sleep", false},
		"executed and ended":    {[]trace.Event{{What: trace.Exec, PID: 11, TID: 11}}, "child of sh", false},
		"named itself":          {[]trace.Event{{What: trace.Comm, PID: 11, TID: 11, Name: "worker"}}, "worker", true},
		"a thread named itself": {[]trace.Event{{What: trace.Comm, PID: 11, TID: 12, Name: "worker"}}, "sh", true},
		"another process":       {[]trace.Event{{What: trace.Exec, PID: 99, TID: 99, Name: "sleep"}}, "sh", true},
		"executed, named itself": {[]trace.Event{{What: trace.Exec, PID: 11, TID: 11}, {What: trace.Comm, PID: 11, TID: 11, Name: "x"}},
			"x", false},
	} {
		b := &births{running: map[int]*birth{11: {from: from, name: "sh", forked: true}}}
		for _, e := range c.events {
			b.rename(&e, e.What == trace.Exec)
		}
		if p := b.running[11]; p.label() != c.label || p.forked != c.forked {
			t.Errorf("%s: %s, %+v", name, p.label(), p)
		}
	}
}

// On kernels before 6.15 the process connector is how the ends are known of processes whose parents have waited for them.
func TestExitOfHeld(t *testing.T) {
	first, input := shell(t, `exec 3<&0; (exit 137) & sh -c 'read x; exit 3' <&3 & c=$!; echo ready; wait $c; exit 4`)
	o := observe(t, first)
	traced(t, o)
	io.WriteString(input, "\n")
	if _, err := o.held[0].handle.AwaitEnd(t.Context()); err != nil {
		t.Fatal(err)
	}
	unreported := func(h *held) bool { return h.exit == nil }
	for deadline := time.Now().Add(5 * time.Second); slices.ContainsFunc(o.held, unreported) && time.Now().Before(deadline); o.follow() {
		time.Sleep(time.Millisecond)
	}
	late := time.Now()
	for o.await(time.Second) {
	}
	for _, h := range o.held {
		if !h.endedAt().Before(late) {
			t.Errorf("%+v: ended at %v, seen after %v", h.Process, h.endedAt(), late)
		}
		if h.exit == nil || h.state == figure.Present && *h.exit != h.status {
			t.Errorf("%+v: exit %v, wait status %v, lost: %v", h.Process, h.exit, h.status, o.births.lost)
		}
	}
	o.Begin()
	o.End(time.Now())
}
