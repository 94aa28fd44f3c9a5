package cgroupfs

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// A cgroup can be watched without its main process. Then only the end of that process is not seen.
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
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Minute, errors.New("no change for a minute"))
	defer cancel()
	over := errors.New("over")
	running, stop := context.WithCancelCause(ctx)
	seen := make(chan Sample, 100)
	ended := make(chan error, 1)
	go func() { ended <- w.Run(running, func(_ string, s Sample) { seen <- s }) }()
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
	if s, ok := w.Sample("a"); !ok || s.Ended != nil {
		t.Errorf("%+v, %t", s, ok)
	}
	if _, state := w.WaitStatus("a"); state != figure.NotMeasured {
		t.Errorf("its wait status is %s", state)
	}
	stop(over)
	if err := <-ended; !errors.Is(err, over) {
		t.Error(err)
	}
}

// A container takes few descriptors, even after it was frozen, and leaves none open.
func TestWatcherDescriptors(t *testing.T) {
	open := func() map[string]int { // how many descriptors there are of each file
		t.Helper()
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]int{}
		for _, e := range entries {
			file, err := os.Readlink("/proc/self/fd/" + e.Name())
			if errors.Is(err, os.ErrNotExist) {
				continue // it has been closed
			}
			if err != nil {
				t.Fatal(err)
			}
			all[file]++
		}
		return all
	}
	w, err := NewWatcher(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c := newOwnCgroup(t)
	before := open()
	more := func() (n int) { // a file that the garbage collector closes meanwhile does not count
		for file, now := range open() {
			n += max(0, now-before[file])
		}
		return n
	}
	p, err := proc.OpenProcess(c.sleep.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add("a", c.Group, p, nil); err != nil {
		t.Fatal(err)
	}
	c.freeze(true)
	for deadline := time.Now().Add(time.Minute); ; {
		if s, _ := w.Sample("a"); s.Freezer.Frozen.Is(1) && s.Freezer.Requested.Is(1) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("it is not frozen: %+v", s)
		}
	}
	if n := more(); n > WatchDescriptors {
		t.Errorf("%d descriptors", n)
	}
	w.Remove("a")
	if n := more(); n != 0 {
		t.Errorf("%d descriptors were left open", n)
	}
}

// If there are not enough descriptors for a container, it is not added. Once there are, it is.
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

// An event of a container that was removed is not taken for one of a container that got the same descriptor.
func TestWatcherStaleEvent(t *testing.T) {
	w, err := NewWatcher(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	first, second := newOwnCgroup(t), newOwnCgroup(t)
	open := func(c *ownCgroup) *proc.Process {
		p, err := proc.OpenProcess(c.sleep.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := open(first)
	old := p.FD()
	if _, err := w.Add("first", first.Group, p, nil); err != nil {
		t.Fatal(err)
	}
	first.end()
	events := make([]unix.EpollEvent, 8)
	n, err := unix.EpollWait(w.epoll, events, 60_000)
	if err != nil || n == 0 {
		t.Fatalf("no event at the end of a process: %d, %v", n, err)
	}
	w.Remove("first")
	// The kernel gives out the lowest free descriptor.
	for p = open(second); p.FD() != old; p = open(second) {
		if p.FD() > old {
			t.Skip("the descriptor is in use")
		}
		defer p.Close()
	}
	if _, err := w.Add("second", second.Group, p, nil); err != nil {
		t.Fatal(err)
	}
	for _, e := range events[:n] {
		w.handle(numberOf(e), func(key string, _ Sample) { t.Errorf("an event of %s", key) })
	}
	second.end()
	for deadline := time.Now().Add(time.Minute); ; {
		seen := false
		n, err := unix.EpollWait(w.epoll, events, 1000)
		if err != nil && !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
		for _, e := range events[:max(n, 0)] {
			w.handle(numberOf(e), func(key string, s Sample) { seen = seen || key == "second" && s.Ended != nil })
		}
		if seen {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the end of the second one was not seen")
		}
	}
}

// Orphaned is set if the parent of the main process ends before the main process, and not if it ends later.
func TestOrphaned(t *testing.T) {
	for name, first := range map[string]int{"the parent first": 0, "the process first": 1} {
		t.Run(name, func(t *testing.T) {
			w, err := NewWatcher(time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			// The first is the parent, the second the main process.
			var processes [2]*proc.Process
			var cmds [2]*exec.Cmd
			for i := range processes {
				cmds[i] = exec.Command("sleep", "600")
				if err := cmds[i].Start(); err != nil {
					t.Fatal(err)
				}
				defer cmds[i].Process.Kill()
				if processes[i], err = proc.OpenProcess(cmds[i].Process.Pid); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.Add("a", newOwnCgroup(t).Group, processes[1], processes[0]); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			seen := make(chan Sample, 10)
			go w.Run(ctx, func(_ string, s Sample) { seen <- s })
			cmds[first].Process.Kill()
			cmds[first].Wait()
			<-seen
			cmds[1-first].Process.Kill()
			cmds[1-first].Wait()
			var last Sample
			for last.Ended == nil || first == 1 && len(seen) > 0 {
				select {
				case last = <-seen:
				case <-ctx.Done():
					t.Fatal(context.Cause(ctx))
				}
			}
			if orphaned := last.Orphaned != nil; orphaned != (first == 0) {
				t.Errorf("orphaned: %t", orphaned)
			}
		})
	}
}
