package cgroupfs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Sight is how a container stood when a [Watcher] looked at it.
type Sight struct {
	At      time.Time
	Freezer Freezer
	OOMKill Figure // how many processes the OOM killer has killed in all
	Memory  Figure // all that is charged to it, in bytes
	// Limit and Peak of its memory, in bytes, as they were when OOMKill last rose or the first process ended; or as the
	// container was added.
	Limit, Peak Figure
	// Ended is when the first process was seen to have ended; nil while it lives.
	Ended *time.Time
	// Orphaned is when its parent, which is to wait for it, was seen to have ended, where that was before it; else nil.
	Orphaned *time.Time
}

// Watcher sees changes of many containers at once, in one loop: on cgroup v2 the freezer and the OOM killer, which
// notify pollers of cgroup.events and memory.events (cgroup-v2.rst), and everywhere the end of the first process, by its
// pidfd. v1 notifies nobody of its freezer: there each is read at an interval, and what is undone in between is not seen.
type Watcher struct {
	// Interval is how often v1's files are read; more seldom where reading them takes longer than a 200th of it.
	Interval time.Duration

	mu    sync.Mutex // for all below, and for the groups' files
	poll  int        // epoll
	wake  int        // eventfd
	all   map[string]*watched
	heard map[uint64]source // the files that epoll tells of, by the number that it tells
	next  uint64            // number
	buf   []byte
	ended bool
}

// source is a file of a container that epoll tells of. It has a number that is never given to another, unlike its
// descriptor: an event may be read after the descriptor was closed, and opened again for another container.
type source struct {
	of *watched
	fd int
}

// watched is one container.
type watched struct {
	key     string
	group   *Group
	process *Process
	parent  *Process // of the process, which is to wait for it; may be nil
	// Files of our own: a change counts as seen for an open file once that file is read, by whomever.
	events, memory file
	numbers        []uint64 // of its sources
	last           Sight
}

// WatchDescriptors is how many descriptors a watched container takes at most: its process, the parent of that, its folder,
// and two files.
const WatchDescriptors = 5

// NewWatcher makes a watcher. Close it.
func NewWatcher(interval time.Duration) (*Watcher, error) {
	w := &Watcher{Interval: interval, all: map[string]*watched{}, heard: map[uint64]source{}, buf: make([]byte, bufferSize)}
	var err error
	if w.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("watching cgroups: epoll_create1: %w", err)
	}
	if w.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		unix.Close(w.poll)
		return nil, fmt.Errorf("watching cgroups: eventfd: %w", err)
	}
	if err := w.listen(w.wake, unix.EPOLLIN, nil); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// listen has epoll tell of a file, of a container or of none.
func (w *Watcher) listen(fd int, events uint32, of *watched) error {
	number := w.next
	// The two halves are what the kernel calls data, and does not look at.
	err := unix.EpollCtl(w.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(number), Pad: int32(number >> 32)})
	if err != nil {
		return fmt.Errorf("watching cgroups: epoll_ctl: %w", err)
	}
	w.next++
	if of != nil {
		w.heard[number] = source{of, fd}
		of.numbers = append(of.numbers, number)
	}
	return nil
}

// numberOf is the number that listen has given.
func numberOf(e unix.EpollEvent) uint64 { return uint64(uint32(e.Pad))<<32 | uint64(uint32(e.Fd)) }

// Add takes over a container under a key, with its first process and that one's parent, which may be nil, and returns how
// it stands. Another one under the same key is removed.
func (w *Watcher) Add(key string, g *Group, p, parent *Process) (Sight, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(key)
	s := &watched{key: key, group: g, process: p, parent: parent}
	w.all[key] = s
	var err error
	if p != nil {
		err = w.listen(p.fd, unix.EPOLLIN, s)
	}
	if parent != nil && err == nil {
		err = w.listen(parent.fd, unix.EPOLLIN, s)
	}
	if g.Version == 2 {
		s.events = file{in: g.freezer.state.in, name: "cgroup.events"}
		s.memory = file{in: g.freezer.state.in, name: "memory.events"}
		for _, f := range []*file{&s.events, &s.memory} {
			// Read once, so that what comes is news. One that is not there, such as memory.events without the controller, is
			// not waited for.
			if _, state := f.read(w.buf); state == Present && err == nil {
				err = w.listen(f.fd, unix.EPOLLPRI, s)
			}
		}
	}
	if err != nil {
		w.remove(key)
		return Sight{}, err
	}
	sight := w.look(s)
	for _, f := range []*file{&g.freezer.state, &g.v1.oomControl, &s.events, &s.memory} {
		if Exhausted(f.err) {
			err = fmt.Errorf("watching cgroups: opening %s: %w", f.path(), f.err)
			w.remove(key)
			return Sight{}, err
		}
	}
	return sight, nil
}

// Remove lets go of a container, if it is there.
func (w *Watcher) Remove(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(key)
}

func (w *Watcher) remove(key string) {
	s, ok := w.all[key]
	if !ok {
		return
	}
	delete(w.all, key)
	for _, number := range s.numbers {
		unix.EpollCtl(w.poll, unix.EPOLL_CTL_DEL, w.heard[number].fd, nil)
		delete(w.heard, number)
	}
	if s.group.Version == 2 {
		s.events.close()
		s.memory.close()
	}
	s.group.Close()
	for _, p := range []*Process{s.process, s.parent} {
		if p != nil {
			p.Close()
		}
	}
}

// Look looks at a container now. False where there is none under that key.
func (w *Watcher) Look(key string) (Sight, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.all[key]
	if !ok {
		return Sight{}, false
	}
	return w.look(s), true
}

// Members lists the processes of a container.
func (w *Watcher) Members(key string) ([]int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.all[key]
	if !ok {
		return nil, fmt.Errorf("no container %s is watched", key)
	}
	return s.group.Members()
}

// WaitStatus is how the first process of a container ended, once it has.
func (w *Watcher) WaitStatus(key string) (unix.WaitStatus, State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.all[key]
	if !ok || s.process == nil {
		return 0, NotMeasured
	}
	return s.process.WaitStatus()
}

// look takes a sight and keeps what later ones are compared with.
func (w *Watcher) look(s *watched) Sight {
	now := Sight{At: time.Now(), Ended: s.last.Ended, Orphaned: s.last.Orphaned, Limit: s.last.Limit, Peak: s.last.Peak}
	now.Freezer, _ = s.group.freezer.read(w.buf, s.group.Version)
	if s.group.Version == 2 {
		now.OOMKill = s.group.v2.memoryEvents.parsed(w.buf, parseOOMKill)
		now.Memory = s.group.v2.memoryCurrent.figure(w.buf)
	} else {
		now.OOMKill = s.group.v1.oomControl.parsed(w.buf, parseOOMKill)
		now.Memory = s.group.v1.usage.figure(w.buf)
	}
	if s.last.OOMKill.State() == Present && now.OOMKill.State() != Present {
		now.OOMKill = s.last.OOMKill // the cgroup is gone: its count stays what it was
	}
	if now.Ended == nil && s.process != nil && s.process.Ended() {
		now.Ended = &now.At
	}
	if now.OOMKill != s.last.OOMKill || now.Ended != s.last.Ended {
		w.bounds(s, &now)
	}
	if s.group.Version == 2 {
		s.group.restBut() // it has files of its own
	} else {
		s.group.restBut(&s.group.freezer.state, &s.group.v1.oomControl)
	}
	s.last = now
	return now
}

// bounds reads the limit and the peak of the memory. A cgroup that is gone keeps the limit it had; how far it came since
// is not known.
func (w *Watcher) bounds(s *watched, now *Sight) {
	if s.group.Version == 2 {
		now.Limit, now.Peak = s.group.v2.memoryMax.figure(w.buf), s.group.v2.memoryPeak.figure(w.buf)
	} else {
		now.Limit, now.Peak = limitV1(s.group.v1.limit.figure(w.buf)), s.group.v1.maxUsage.figure(w.buf)
	}
	if now.Limit.State() == Vanished && s.last.Limit.State() != NotMeasured {
		now.Limit = s.last.Limit
	}
}

// Run calls see at each change, until ctx ends, whose cause it returns.
func (w *Watcher) Run(ctx context.Context, see func(key string, s Sight)) error {
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		unix.Write(w.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		close(woken)
	})
	defer func() {
		if !stop() {
			<-woken // before who called closes what it writes to
		}
	}()
	events := make([]unix.EpollEvent, 128)
	due := time.Now().Add(w.Interval)
	for {
		timeout := int(max(0, time.Until(due)).Milliseconds()) + 1
		n, err := unix.EpollWait(w.poll, events, timeout)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("watching cgroups: epoll_wait: %w", err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for _, e := range events[:max(n, 0)] {
			w.notified(numberOf(e), see)
		}
		if time.Now().After(due) {
			took := w.sweep(see)
			due = time.Now().Add(max(w.Interval, 200*took))
		}
	}
}

// notified looks at the container that a file belongs to, by the file's number.
func (w *Watcher) notified(number uint64, see func(string, Sight)) {
	w.mu.Lock()
	from, ok := w.heard[number]
	if !ok {
		w.mu.Unlock()
		return // removed meanwhile
	}
	s, fd := from.of, from.fd
	switch {
	case s.process != nil && fd == s.process.fd:
		unix.EpollCtl(w.poll, unix.EPOLL_CTL_DEL, fd, nil) // it stays readable
	case s.parent != nil && fd == s.parent.fd:
		unix.EpollCtl(w.poll, unix.EPOLL_CTL_DEL, fd, nil)
		// The end of a parent that has waited for the process comes after that of the process: epoll reports in the order
		// in which things happened (fs/eventpoll.c, ep_done_scan).
		if s.last.Ended == nil {
			at := time.Now()
			s.last.Orphaned = &at
		}
	default:
		for _, f := range []*file{&s.events, &s.memory} {
			if _, state := f.read(w.buf); state != Present && f.opened && f.err == nil && f.fd == fd {
				unix.EpollCtl(w.poll, unix.EPOLL_CTL_DEL, fd, nil) // its cgroup is gone
			}
		}
	}
	now := w.look(s)
	w.mu.Unlock()
	see(s.key, now)
}

// sweep reads v1's files of all containers, and returns how long that took.
func (w *Watcher) sweep(see func(string, Sight)) time.Duration {
	began := time.Now()
	type change struct {
		key   string
		sight Sight
	}
	var changes []change
	w.mu.Lock()
	for key, s := range w.all {
		if s.group.Version == 2 {
			continue
		}
		was := s.last
		frozen := s.group.freezer.state.parsed(w.buf, parseFreezerState)
		kills := s.group.v1.oomControl.parsed(w.buf, parseOOMKill)
		if frozen == was.Freezer.Frozen && (kills == was.OOMKill || kills.State() != Present) {
			continue
		}
		changes = append(changes, change{key, w.look(s)})
	}
	w.mu.Unlock()
	took := time.Since(began)
	for _, c := range changes {
		see(c.key, c.sight)
	}
	return took
}

// Close lets go of all.
func (w *Watcher) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.ended = true
	for key := range w.all {
		w.remove(key)
	}
	unix.Close(w.wake)
	unix.Close(w.poll)
}
