package cgroupfs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// Watcher follows many containers in one loop. It sees the end of a container's main process, by its pidfd. On cgroup v2 it
// also sees the freezer and the OOM killer, because the kernel notifies those who poll cgroup.events and memory.events
// (cgroup-v2.rst). v1 has no such notifications: it is polled, and changes that are undone in between are not seen.
type Watcher struct {
	// Interval is the polling interval on v1. It is longer if one round of polling takes more than a 200th of it.
	Interval time.Duration

	mu         sync.Mutex // for everything below, and for the groups' files
	epoll      int
	wake       int // eventfd
	containers map[string]*watched
	sources    map[uint64]source // what epoll reports on, by the number in the event
	nextNumber uint64
	buf        []byte
	closed     bool
}

// source is a descriptor of a container that epoll reports on. Unlike a descriptor, its number is never used again: an event
// may be handled after its descriptor was closed, and opened again for another container.
type source struct {
	of *watched
	fd int
}

// watched is one container.
type watched struct {
	key     string
	group   *Group
	process *proc.Process // main process, or nil
	parent  *proc.Process // of the main process, which has to wait for it; or nil
	// The watcher needs files of its own: reading an open file consumes its notification.
	events, memory file
	numbers        []uint64 // of its sources
	last           Sample
}

// WatchDescriptors is how many descriptors a watched container takes at most: the main process, its parent, the folder, and
// two files.
const WatchDescriptors = 5

// NewWatcher returns a watcher without containers. The interval is for v1 only.
func NewWatcher(interval time.Duration) (*Watcher, error) {
	w := &Watcher{Interval: interval, containers: map[string]*watched{}, sources: map[uint64]source{}, buf: make([]byte, bufferSize)}
	var err error
	if w.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("watching cgroups: epoll_create1: %w", err)
	}
	if w.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		unix.Close(w.epoll)
		return nil, fmt.Errorf("watching cgroups: eventfd: %w", err)
	}
	if err := w.listen(w.wake, unix.EPOLLIN, nil); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// listen makes epoll report on a descriptor of a container, or of none.
func (w *Watcher) listen(fd int, events uint32, of *watched) error {
	number := w.nextNumber
	// Fd and Pad are what the kernel calls data, which it returns as it is.
	event := unix.EpollEvent{Events: events, Fd: int32(number), Pad: int32(number >> 32)}
	if err := unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		return fmt.Errorf("watching cgroups: epoll_ctl: %w", err)
	}
	w.nextNumber++
	if of != nil {
		w.sources[number] = source{of, fd}
		of.numbers = append(of.numbers, number)
	}
	return nil
}

// numberOf returns the number that listen has put in an event.
func numberOf(e unix.EpollEvent) uint64 { return uint64(uint32(e.Pad))<<32 | uint64(uint32(e.Fd)) }

// Add watches a container under a key, and returns its first sample. The process is the container's main process, and parent
// is the parent of that; both may be nil. The watcher closes all three when the container is removed, or if Add fails. A
// container that has the same key is removed.
func (w *Watcher) Add(key string, g *Group, process, parent *proc.Process) (Sample, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(key)
	c := &watched{key: key, group: g, process: process, parent: parent}
	w.containers[key] = c
	if err := w.listenAll(c); err != nil {
		w.remove(key)
		return Sample{}, err
	}
	sample := w.sample(c)
	for _, f := range []*file{&g.freezer.state, &g.v1.oomControl, &c.events, &c.memory} {
		if Exhausted(f.err) {
			err := fmt.Errorf("watching cgroups: opening %s: %w", f.path(), f.err)
			w.remove(key)
			return Sample{}, err
		}
	}
	return sample, nil
}

func (w *Watcher) listenAll(c *watched) error {
	for _, p := range []*proc.Process{c.process, c.parent} {
		if p == nil {
			continue
		}
		if err := w.listen(p.FD(), unix.EPOLLIN, c); err != nil {
			return err
		}
	}
	if c.group.Version != 2 {
		return nil
	}
	c.events = file{in: c.group.freezer.state.in, name: "cgroup.events"}
	c.memory = file{in: c.group.freezer.state.in, name: "memory.events"}
	for _, f := range []*file{&c.events, &c.memory} {
		// Reading it consumes notifications of the past. A missing file, such as memory.events without the memory controller,
		// is not watched.
		if _, state := f.read(w.buf); state != figure.Present {
			continue
		}
		if err := w.listen(f.fd, unix.EPOLLPRI, c); err != nil {
			return err
		}
	}
	return nil
}

// Remove stops to watch a container, if there is one under that key.
func (w *Watcher) Remove(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(key)
}

func (w *Watcher) remove(key string) {
	c, ok := w.containers[key]
	if !ok {
		return
	}
	delete(w.containers, key)
	for _, number := range c.numbers {
		w.ignore(w.sources[number].fd)
		delete(w.sources, number)
	}
	if c.group.Version == 2 {
		c.events.close()
		c.memory.close()
	}
	c.group.Close()
	for _, p := range []*proc.Process{c.process, c.parent} {
		if p != nil {
			p.Close()
		}
	}
}

// ignore makes epoll stop reporting on a descriptor, if it still does.
func (w *Watcher) ignore(fd int) { unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// Sample takes a sample of a container now. It returns false if there is none under that key.
func (w *Watcher) Sample(key string) (Sample, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.containers[key]
	if !ok {
		return Sample{}, false
	}
	return w.sample(c), true
}

// Members lists the PIDs of the processes of a container.
func (w *Watcher) Members(key string) ([]int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.containers[key]
	if !ok {
		return nil, fmt.Errorf("container %s is not watched", key)
	}
	return c.group.Members()
}

// FrozenBelow returns the frozen cgroups below a container's, and the version of cgroups. See [Group.FrozenBelow].
func (w *Watcher) FrozenBelow(key string) (found []FrozenBelow, version int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.containers[key]
	if !ok {
		return nil, 0, fmt.Errorf("container %s is not watched", key)
	}
	found, err = c.group.FrozenBelow()
	return found, c.group.Version, err
}

// WaitStatus returns how the main process of a container has ended. See [proc.Process.WaitStatus].
func (w *Watcher) WaitStatus(key string) (unix.WaitStatus, figure.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.containers[key]
	if !ok || c.process == nil {
		return 0, figure.NotMeasured
	}
	return c.process.WaitStatus()
}

// Run calls changed after each change, until ctx ends, and returns the cause.
func (w *Watcher) Run(ctx context.Context, changed func(key string, s Sample)) error {
	defer wakeWhenDone(ctx, w.wake)()
	events := make([]unix.EpollEvent, 128)
	due := time.Now().Add(w.Interval)
	for {
		timeout := int(max(0, time.Until(due)).Milliseconds()) + 1
		n, err := unix.EpollWait(w.epoll, events, timeout)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("watching cgroups: epoll_wait: %w", err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for _, e := range events[:max(n, 0)] {
			w.handle(numberOf(e), changed)
		}
		if time.Now().After(due) {
			took := w.pollV1(changed)
			due = time.Now().Add(max(w.Interval, 200*took))
		}
	}
}

// handle handles an event of the source with that number: it takes a sample of the container.
func (w *Watcher) handle(number uint64, changed func(string, Sample)) {
	w.mu.Lock()
	from, ok := w.sources[number]
	if !ok {
		w.mu.Unlock()
		return // removed in the meantime
	}
	c := from.of
	switch {
	case c.process != nil && from.fd == c.process.FD():
		w.ignore(from.fd) // it stays readable
	case c.parent != nil && from.fd == c.parent.FD():
		w.ignore(from.fd)
		// If the parent has waited for the process, its event comes after that of the process, because epoll reports events in
		// the order in which they happened (fs/eventpoll.c, ep_done_scan).
		if c.last.Ended == nil {
			at := time.Now()
			c.last.Orphaned = &at
		}
	default:
		for _, f := range []*file{&c.events, &c.memory} {
			if _, state := f.read(w.buf); state != figure.Present && f.opened && f.err == nil && f.fd == from.fd {
				w.ignore(from.fd) // the cgroup is gone
			}
		}
	}
	sample := w.sample(c)
	w.mu.Unlock()
	changed(c.key, sample)
}

// pollV1 reads the files of all containers on v1, and returns how long that took.
func (w *Watcher) pollV1(changed func(string, Sample)) time.Duration {
	started := time.Now()
	samples := map[string]Sample{}
	w.mu.Lock()
	for key, c := range w.containers {
		if c.group.Version == 2 {
			continue
		}
		frozen := c.group.freezer.state.parsed(w.buf, parseFreezerState)
		kills := c.group.v1.oomControl.parsed(w.buf, parseOOMKill)
		if frozen != c.last.Freezer.Frozen || kills != c.last.OOMKill && kills.State() == figure.Present {
			samples[key] = w.sample(c)
		}
	}
	w.mu.Unlock()
	took := time.Since(started)
	for key, s := range samples {
		changed(key, s)
	}
	return took
}

// Close removes all containers and closes the watcher.
func (w *Watcher) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.closed = true
	for key := range w.containers {
		w.remove(key)
	}
	unix.Close(w.wake)
	unix.Close(w.epoll)
}
