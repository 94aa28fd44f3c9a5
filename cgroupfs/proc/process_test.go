package proc

import (
	"context"
	"errors"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc/proctest"
)

// The end of a real process is noticed, and a process that has ended cannot be opened.
func TestProcess(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p, err := OpenProcess(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := p.AwaitEnd(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it has not ended: %v", err)
	}
	if _, state := p.WaitStatus(); state == figure.Present {
		t.Error("a running process has a wait status")
	}
	if err := p.Signal(unix.SIGTERM); err != nil {
		t.Error(err)
	}
	if _, err := p.AwaitEnd(context.Background()); err != nil {
		t.Error(err)
	}
	// Every kernel shows it until the parent has waited.
	if status, state := p.WaitStatus(); state != figure.Present || !status.Signaled() || status.Signal() != unix.SIGTERM {
		t.Errorf("wait status of a zombie: %#x, %s", status, state)
	}
	cmd.Wait()
	switch status, state := p.WaitStatus(); state {
	case figure.Present:
		if !status.Signaled() || status.Signal() != unix.SIGTERM {
			t.Errorf("wait status %#x", status)
		}
	case figure.Unsupported, figure.NotMeasured, figure.Vanished: // before Linux 6.15
	default:
		t.Errorf("wait status: %s", state)
	}
	if _, err := OpenProcess(cmd.Process.Pid); !errors.Is(err, ErrNoProcess) {
		t.Errorf("a process that has ended: %v", err)
	}
}

// A process whose first thread ended before the others has, by its pidfd, the status that wait(2) returns, and not that of the thread.
func TestWaitStatusOfFirstThread(t *testing.T) {
	cmd := proctest.Start(t, proctest.FirstThreadEnds)
	p, err := OpenProcess(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // its error is how it ended
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != unix.SIGKILL {
		t.Fatalf("wait: %#x", status)
	}
	if status, state := p.WaitStatus(); state == figure.Present && status.Signal() != unix.SIGKILL {
		t.Errorf("wait status %#x", uint32(status))
	}
}
