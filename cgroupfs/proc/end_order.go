package proc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// EndOrder reports which of two processes ends first. The kernel keeps the order: however late epoll is asked, it reports
// events in the order in which they happened. Source: fs/eventpoll.c, ep_done_scan.
type EndOrder struct {
	epoll int
	first int32 // pidfd
}

// NewEndOrder starts to watch two processes. They must stay open until the EndOrder is closed.
func NewEndOrder(first, second *Process) (*EndOrder, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("watching processes %d and %d: epoll_create1: %w", first.PID, second.PID, err)
	}
	// If both have ended already, epoll reports them in the order in which they are added here. The second one comes first, so
	// that nothing is claimed about the first.
	for _, p := range []*Process{second, first} {
		if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, p.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(p.fd)}); err != nil {
			unix.Close(epoll)
			return nil, fmt.Errorf("watching process %d: epoll_ctl: %w", p.PID, err)
		}
	}
	return &EndOrder{epoll: epoll, first: int32(first.fd)}, nil
}

// Await waits until one of the two processes has ended. It returns when that was noticed, and whether the first process
// ended before the second. If both ended before [NewEndOrder], the order is unknown, and firstEnded is false.
func (o *EndOrder) Await(ctx context.Context) (at time.Time, firstEnded bool, err error) {
	events := make([]unix.EpollEvent, 1)
	for {
		n, err := unix.EpollWait(o.epoll, events, 200)
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

// Close stops watching. It does not close the processes.
func (o *EndOrder) Close() { unix.Close(o.epoll) }
