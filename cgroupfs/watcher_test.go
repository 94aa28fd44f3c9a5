package cgroupfs

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A cgroup is watched without a hold on its first process, too: all is seen but the end of that.
func TestWatcherWithoutProcess(t *testing.T) {
	c := newOwnCgroup(t)
	w, err := NewWatcher(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if s, err := w.Add("a", c.Group, nil); err != nil || !s.Freezer.Frozen.Is(0) || s.Ended != nil {
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
