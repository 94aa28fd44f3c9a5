package cgroupfs

import (
	"context"
	"errors"
	"testing"
	"time"

	"haltscope/cgroupfs/figure"
)

// A real cgroup is frozen, thawed, emptied and removed. Each change is reported once, in order.
func TestWatch(t *testing.T) {
	c := newOwnCgroup(t)
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Minute, errors.New("no change for a minute"))
	defer cancel()
	changes, ended := make(chan Change), make(chan error, 1)
	go func() {
		ended <- c.Watch(ctx, func(change Change) bool {
			changes <- change
			return true
		})
		close(changes)
	}()
	gone := figure.Without(figure.Vanished)
	for _, step := range []struct {
		name              string
		do                func()
		frozen, populated figure.Figure
	}{
		{"at first", func() {}, figure.Number(0), figure.Number(1)},
		{"frozen", func() { c.freeze(true) }, figure.Number(1), figure.Number(1)},
		{"thawed", func() { c.freeze(false) }, figure.Number(0), figure.Number(1)},
		{"frozen again", func() { c.freeze(true) }, figure.Number(1), figure.Number(1)},
		{"thawed again", func() { c.freeze(false) }, figure.Number(0), figure.Number(1)},
		{"emptied", c.end, figure.Number(0), figure.Number(0)},
		{"removed", c.remove, gone, gone},
	} {
		step.do()
		if change := <-changes; change.Frozen != step.frozen || change.Populated != step.populated || change.At.IsZero() {
			t.Fatalf("%s: frozen %s, populated %s", step.name, change.Frozen, change.Populated)
		}
	}
	if change, more := <-changes; more {
		t.Errorf("a change after the cgroup is gone: %+v", change)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// AwaitFrozen returns at once if there is nothing to wait for, and returns the cause if its context ends.
func TestAwaitFrozen(t *testing.T) {
	c := newOwnCgroup(t)
	for _, want := range []bool{false, true, true, false} {
		c.freeze(want)
		if at, err := c.AwaitFrozen(context.Background(), want); err != nil || at.IsZero() {
			t.Errorf("frozen %t: %s, %v", want, at, err)
		}
	}
	over := errors.New("over")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(10*time.Millisecond, func() { cancel(over) })
	if _, err := c.AwaitFrozen(ctx, true); !errors.Is(err, over) {
		t.Errorf("want %v, got %v", over, err)
	}
	c.end()
	c.remove()
	if _, err := c.AwaitFrozen(context.Background(), true); err == nil {
		t.Error("no error, although the cgroup is gone")
	}
}

// AwaitEmpty waits for the last process to end. It returns at once if there is none, and if the cgroup is gone.
func TestAwaitEmpty(t *testing.T) {
	c := newOwnCgroup(t)
	over := errors.New("over")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(over)
	if _, err := c.AwaitEmpty(ctx); !errors.Is(err, over) {
		t.Errorf("with a process in it: %v", err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := c.AwaitEmpty(context.Background())
		ended <- err
	}()
	c.end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, change := range []func(){func() {}, c.remove} {
		change()
		if at, err := c.AwaitEmpty(context.Background()); err != nil || at.IsZero() {
			t.Errorf("%s, %v", at, err)
		}
	}
}

// v1 is polled often while a change is likely, and less often later: in 10 s a few hundred times, not ten thousand.
func TestV1Interval(t *testing.T) {
	polls, soon := 0, 0
	for passed := time.Duration(0); passed < 10*time.Second; passed += v1Interval(passed) {
		if interval := v1Interval(passed); interval > max(v1MinInterval, passed/50) {
			t.Errorf("after %s a change may be seen %s late", passed, interval)
		}
		polls++
		if passed < 20*time.Millisecond {
			soon++
		}
	}
	if polls > 700 || soon < 20 {
		t.Errorf("%d polls, %d of them in the first 20 ms", polls, soon)
	}
}
