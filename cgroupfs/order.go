package cgroupfs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Order tells which of two processes ends first. The kernel keeps that: epoll reports in the order in which things happened
// (fs/eventpoll.c, ep_done_scan), however late it is asked.
type Order struct {
	poll          int
	first, second int32 // descriptors
}

// NewOrder begins to watch two processes, which must not be closed before the Order is.
func NewOrder(first, second *Process) (*Order, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("watching processes %d and %d: epoll_create1: %w", first.PID, second.PID, err)
	}
	// Of two that have ended already, the one that is added first is reported first: then nothing is claimed of the first.
	for _, p := range []*Process{second, first} {
		if err := unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, p.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(p.fd)}); err != nil {
			unix.Close(poll)
			return nil, fmt.Errorf("watching process %d: epoll_ctl: %w", p.PID, err)
		}
	}
	return &Order{poll: poll, first: int32(first.fd), second: int32(second.fd)}, nil
}

// Await waits until one of the two has ended. It reports whether the first has ended before the second, and when the end was
// noticed. Which of two ended before the Order was made is not known, and reported as false.
func (o *Order) Await(ctx context.Context) (at time.Time, before bool, err error) {
	events := make([]unix.EpollEvent, 1)
	for {
		n, err := unix.EpollWait(o.poll, events, 200)
		switch {
		case err != nil && !errors.Is(err, unix.EINTR):
			return time.Time{}, false, fmt.Errorf("waiting for the end of a process: epoll_wait: %w", err)
		case n > 0:
			return time.Now(), events[0].Fd == o.first, nil
		case ctx.Err() != nil:
			return time.Time{}, false, context.Cause(ctx)
		}
	}
}

// Close lets go of both.
func (o *Order) Close() { unix.Close(o.poll) }
