package trace

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Signals reports who sends signals to whom, by the tracepoint signal:signal_generate, which runs in the sender. A filter in the kernel
// leaves out most signals that neither end nor stop a program: see signalFilter.
//
// It needs root (CAP_PERFMON) and the initial PID namespace. Source: include/trace/events/signal.h; kernel/signal.c,
// __send_signal_locked; perf_event_open(2).
type Signals struct {
	generate   format
	filter     string
	withCgroup bool
	pages      int           // of each ring
	rings      map[int]*ring // by CPU
	epoll      int
	wake       int // eventfd: to end
	lineage    *lineage
	held       []perfRecord // newer than the last look at all CPUs
	lost       atomic.Uint64
}

// Signal is one signal that was sent, or that somebody tried to send.
type Signal struct {
	At     time.Duration // since boot, by CLOCK_MONOTONIC: see Now
	CPU    int           // of the sender
	Signal unix.Signal
	// Code says how it came: 0 (SI_USER) by kill(2), -6 (SI_TKILL) by tgkill(2), 128 (SI_KERNEL) from the kernel, and other positive ones
	// for what the target itself did wrong. Source: include/uapi/asm-generic/siginfo.h.
	Code       int
	Target     int    // the thread that it is for, in the initial PID namespace; the first one of a process
	TargetName string // its name
	// TargetParent is the parent of the target; 0 for a thread, and for a process that was born before the tap was opened.
	TargetParent int
	Group        bool // it is for the whole process
	Result       Result
	// The sender, or whoever was running when the kernel sent it:
	Sender  Ancestor
	Parents []Ancestor // of the sender: those born since the tap was opened, and the parent of the last of them
	Cgroup  uint64     // the id of the sender's cgroup in the hierarchy of perf_event; 0 if the kernel does not give it
}

// Result is what the kernel did with a signal.
type Result int

// The results. Source: include/trace/events/signal.h, TRACE_SIGNAL_*.
const (
	Delivered Result = iota // it is pending, and the target will act on it
	Ignored                 // the target ignores it
	AlreadyPending
	OverflowFail // there is no room for it, and it is lost
	LoseInfo     // it is pending, without its siginfo
)

// Codes. Source: include/uapi/asm-generic/siginfo.h.
const (
	User   = 0
	Kernel = 128

	queued = -1 // SI_QUEUE, by sigqueue(3)
	tkill  = -6 // SI_TKILL, by tgkill(2)
)

// ByProcess reports whether a process asked the kernel to send the signal. Other codes are the kernel's, including the negative
// ones for a timer that expires, and for input, messages or writes that a program awaits.
func (s *Signal) ByProcess() bool { return s.Code == User || s.Code == queued || s.Code == tkill }

// generateFields lists the fields that a record must have, with their sizes.
var generateFields = map[string]int{"sig": 4, "code": 4, "comm": 16, "pid": 4, "group": 4, "result": 4}

// endings are the signals that end or stop programs, whoever sends them. The others are reported if a process sends them by kill(2) or
// sigqueue(3). Threads of language runtimes send each other signals by tgkill(2), thousands in a second, such as SIGURG (Go).
var endings = []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGILL, unix.SIGABRT, unix.SIGBUS, unix.SIGFPE, unix.SIGKILL,
	unix.SIGSEGV, unix.SIGTERM, unix.SIGXCPU, unix.SIGXFSZ, unix.SIGSYS, unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU}

// signalFilter is the filter for the kernel: see [endings]. -1 is SI_QUEUE. The kernel sends SIGCHLD in the name of a process, with other
// codes.
func signalFilter() string {
	parts := []string{"code == 0", "code == -1"}
	for _, s := range endings {
		parts = append(parts, fmt.Sprintf("sig == %d", s))
	}
	return strings.Join(parts, " || ")
}

// initialPIDNamespace is the inode of the initial PID namespace. Source: include/linux/proc_ns.h, PROC_PID_INIT_INO.
const initialPIDNamespace = "pid:[4026531836]"

// OpenSignals begins to follow signals. The error is an [UnsupportedError] if this host does not allow that.
func OpenSignals() (*Signals, error) {
	s, err := openSignals()
	if err != nil {
		return nil, fmt.Errorf("signal tap: %w", err)
	}
	return s, nil
}

func openSignals() (*Signals, error) {
	namespace, err := os.Readlink("/proc/self/ns/pid")
	switch {
	case err != nil:
		return nil, err
	case namespace != initialPIDNamespace:
		return nil, &UnsupportedError{Why: "it needs the initial PID namespace (docker run --pid host)"}
	}
	generate, err := readFormat("signal", "signal_generate")
	if err != nil {
		return nil, err
	}
	if err := generate.need(generateFields); err != nil {
		return nil, err
	}
	s := &Signals{generate: generate, filter: signalFilter(), withCgroup: true, rings: map[int]*ring{}, lineage: newLineage(), epoll: -1,
		wake: -1}
	if err := s.open(); err != nil {
		return nil, errors.Join(refused(err), s.Close())
	}
	return s, nil
}

// refused wraps an error of perf_event_open in one that says what is missing.
func refused(err error) error {
	why := ""
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		why = permission()
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV):
		why = "this kernel has no perf events for tracepoints, or a seccomp filter hides them"
	default:
		return err
	}
	return &UnsupportedError{Why: why, Err: err}
}

func (s *Signals) open() (err error) {
	if s.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll_create1: %w", err)
	}
	if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	if err := s.listen(s.wake); err != nil {
		return err
	}
	cpus := onlineCPUs()
	if cpus.State != figure.Present {
		return fmt.Errorf("%s: %s", onlinePath, cpus.State)
	}
	s.pages = ringPages(len(cpus.List))
	for _, cpu := range cpus.List {
		err := s.addCPU(cpu)
		if errors.Is(err, unix.EINVAL) && s.withCgroup && len(s.rings) == 0 { // Linux before 5.7, or without CONFIG_CGROUP_PERF
			s.withCgroup = false
			err = s.addCPU(cpu)
		}
		if err != nil && !errors.Is(err, unix.ENODEV) { // ENODEV: it went offline meanwhile
			return err
		}
	}
	return nil
}

const onlinePath = "/sys/devices/system/cpu/online"

func onlineCPUs() figure.CPUList { return figure.ReadCPUList(onlinePath) }

func (s *Signals) addCPU(cpu int) error {
	r, err := openRing(s.generate.id, cpu, s.pages, s.withCgroup)
	if err != nil {
		return err
	}
	if err := errors.Join(r.enable(s.filter), s.listen(r.fd)); err != nil {
		return errors.Join(err, r.close())
	}
	s.rings[cpu] = r
	return nil
}

func (s *Signals) listen(fd int) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	if err := unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// Lost returns how many records were lost: the kernel dropped them because they were not read in time, or they could not be read.
func (s *Signals) Lost() uint64 { return s.lost.Load() }

// hotplugInterval is how often the list of CPUs is read. Signals that a new CPU sends before that are missed, and counted as lost.
const hotplugInterval = 10 * time.Second

// heldFor is the time until the next look if records wait for it.
const heldFor = time.Millisecond

// Run passes on each signal at once, in the order of time, until Stop is called. It may be called only once.
func (s *Signals) Run(pass func(Signal)) error {
	events := make([]unix.EpollEvent, 8)
	looked := time.Now()
	for {
		wait := hotplugInterval
		if len(s.held) > 0 {
			wait = heldFor
		}
		n, err := unix.EpollWait(s.epoll, events, int(wait/time.Millisecond))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("signal tap: epoll_wait: %w", err)
		}
		for _, e := range events[:max(n, 0)] {
			if int(e.Fd) == s.wake {
				s.drain(pass)
				s.drain(pass) // what the first look has left for the next
				return nil
			}
		}
		s.drain(pass)
		if time.Since(looked) >= hotplugInterval {
			looked = time.Now()
			s.followCPUs()
		}
	}
}

// followCPUs opens events on CPUs that came online, and closes those of CPUs that went offline: the kernel does not use them again.
func (s *Signals) followCPUs() {
	online := onlineCPUs()
	if online.State != figure.Present {
		return // a CPU is only lost when the kernel says so
	}
	for cpu, r := range s.rings {
		if !slices.Contains(online.List, cpu) {
			if err := r.close(); err != nil {
				s.lost.Add(1)
			}
			delete(s.rings, cpu)
		}
	}
	for _, cpu := range online.List {
		if s.rings[cpu] != nil {
			continue
		}
		s.lost.Add(1) // what was sent from it until now
		if err := s.addCPU(cpu); err != nil {
			s.lost.Add(1) // it will be tried again
		}
	}
}

// drain handles all records, in the order of time. A record that is newer than the beginning of a look at all CPUs waits for the next look:
// an earlier record of another CPU may not have been read yet.
func (s *Signals) drain(pass func(Signal)) {
	until := Now()
	for _, r := range s.rings {
		if err := r.each(s.keep); err != nil {
			s.lost.Add(1)
		}
	}
	slices.SortStableFunc(s.held, func(a, b perfRecord) int { return cmp.Compare(a.at, b.at) })
	n := 0
	for n < len(s.held) && s.held[n].at <= until {
		s.handle(&s.held[n], pass)
		n++
	}
	s.held = slices.Delete(s.held, 0, n)
}

// mostHeld bounds the number of records kept between two looks. The rings themselves hold fewer.
const mostHeld = 1 << 16

// keep keeps a record until its turn comes.
func (s *Signals) keep(kind uint32, body []byte) {
	r, ok, err := parseRecord(kind, body, s.withCgroup)
	switch {
	case err != nil || ok && len(s.held) >= mostHeld:
		s.lost.Add(1)
	case ok:
		r.raw = slices.Clone(r.raw) // the ring moves on
		s.held = append(s.held, r)
	}
}

func (s *Signals) handle(r *perfRecord, pass func(Signal)) {
	switch r.kind {
	case unix.PERF_RECORD_LOST, unix.PERF_RECORD_LOST_SAMPLES:
		s.lost.Add(r.lost)
		s.lineage.forget()
	case unix.PERF_RECORD_FORK:
		if r.pid == r.tid && r.pid != r.parent {
			s.lineage.born(r.pid, r.parent)
		}
	case unix.PERF_RECORD_COMM:
		if r.pid == r.tid {
			s.lineage.named(r.pid, r.name)
		}
	case unix.PERF_RECORD_EXIT:
		if r.pid == r.tid {
			s.lineage.gone(r.pid)
		}
	case unix.PERF_RECORD_SAMPLE:
		signal, ok := parseSignal(s.generate, r)
		if !ok {
			s.lost.Add(1)
			return
		}
		chain := s.lineage.of(r.pid)
		signal.Sender, signal.Parents = chain[0], chain[1:]
		if target := s.lineage.of(signal.Target); len(target) > 1 {
			signal.TargetParent = target[1].PID
		}
		pass(signal)
	}
}

// parseSignal parses the record of a sample, by the tracepoint's format.
func parseSignal(f format, r *perfRecord) (Signal, bool) {
	if len(r.raw) < f.length() {
		return Signal{}, false
	}
	return Signal{At: r.at, CPU: r.cpu, Signal: unix.Signal(f.int32(r.raw, "sig")), Code: f.int32(r.raw, "code"),
		Target: f.int32(r.raw, "pid"), TargetName: f.text(r.raw, "comm"), Group: f.int32(r.raw, "group") != 0,
		Result: Result(f.int32(r.raw, "result")), Sender: Ancestor{PID: r.pid}, Cgroup: r.cgroup}, true
}

// Stop makes Run return after it has passed on the signals that were sent before.
func (s *Signals) Stop() error {
	_, err := unix.Write(s.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	return err
}

// Close ends the tap. Run must have returned.
func (s *Signals) Close() (err error) {
	for _, r := range s.rings {
		err = errors.Join(err, r.close())
	}
	for _, fd := range []int{s.epoll, s.wake} {
		if fd >= 0 {
			err = errors.Join(err, unix.Close(fd))
		}
	}
	return err
}
