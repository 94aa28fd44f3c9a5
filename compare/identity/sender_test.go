package identity

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// senderOf follows signals, has one sent to a process, and returns who sent it.
func senderOf(t *testing.T, send func(target int)) document.Actor {
	t.Helper()
	tap, err := trace.OpenSignals()
	var unsupported *trace.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	target := exec.Command("sleep", "1000")
	if err := target.Start(); err != nil {
		t.Fatal(err)
	}
	r := NewReader(host(t), nil)
	found, ended := make(chan document.Actor, 100), make(chan error)
	go func() {
		ended <- tap.Run(func(s trace.Signal) {
			if s.Target == target.Process.Pid {
				found <- r.Sender(&s)
			}
		})
	}()
	defer func() {
		if err := errors.Join(tap.Stop(), <-ended, tap.Close()); err != nil {
			t.Error(err)
		}
		target.Process.Kill()
		target.Wait()
	}()
	send(target.Process.Pid)
	select {
	case a := <-found:
		return a
	case <-time.After(20 * time.Second):
		t.Fatal("nobody sent a signal")
	}
	return document.Actor{}
}

// A command that has ended is named, and so is what started it.
func TestSenderGone(t *testing.T) {
	for range 20 {
		var pid int
		a := senderOf(t, func(target int) {
			kill := exec.Command("kill", "-TERM", strconv.Itoa(target))
			if err := kill.Run(); err != nil {
				t.Fatal(err)
			}
			pid = kill.Process.Pid
		})
		if name, ok := a.Command.Get(); !ok || name != "kill" || a.PID != pid {
			t.Errorf("%s, pid %d: %+v", name, pid, a)
		}
		if len(a.Parents) == 0 || a.Parents[0].PID != os.Getpid() {
			t.Errorf("parents %+v", a.Parents)
		}
		if user, ok := a.User.Get(); ok && user == "" || !ok && a.User.Reason() != value.Vanished {
			t.Errorf("user: %+v", a.User)
		}
		if a.Container.Reason() != value.Unsupported {
			t.Errorf("container: %+v", a.Container)
		}
	}
}

// A sender that has ended has the login of its parent, which it inherits. Its user may be another: see setpriv(1).
func TestSenderGoneLogin(t *testing.T) {
	self, err := proc.ReadStat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(host(t), nil)
	parent := r.Read(self.PID)
	a := r.Sender(&trace.Signal{Sender: trace.Ancestor{PID: 1 << 30, Name: "kill"},
		Parents: []trace.Ancestor{{PID: self.PID, Name: self.Comm}}})
	if a.LoginUser != parent.LoginUser || a.Session != parent.Session || len(a.Parents) == 0 || a.Parents[0].PID != self.PID {
		t.Errorf("%+v, and its parent is %+v", a, parent)
	}
	if a.User.Reason() != value.Vanished {
		t.Errorf("user: %+v", a.User)
	}
}

func TestSenderLiving(t *testing.T) {
	a := senderOf(t, func(target int) {
		if err := unix.Kill(target, unix.SIGTERM); err != nil {
			t.Fatal(err)
		}
	})
	if a.PID != os.Getpid() || a.Command.Reason() != "" {
		t.Errorf("%+v", a)
	}
}

// A sender that has ended, and of which the kernel's events say nothing, is not taken for the process that has its PID now.
func TestSenderPIDUsedAgain(t *testing.T) {
	r := NewReader(host(t), nil)
	s := trace.Signal{Sender: trace.Ancestor{PID: os.Getpid(), Name: "another"}, Parents: []trace.Ancestor{{PID: 1 << 30}}}
	a := r.Sender(&s)
	if name, _ := a.Command.Get(); name != "another" {
		t.Errorf("%+v", a)
	}
	for name, m := range map[string]value.Maybe[string]{"user": a.User, "container": a.Container, "unit": a.Unit} {
		if m.Reason() != value.Vanished {
			t.Errorf("%s: %+v", name, m)
		}
	}
}
