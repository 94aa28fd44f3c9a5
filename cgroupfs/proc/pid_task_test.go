package proc

import (
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A process with one thread that sleeps for a long time.
func TestReadThreads(t *testing.T) {
	sleep := exec.Command("sleep", "1000")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	threads, err := ReadThreads(sleep.Process.Pid)
	for end := time.Now().Add(10 * time.Second); err == nil && (threads[0].State != 'S' || !threads[0].WaitKnown) && time.Now().Before(end); {
		time.Sleep(time.Millisecond) // it is starting
		threads, err = ReadThreads(sleep.Process.Pid)
	}
	if err != nil || len(threads) != 1 || threads[0].TID != sleep.Process.Pid {
		t.Fatalf("%+v, %v", threads, err)
	}
	if threads[0].WaitsFor != nil || threads[0].NoTimeout || !threads[0].WaitKnown || threads[0].WaitUnread {
		t.Errorf("%+v", threads[0])
	}
	if name := Exe(sleep.Process.Pid); name != "sleep" && name != "coreutils" {
		t.Errorf("exe %q", name)
	}
	if fds, err := ReadSignalFDs(sleep.Process.Pid); err != nil || len(fds) != 0 {
		t.Errorf("%v, %v", fds, err)
	}
	if _, err := ReadGo(sleep.Process.Pid); err == nil {
		t.Error("sleep was taken for a Go program")
	}
}

// Only a wait that nothing but a signal can end lasts for sure.
func TestWakes(t *testing.T) {
	private := Syscall{Number: unix.SYS_FUTEX}
	private.Args[1] = 128 // FUTEX_WAIT | FUTEX_PRIVATE_FLAG
	suspended := Syscall{Number: unix.SYS_RT_SIGSUSPEND}
	for name, c := range map[string]struct {
		call Syscall
		want bool
	}{
		"read": {Syscall{Number: unix.SYS_READ}, true}, "accept": {Syscall{Number: unix.SYS_ACCEPT}, true},
		"wait4": {Syscall{Number: unix.SYS_WAIT4}, true}, "a shared futex": {Syscall{Number: unix.SYS_FUTEX}, true},
		"a private futex": {private, false}, "sigsuspend": {suspended, false},
	} {
		if wakes(c.call) != c.want || !waitsForever(c.call) {
			t.Errorf("%s: %t", name, !c.want)
		}
	}
}
