package cgroupfs

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A real cgroup that is frozen, thawed, emptied and removed: each is told, in order, and nothing else.
func TestWatch(t *testing.T) {
	c := newOwnCgroup(t)
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Minute, errors.New("nothing was told for a minute"))
	defer cancel()
	changes, ended := make(chan Change), make(chan error, 1)
	go func() {
		ended <- c.Watch(ctx, func(change Change) bool {
			changes <- change
			return true
		})
		close(changes)
	}()
	gone := Without(Vanished)
	for _, step := range []struct {
		name              string
		do                func()
		frozen, populated Figure
	}{
		{"as it is", func() {}, Number(0), Number(1)},
		{"frozen", func() { c.freeze(true) }, Number(1), Number(1)},
		{"thawed", func() { c.freeze(false) }, Number(0), Number(1)},
		{"frozen again", func() { c.freeze(true) }, Number(1), Number(1)},
		{"thawed again", func() { c.freeze(false) }, Number(0), Number(1)},
		{"emptied", c.end, Number(0), Number(0)},
		{"removed", c.remove, gone, gone},
	} {
		step.do()
		if change := <-changes; change.Frozen != step.frozen || change.Populated != step.populated || change.At.IsZero() {
			t.Fatalf("%s: told frozen %s, populated %s", step.name, change.Frozen, change.Populated)
		}
	}
	if change, more := <-changes; more {
		t.Errorf("told of a change of what is gone: %+v", change)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// AwaitFrozen returns at once where there is nothing to wait for, and with the cause where ctx ends.
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
		t.Errorf("wanted %v, got %v", over, err)
	}
	c.end()
	c.remove()
	if _, err := c.AwaitFrozen(context.Background(), true); err == nil {
		t.Error("a cgroup that is gone is frozen")
	}
}

// AwaitEmpty waits for the end of what is in the cgroup, returns at once where nothing is, and where the cgroup is gone.
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

// v1 is polled often while a change is likely, and less often later: 10 s take a few hundred looks, not ten thousand.
func TestV1Pause(t *testing.T) {
	looks, soon := 0, 0
	for passed := time.Duration(0); passed < 10*time.Second; passed += v1Pause(passed) {
		if pause := v1Pause(passed); pause > max(v1Interval, passed/50) {
			t.Errorf("after %s a change may be seen %s late", passed, pause)
		}
		looks++
		if passed < 20*time.Millisecond {
			soon++
		}
	}
	if looks > 700 || soon < 20 {
		t.Errorf("%d looks, %d of them in the first 20 ms", looks, soon)
	}
}
