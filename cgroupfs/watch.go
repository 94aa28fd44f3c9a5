package cgroupfs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Change is how a cgroup stood once it had changed.
type Change struct {
	At time.Time
	// Frozen is 1 while freezing is complete, Populated 1 while the cgroup has a live process. Both are Vanished when
	// the cgroup is gone, which is the last change.
	Frozen, Populated Figure
}

const (
	// v1 notifies nobody: it is looked at each millisecond at first, and less often the longer nothing changes.
	v1Interval    = time.Millisecond
	v1MaxInterval = 20 * time.Millisecond
	// goneInterval is how often an empty v2 cgroup is looked at: its emptiness is notified, its removal is not.
	goneInterval = 100 * time.Millisecond
)

// Watch calls see with the cgroup's freezer and emptiness as they are now, and again at each change, until see returns
// false, the cgroup is gone, or ctx ends, whose cause it returns.
//
// v2 notifies pollers of cgroup.events (cgroup-v2.rst, "cgroup.events"); of changes that undo each other before that is
// read, none is seen. v1 is read again and again, and a change is seen late by at most 20 ms, or by 2 % of the time since the
// one before; there the processes of cgroups below do not count.
func (g *Group) Watch(ctx context.Context, see func(Change) bool) error {
	var last Change
	first := true
	look := func(c Change) (more bool) {
		changed := first || c.Frozen != last.Frozen || c.Populated != last.Populated
		first, last = false, c
		return (!changed || see(c)) && c.Frozen.State() != Vanished
	}
	if g.Version == 2 {
		return g.watchV2(ctx, look)
	}
	return g.watchV1(ctx, look)
}

func (g *Group) watchV2(ctx context.Context, look func(Change) bool) error {
	// A file of its own: a change counts as seen for an open file once that file is read, by whomever.
	events := file{in: g.freezer.state.in, name: "cgroup.events"}
	defer events.close()
	// The end of ctx wakes the poll through this one.
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("watching %s: eventfd: %w", g.Path, err)
	}
	defer unix.Close(wake)
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		unix.Write(wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		close(woken)
	})
	defer func() {
		if !stop() {
			<-woken
		}
	}()
	buf := make([]byte, 256)
	for {
		data, state := events.read(buf)
		e := without[Events](state)
		if state == Present {
			e = parseEvents(data)
		}
		if state != Present && state != Vanished {
			return fmt.Errorf("watching %s: %s", events.path(), state)
		}
		if !look(Change{time.Now(), e.Frozen, e.Populated}) {
			return nil
		}
		timeout := -1
		if e.Populated.Is(0) {
			timeout = int(goneInterval.Milliseconds())
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

func (g *Group) watchV1(ctx context.Context, look func(Change) bool) error {
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
		c.Populated = procs.filled(buf)
		if s := c.Frozen.State(); s != Present && s != Vanished {
			return fmt.Errorf("watching %s: %s", state.path(), s)
		}
		if !look(c) {
			return nil
		}
		if c.Frozen != last.Frozen || c.Populated != last.Populated {
			last = c
		}
		timer.Reset(v1Pause(c.At.Sub(last.At)))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// v1Pause is how long to wait before v1 is looked at again, once nothing has changed for some time.
func v1Pause(unchanged time.Duration) time.Duration {
	return min(max(unchanged/50, v1Interval), v1MaxInterval)
}

// AwaitFrozen waits until the cgroup's freezer is frozen (or, with want false, thawed) and says when that was seen.
func (g *Group) AwaitFrozen(ctx context.Context, want bool) (time.Time, error) {
	target := Number(0)
	if want {
		target = Number(1)
	}
	var at time.Time
	err := g.Watch(ctx, func(c Change) bool {
		if c.Frozen == target {
			at = c.At
		}
		return at.IsZero()
	})
	if err == nil && at.IsZero() {
		err = fmt.Errorf("the cgroup %s is gone", g.Path)
	}
	return at, err
}

// AwaitEmpty waits until the cgroup has no live process, or is gone, and says when that was seen. On v1 those of cgroups
// below do not count.
func (g *Group) AwaitEmpty(ctx context.Context) (at time.Time, err error) {
	err = g.Watch(ctx, func(c Change) bool {
		if c.Populated.Is(0) || c.Populated.State() == Vanished {
			at = c.At
		}
		return at.IsZero()
	})
	if err == nil && at.IsZero() {
		at = time.Now() // gone
	}
	return at, err
}
