package target

import (
	"os"
	"os/exec"
	"path/filepath"
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
	applet := prediction.Process{PID: 5, Parent: 1, Name: "busybox", Program: "busybox", Applet: "sleep"}
	worker := prediction.Process{PID: 4, Parent: 1, Name: "sh", Program: "dash"}
	for _, c := range []struct {
		name string
		p    prediction.Process
		jobs []prediction.Process
		want string
	}{
		{"a program", shell, []prediction.Process{sleep, worker, app}, "app"},
		{"a sleep alone", shell, []prediction.Process{sleep}, ""},
		{"a sleep of busybox", shell, []prediction.Process{applet}, ""},
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

// An applet of busybox's shell is called exe until it has set its name: it is then what its first argument says. One that is run as an
// argument of busybox is called busybox. A sleep is no program in either case.
func TestReadProcessesApplet(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	busybox := filepath.Join(t.TempDir(), "busybox")
	if err := os.Symlink(self, busybox); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path      string // what is executed: of the child, /proc/self/exe is this test's program
		arguments []string
		comm      string
		name      string
	}{
		{"/proc/self/exe", []string{"/bin/sleep"}, "exe", "sleep"},
		{busybox, []string{"/bin/busybox", "sleep", "1000"}, "busybox", "busybox"},
	} {
		t.Run(c.comm, func(t *testing.T) {
			pid := startApplet(t, c.path, c.arguments)
			stat, err := proc.ReadStat(pid)
			if err != nil || stat.Comm != c.comm {
				t.Fatalf("%q, %v", stat.Comm, err)
			}
			all, err := ReadProcesses(os.Getpid(), []int{os.Getpid(), pid}, 0)
			if err != nil || len(all) != 2 || all[1].Name != c.name || !all[1].Idle {
				t.Errorf("%+v, %v", all, err)
			}
		})
	}
}

// startApplet runs this test's program as one that waits until the test ends, and returns its pid.
func startApplet(t *testing.T, path string, arguments []string) int {
	t.Helper()
	cmd := exec.Command(path)
	cmd.Args = arguments
	cmd.Env = append(os.Environ(), proctest.Variable+"="+string(proctest.Waits))
	proctest.Run(t, cmd)
	return cmd.Process.Pid
}
