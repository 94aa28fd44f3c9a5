package target

import (
	"bufio"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/proc/proctest"
	"haltscope/compare/rules/prediction"
)

// A process is a wrapper by the system call that its only thread waits in, or by its name where it waits in poll.
func TestWaits(t *testing.T) {
	in := func(call int) []proc.Thread {
		return []proc.Thread{{State: 'S', WaitKnown: true, Call: proc.Syscall{Number: call}}}
	}
	for _, c := range []struct {
		name    string
		process prediction.Process
		want    bool
	}{
		{"wait4", prediction.Process{Name: "app", Program: "app", Threads: in(unix.SYS_WAIT4)}, true},
		{"waitid", prediction.Process{Name: "app", Program: "app", Threads: in(unix.SYS_WAITID)}, true},
		{"sigsuspend", prediction.Process{Name: "sh", Program: "dash", Threads: in(unix.SYS_RT_SIGSUSPEND)}, true},
		{"epoll", prediction.Process{Name: "app", Program: "app", Threads: in(unix.SYS_EPOLL_PWAIT)}, false},
		{"it does something", prediction.Process{Name: "app", Program: "app", Threads: []proc.Thread{{State: 'R'}}}, false},
		{"a thread of several waits", prediction.Process{Name: "app", Program: "app",
			Threads: append(in(unix.SYS_WAIT4), in(unix.SYS_FUTEX)...)}, false},
		{"a supervisor in poll", prediction.Process{Name: "s6-supervise", Program: "s6-supervise", Threads: in(unix.SYS_PPOLL)}, true},
		{"an init that is known", prediction.Process{Name: "sudo", Program: "sudo", Threads: in(unix.SYS_PPOLL)}, true},
	} {
		if got := waits(&c.process); (got != "") != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// A wrapper is there for the first program that it started which is another one than its own.
func TestWraps(t *testing.T) {
	waiting := []proc.Thread{{State: 'S', WaitKnown: true, Call: proc.Syscall{Number: unix.SYS_WAIT4}}}
	shell := prediction.Process{PID: 1, Name: "sh", Program: "dash", Threads: waiting}
	busy := prediction.Process{PID: 1, Name: "app", Program: "app", Threads: []proc.Thread{{State: 'R'}}}
	app := prediction.Process{PID: 2, Parent: 1, Name: "app", Program: "app"}
	sleep := prediction.Process{PID: 3, Parent: 1, Name: "sleep", Program: "coreutils"}
	worker := prediction.Process{PID: 4, Parent: 1, Name: "sh", Program: "dash"}
	for _, c := range []struct {
		name string
		p    prediction.Process
		jobs []prediction.Process
		want string
	}{
		{"a program", shell, []prediction.Process{sleep, worker, app}, "app"},
		{"a sleep alone", shell, []prediction.Process{sleep}, ""},
		{"a copy of it", shell, []prediction.Process{worker}, ""},
		{"nothing", shell, nil, ""},
		{"it does something", busy, []prediction.Process{app}, ""},
	} {
		if got := wraps(&prediction.SignalTarget{First: c.p, Jobs: c.jobs}, &c.p); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A parent that is ending is in the container's PID namespace: what it has started is not of docker exec.
func TestIsOutside(t *testing.T) {
	self := os.Getpid()
	for parent, want := range map[int]bool{0: true, self: false, os.Getppid(): false, 1 << 30: false} {
		if got := isOutside(parent, self); got != want {
			t.Errorf("%d: %t", parent, got)
		}
	}
}

// An applet of busybox's shell is called exe until it has set its name: it is then what its first argument says, and a sleep no program.
func TestReadProcessesApplet(t *testing.T) {
	cmd := exec.Command("/proc/self/exe") // of the child: this test's program
	cmd.Args[0] = "/bin/sleep"
	cmd.Env = append(os.Environ(), proctest.Variable+"="+string(proctest.Waits))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		cmd.Wait()
	}()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	stat, err := proc.ReadStat(cmd.Process.Pid)
	if err != nil || stat.Comm != "exe" {
		t.Fatalf("%q, %v", stat.Comm, err)
	}
	all := ReadProcesses(os.Getpid(), []int{os.Getpid(), cmd.Process.Pid}, 0)
	if len(all) != 2 || all[1].Name != "sleep" || !all[1].Idle {
		t.Errorf("%+v", all)
	}
}
