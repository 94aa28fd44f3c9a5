package trace

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// followed collects the signals of a tap.
type followed struct {
	tap *Signals
	mu  sync.Mutex
	all []Signal
}

func follow(t testing.TB) *followed {
	t.Helper()
	tap, err := OpenSignals()
	var unsupported *UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	f := &followed{tap: tap}
	ended := make(chan error)
	go func() { ended <- tap.Run(f.add) }()
	t.Cleanup(func() {
		if err := tap.Stop(); err != nil {
			t.Error(err)
		}
		if err := errors.Join(<-ended, tap.Close()); err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *followed) add(s Signal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, s)
}

// await waits for a signal to a process.
func (f *followed) await(t *testing.T, target int, signal unix.Signal) Signal {
	t.Helper()
	return f.awaitAny(t, func(s *Signal) bool { return s.Target == target && s.Signal == signal })
}

// awaitAny waits for a signal.
func (f *followed) awaitAny(t *testing.T, is func(*Signal) bool) Signal {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		f.mu.Lock()
		for i := range f.all {
			if is(&f.all[i]) {
				s := f.all[i]
				f.mu.Unlock()
				return s
			}
		}
		f.mu.Unlock()
	}
	t.Fatal("the signal was not reported")
	return Signal{}
}

func start(t *testing.T, name string, arguments ...string) int {
	t.Helper()
	command := exec.Command(name, arguments...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	return command.Process.Pid
}

// The kernel names who sent a signal, whether that lives on or not.
func TestSender(t *testing.T) {
	f := follow(t)
	before := Now()
	own := start(t, "sleep", "1000")
	if err := unix.Kill(own, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s := f.await(t, own, unix.SIGTERM)
	if s.Code != User || s.Sender.PID != os.Getpid() || !s.Group || s.Result != Delivered || s.TargetName == "" || s.At < before ||
		s.At > Now() {
		t.Errorf("from this process: %+v", s)
	}

	by := exec.Command("kill", "-KILL", itoa(start(t, "sleep", "1000")))
	target := mustPID(t, by.Args[2])
	if err := by.Run(); err != nil {
		t.Fatal(err)
	}
	s = f.await(t, target, unix.SIGKILL)
	if s.Code != User || s.Sender != (Ancestor{by.Process.Pid, "kill"}) || len(s.Parents) == 0 || s.Parents[0].PID != os.Getpid() {
		t.Errorf("from kill(1), which has ended: %+v", s)
	}

	shell := exec.Command("sh", "-c", `kill -TERM $$; exec sleep 1000`)
	if err := shell.Run(); err == nil {
		t.Fatal("the shell has not ended by its own signal")
	}
	if s = f.await(t, shell.Process.Pid, unix.SIGTERM); s.TargetParent != os.Getpid() || s.Sender != (Ancestor{shell.Process.Pid, "sh"}) {
		t.Errorf("from itself: %+v", s)
	}
}

// faultVariable makes the test binary do something impossible, as a process of its own.
const faultVariable = "HALTSCOPE_TEST_FAULT"

// fault reads from memory that is not there.
func fault() {
	debug.SetTraceback("crash") // Go's handler ends the program by a signal then
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		os.Exit(1)
	}
	os.Exit(int(page[0]))
}

// What a program does wrong comes from itself, with a code that says what; a signal that it sends itself has the code of a process.
func TestFault(t *testing.T) {
	f := follow(t)
	sends := exec.Command("sh", "-c", `kill -SEGV $$`)
	if err := sends.Run(); err == nil {
		t.Fatal("it has not ended by a signal")
	}
	if s := f.await(t, sends.Process.Pid, unix.SIGSEGV); s.Code != User || !s.ByProcess() {
		t.Errorf("by kill(2): %+v", s)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	faults := exec.Command(self)
	faults.Env = append(os.Environ(), faultVariable+"=1")
	if err := faults.Run(); err == nil {
		t.Fatal("it has not failed")
	}
	s := f.awaitFrom(t, faults.Process.Pid, unix.SIGSEGV)
	if s.Code <= User || s.Group || s.ByProcess() {
		t.Errorf("a fault: %+v", s)
	}
}

// awaitFrom waits for a signal from a process to one of its threads.
func (f *followed) awaitFrom(t *testing.T, sender int, signal unix.Signal) Signal {
	t.Helper()
	return f.awaitAny(t, func(s *Signal) bool { return s.Sender.PID == sender && s.Signal == signal })
}

// Signals that nobody asked about are left out in the kernel.
func TestFilter(t *testing.T) {
	f := follow(t)
	pid := start(t, "sleep", "1000")
	for range 100 { // each ends, and the kernel sends SIGCHLD
		if err := exec.Command("true").Run(); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Kill(pid, unix.SIGWINCH); err != nil { // it is httpd's stop signal
		t.Fatal(err)
	}
	f.await(t, pid, unix.SIGWINCH)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.all {
		if s.Signal == unix.SIGCHLD || s.Signal == unix.SIGURG && s.Code != User {
			t.Errorf("%+v", s)
		}
	}
}

// Nothing is invented in a burst: what is not reported is counted as lost. If the reader is held up, the buffer is full before the burst
// ends, and its last signal is lost as well.
func TestBurst(t *testing.T) {
	for name, heldUp := range map[string]bool{"the reader runs": false, "the reader is held up": true} {
		t.Run(name, func(t *testing.T) {
			f := follow(t)
			pid := start(t, "sleep", "1000")
			onOneCPU(t) // so that one buffer has all signals, in their order
			if heldUp {
				f.mu.Lock()
			}
			const sent = 20_000
			for range sent {
				if err := unix.Kill(pid, unix.SIGWINCH); err != nil { // which sleep ignores
					t.Error(err)
					break
				}
			}
			if heldUp {
				f.mu.Unlock()
			}
			f.mark(t, pid, unix.SIGURG)
			f.mark(t, pid, unix.SIGCONT) // the kernel reports a loss with the next record that has room, at the same time or just after it
			f.mu.Lock()
			defer f.mu.Unlock()
			reported := 0
			for i, s := range f.all {
				if s.Target == pid && s.Signal == unix.SIGWINCH {
					reported++
				}
				if i > 0 && s.At < f.all[i-1].At {
					t.Errorf("%v after %v", s.At, f.all[i-1].At)
				}
			}
			lost := f.tap.Lost()
			if reported > sent || reported+int(lost) < sent || heldUp && lost == 0 {
				t.Errorf("%d of %d reported, %d lost", reported, sent, lost)
			}
		})
	}
}

// mark sends a signal to a process again and again, until one of them is reported: while the buffer is full, they are lost.
func (f *followed) mark(t *testing.T, target int, signal unix.Signal) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if err := unix.Kill(target, signal); err != nil {
			t.Fatal(err)
		}
		f.mu.Lock()
		seen := slices.ContainsFunc(f.all, func(s Signal) bool { return s.Target == target && s.Signal == signal })
		f.mu.Unlock()
		if seen {
			return
		}
	}
	t.Fatalf("no signal %d to process %d", signal, target)
}

// onOneCPU keeps this test on one CPU until it ends.
func onOneCPU(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	for cpu := 0; one.Count() == 0; cpu++ {
		if before.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.SchedSetaffinity(0, &before); err != nil {
			t.Error(err)
			return // the thread ends with the test
		}
		runtime.UnlockOSThread()
	})
}

func itoa(n int) string { return strconv.Itoa(n) }

func mustPID(t *testing.T, text string) int {
	t.Helper()
	pid, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
