package cgroupfs

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A cgroup is watched without a hold on its first process, too: all is seen but the end of that.
func TestWatcherWithoutProcess(t *testing.T) {
	c := newOwnCgroup(t)
	w, err := NewWatcher(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if s, err := w.Add("a", c.Group, nil, nil); err != nil || !s.Freezer.Frozen.Is(0) || s.Ended != nil {
		t.Fatalf("%+v, %v", s, err)
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Minute, errors.New("nothing was seen for a minute"))
	defer cancel()
	over := errors.New("over")
	running, stop := context.WithCancelCause(ctx)
	seen := make(chan Sight, 100)
	ended := make(chan error, 1)
	go func() { ended <- w.Run(running, func(_ string, s Sight) { seen <- s }) }()
	until := func(frozen uint64) {
		for {
			select {
			case s := <-seen:
				if s.Freezer.Frozen.Is(frozen) {
					return
				}
			case <-ctx.Done():
				t.Fatal(context.Cause(ctx))
			}
		}
	}
	c.freeze(true)
	until(1)
	c.freeze(false)
	until(0)
	c.end()
	if s, ok := w.Look("a"); !ok || s.Ended != nil {
		t.Errorf("%+v, %t", s, ok)
	}
	if _, state := w.WaitStatus("a"); state != NotMeasured {
		t.Errorf("how it ended is %s", state)
	}
	stop(over)
	if err := <-ended; !errors.Is(err, over) {
		t.Error(err)
	}
}

// A container takes few descriptors, also after it was frozen, and none is left of it.
func TestWatcherDescriptors(t *testing.T) {
	open := func() int {
		t.Helper()
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	w, err := NewWatcher(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c := newOwnCgroup(t)
	before := open()
	p, err := OpenProcess(c.sleep.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add("a", c.Group, p, nil); err != nil {
		t.Fatal(err)
	}
	c.freeze(true)
	for deadline := time.Now().Add(time.Minute); ; {
		if s, _ := w.Look("a"); s.Freezer.Frozen.Is(1) && s.Freezer.Requested.Is(1) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("it does not freeze: %+v", s)
		}
	}
	if n := open() - before; n > WatchDescriptors {
		t.Errorf("%d descriptors", n)
	}
	w.Remove("a")
	if n := open() - before; n != 0 {
		t.Errorf("%d descriptors are left", n)
	}
}

// Without a descriptor left a container is not taken over half; once there are some, it is.
func TestWatcherExhausted(t *testing.T) {
	w, err := NewWatcher(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c := newOwnCgroup(t)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 3
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	_, err = w.Add("a", c.Group, nil, nil)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if !Exhausted(err) {
		t.Errorf("%v", err)
	}
	again := newOwnCgroup(t)
	again.Group.folders[0].err = unix.EMFILE
	if s, err := w.Add("a", again.Group, nil, nil); err != nil || !s.Freezer.Frozen.Is(0) {
		t.Errorf("%+v, %v", s, err)
	}
}

// What epoll has told of one container is not taken for another's, which has got the same descriptors meanwhile.
func TestWatcherStaleEvent(t *testing.T) {
	w, err := NewWatcher(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	first, second := newOwnCgroup(t), newOwnCgroup(t)
	hold := func(c *ownCgroup) *Process {
		p, err := OpenProcess(c.sleep.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := hold(first)
	old := p.fd
	if _, err := w.Add("first", first.Group, p, nil); err != nil {
		t.Fatal(err)
	}
	first.end()
	events := make([]unix.EpollEvent, 8)
	n, err := unix.EpollWait(w.poll, events, 60_000)
	if err != nil || n == 0 {
		t.Fatalf("nothing is told of the end of a process: %d, %v", n, err)
	}
	w.Remove("first")
	// The lowest descriptor that is free is the one that is opened next.
	for p = hold(second); p.fd != old; p = hold(second) {
		if p.fd > old {
			t.Skip("the descriptor is taken")
		}
		defer p.Close()
	}
	if _, err := w.Add("second", second.Group, p, nil); err != nil {
		t.Fatal(err)
	}
	for _, e := range events[:n] {
		w.notified(numberOf(e), func(key string, _ Sight) { t.Errorf("told of %s", key) })
	}
	second.end()
	for deadline := time.Now().Add(time.Minute); ; {
		seen := false
		n, err := unix.EpollWait(w.poll, events, 1000)
		if err != nil && !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
		for _, e := range events[:max(n, 0)] {
			w.notified(numberOf(e), func(key string, s Sight) { seen = seen || key == "second" && s.Ended != nil })
		}
		if seen {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the end of the second was not told")
		}
	}
}

// TestOrphaned: where the parent of the first process ends before it, that is seen; where it ends after it, it is not.
func TestOrphaned(t *testing.T) {
	for name, first := range map[string]int{"the parent first": 0, "the process first": 1} {
		t.Run(name, func(t *testing.T) {
			w, err := NewWatcher(time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			var both [2]*Process // the parent, and the process
			var cmds [2]*exec.Cmd
			for i := range both {
				cmds[i] = exec.Command("sleep", "600")
				if err := cmds[i].Start(); err != nil {
					t.Fatal(err)
				}
				defer cmds[i].Process.Kill()
				if both[i], err = OpenProcess(cmds[i].Process.Pid); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.Add("a", newOwnCgroup(t).Group, both[1], both[0]); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			seen := make(chan Sight, 10)
			go w.Run(ctx, func(_ string, s Sight) { seen <- s })
			cmds[first].Process.Kill()
			cmds[first].Wait()
			<-seen
			cmds[1-first].Process.Kill()
			cmds[1-first].Wait()
			var last Sight
			for last.Ended == nil || first == 1 && len(seen) > 0 {
				select {
				case last = <-seen:
				case <-ctx.Done():
					t.Fatal(context.Cause(ctx))
				}
			}
			if orphaned := last.Orphaned != nil; orphaned != (first == 0) {
				t.Errorf("its parent was seen to have ended before it: %t", orphaned)
			}
		})
	}
}
