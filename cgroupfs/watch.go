package cgroupfs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Change is the state of a cgroup after it has changed.
type Change struct {
	At time.Time
	// Frozen is 1 while freezing is complete, and Populated is 1 while the cgroup has a live process. In the last change,
	// when the cgroup is gone, both are [figure.Vanished].
	Frozen, Populated figure.Figure
}

const (
	// v1MinInterval and v1MaxInterval bound the polling interval on cgroup v1, which has no notifications. It grows with
	// the time for which nothing has changed.
	v1MinInterval = time.Millisecond
	v1MaxInterval = 20 * time.Millisecond
	// emptyInterval is the polling interval for an empty v2 cgroup, whose removal the kernel does not notify.
	emptyInterval = 100 * time.Millisecond
)

// Watch calls seen with the current state of the cgroup, and again after each change, until seen returns false, the cgroup
// is gone, or ctx ends. In the last case it returns the cause.
//
// v2 notifies those who poll cgroup.events (cgroup-v2.rst, "cgroup.events"). Changes that are undone before the file is read
// are not seen. v1 is polled, so that a change is seen late: by 2 % of the time since the one before, and by 20 ms at most.
func (g *Group) Watch(ctx context.Context, seen func(Change) bool) error {
	var last Change
	first := true
	next := func(c Change) (more bool) {
		changed := first || c.Frozen != last.Frozen || c.Populated != last.Populated
		first, last = false, c
		return (!changed || seen(c)) && c.Frozen.State() != figure.Vanished
	}
	if g.Version == 2 {
		return g.watchV2(ctx, next)
	}
	return g.watchV1(ctx, next)
}

func (g *Group) watchV2(ctx context.Context, next func(Change) bool) error {
	// This needs a file of its own: reading an open file consumes its notification.
	events := file{in: g.freezer.state.in, name: "cgroup.events"}
	defer events.close()
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("watching %s: eventfd: %w", g.Path, err)
	}
	defer unix.Close(wake)
	defer wakeWhenDone(ctx, wake)()
	buf := make([]byte, 256)
	for {
		data, state := events.read(buf)
		e := figure.AllWithout[Events](state)
		if state == figure.Present {
			e = parseEvents(data)
		}
		if state != figure.Present && state != figure.Vanished {
			return fmt.Errorf("watching %s: %s", events.path(), state)
		}
		if !next(Change{time.Now(), e.Frozen, e.Populated}) {
			return nil
		}
		timeout := -1
		if e.Populated.Is(0) {
			timeout = int(emptyInterval.Milliseconds())
		}
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(events.fd), Events: unix.POLLPRI}, {Fd: int32(wake), Events: unix.POLLIN}}, timeout)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("watching %s: poll: %w", events.path(), err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// wakeWhenDone writes to an eventfd when ctx ends. Call stop before closing the eventfd.
func wakeWhenDone(ctx context.Context, eventfd int) (stop func()) {
	written := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		unix.Write(eventfd, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		close(written)
	})
	return func() {
		if !cancel() {
			<-written
		}
	}
}

func (g *Group) watchV1(ctx context.Context, next func(Change) bool) error {
	state := file{in: g.freezer.state.in, name: "freezer.state"}
	procs := file{in: g.freezer.state.in, name: "cgroup.procs"}
	defer state.close()
	defer procs.close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	buf := make([]byte, 64)
	var last Change
	for {
		c := Change{At: time.Now(), Frozen: state.parsed(buf, parseFreezerState)}
		c.Populated = g.populatedV1(&procs, buf)
		if s := c.Frozen.State(); s != figure.Present && s != figure.Vanished {
			return fmt.Errorf("watching %s: %s", state.path(), s)
		}
		if !next(c) {
			return nil
		}
		if c.Frozen != last.Frozen || c.Populated != last.Populated {
			last = c
		}
		timer.Reset(v1Interval(c.At.Sub(last.At)))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// populatedV1 returns 1 if the v1 cgroup, or one below it, has a process, as cgroup.events has it on v2. procs is its own list.
func (g *Group) populatedV1(procs *file, buf []byte) figure.Figure {
	own := procs.nonEmpty(buf)
	if !own.Is(0) {
		return own
	}
	pids, err := members(procs.in.path)
	switch {
	case err != nil && !procs.in.exists():
		return figure.Without(figure.Vanished)
	case err != nil && len(pids) == 0:
		return figure.Without(figure.Failed)
	}
	return figure.Number(uint64(min(len(pids), 1)))
}

// v1Interval returns how long to wait before polling v1 again, given for how long nothing has changed.
func v1Interval(unchanged time.Duration) time.Duration {
	return min(max(unchanged/50, v1MinInterval), v1MaxInterval)
}

// AwaitFrozen waits until freezing is complete or, if frozen is false, until the cgroup is thawed. It returns the time at
// which that was seen, and an error if the cgroup is gone.
func (g *Group) AwaitFrozen(ctx context.Context, frozen bool) (time.Time, error) {
	want := figure.Number(0)
	if frozen {
		want = figure.Number(1)
	}
	var at time.Time
	err := g.Watch(ctx, func(c Change) bool {
		if c.Frozen == want {
			at = c.At
		}
		return at.IsZero()
	})
	if err == nil && at.IsZero() {
		err = fmt.Errorf("the cgroup %s is gone", g.Path)
	}
	return at, err
}

// AwaitEmpty waits until neither the cgroup nor one below it has a live process, or it is gone, and returns the time at which that
// was seen.
func (g *Group) AwaitEmpty(ctx context.Context) (at time.Time, err error) {
	err = g.Watch(ctx, func(c Change) bool {
		if c.Populated.Is(0) || c.Populated.State() == figure.Vanished {
			at = c.At
		}
		return at.IsZero()
	})
	if err == nil && at.IsZero() {
		at = time.Now() // gone
	}
	return at, err
}
