package watch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/document"
	"haltscope/compare/identity"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// errNoTrace is why nobody looks for senders with --no-trace.
var errNoTrace = errors.New("--no-trace was given")

// errPastOnly is why nobody looks for senders of the past.
var errPastOnly = errors.New("only a watch that was running sees who sends a signal")

// lossesEvery is the time between two warnings that signals were lost.
const lossesEvery = time.Minute

// senders follows who sends signals to containers. The tap's goroutine reads who the sender is at once, because it may live for a
// millisecond, and puts it into the queue.
type senders struct {
	tap    *trace.Signals // nil: see err
	err    error          // why senders are not known
	ended  chan struct{}
	queue  *queue
	askers *askers
	kernel *cgroupfs.Host
	reader *identity.Reader
	lost   uint64 // that the runs know of

	warned   uint64 // of the lost ones: those that the log knows of
	warnedAt time.Time

	mu       sync.Mutex
	failed   error             // why the tap has ended; nil if it has not
	firsts   map[int]string    // the container's id, by the PID of its first process
	shims    map[string]int    // the PID of the shim, by the container's id
	names    map[string]string // of containers, by id
	oldNames map[string]string // those that are forgotten once there are more names

	// Of the tap's goroutine:
	places  map[int]place   // where targets are that are no first processes
	recents map[recent]seen // who sent something a moment ago
}

// place is the container that a process was in.
type place struct {
	id string
	at time.Duration
}

// recent identifies a sender for a short time.
type recent struct {
	pid    int
	name   string
	cgroup uint64
}

type seen struct {
	actor *document.Actor
	at    time.Duration
}

// A process that sends many signals is read again after this time. Until then its PID is assumed not to be reused.
const (
	recentFor  = time.Second
	mostRecent = 512
)

// followSenders opens the tap. Without it, there are no senders, and that is said once.
func (w *watch) followSenders() {
	s := &senders{queue: w.queue, askers: w.askers, kernel: w.kernel, firsts: map[int]string{}, shims: map[string]int{},
		names: map[string]string{}, places: map[int]place{}, recents: map[recent]seen{}, ended: make(chan struct{})}
	w.senders = s
	switch {
	case w.NoTrace:
		s.err = errNoTrace
		return
	case w.PastOnly:
		s.err = errPastOnly
		return
	}
	s.reader = identity.NewReader(w.kernel, s.nameOf)
	if s.tap, s.err = trace.OpenSignals(); s.err != nil {
		s.tap = nil
		w.Log.Warn().Err(s.err).Msg("cannot follow signals; verdicts will not say who sent them (see: haltscope doctor)")
		return
	}
	go func() {
		defer close(s.ended)
		if err := s.tap.Run(s.signal); err != nil {
			w.Log.Error().Err(err).Msg("cannot follow signals any more; verdicts will not say who sent them")
			s.mu.Lock()
			s.failed = err
			s.mu.Unlock()
		}
	}()
}

// close ends the tap.
func (s *senders) close() error {
	if s.tap == nil {
		return nil
	}
	if err := s.tap.Stop(); err != nil {
		return err
	}
	<-s.ended
	return s.tap.Close()
}

func (s *senders) nameOf(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.names[id]; ok {
		return name
	}
	return s.oldNames[id]
}

// mostNames bounds the names that are kept: a container that sent a signal may be removed before that is written.
const mostNames = 2048

// name makes the name of a container known.
func (s *senders) name(id, name string) {
	if s.tap == nil || name == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.names[id]; !ok && len(s.names) >= mostNames {
		s.names, s.oldNames = map[string]string{}, s.names
	}
	s.names[id] = name
}

// add makes known which process is the first one of a container, and which one is its shim; 0 for unknown.
func (s *senders) add(id, name string, first, shim int) {
	s.name(id, name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.firsts[first] = id
	if shim != 0 {
		s.shims[id] = shim
	}
}

// remove forgets the first process of a container, and its shim.
func (s *senders) remove(id string, first int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.firsts[first] == id {
		delete(s.firsts, first)
		delete(s.shims, id)
	}
}

// ofShim reports whether a process on the host is the shim of a container, or was started by it: that is its runtime, whatever its name.
func (s *senders) ofShim(a *document.Actor, id string) bool {
	s.mu.Lock()
	shim := s.shims[id]
	s.mu.Unlock()
	if shim == 0 || a.Container.Reason() != value.Unsupported { // in a container, or nobody knows
		return false
	}
	return a.PID == shim || len(a.Parents) > 0 && a.Parents[0].PID == shim
}

// kernelSignal is a signal to a process of a container, as the kernel reported it.
type kernelSignal struct {
	signal unix.Signal
	at     time.Time
	to     int // PID
	by     verdict.Origin
	actor  *document.Actor
}

// signal handles a signal in the tap's goroutine.
func (s *senders) signal(sent trace.Signal) {
	if sent.Result == trace.Ignored || sent.Result == trace.OverflowFail {
		return
	}
	to, id := s.target(&sent)
	if id == "" {
		return
	}
	now := time.Now()
	one := &kernelSignal{signal: sent.Signal, at: now.Add(sent.At - trace.Now()), to: to, actor: s.who(&sent)}
	one.by = s.origin(&sent, one, id)
	if one.by == verdict.FromDocker {
		s.askers.look(id, one.at) // the client that asked waits for the answer
	}
	s.queue.put(item{key: id, sent: one, at: now})
}

// target returns the process that a signal is for, and the id of its container; "" for none.
func (s *senders) target(sent *trace.Signal) (pid int, id string) {
	s.mu.Lock()
	id = s.firsts[sent.Target]
	own, child := s.firsts[sent.Sender.PID], s.firsts[sent.TargetParent]
	s.mu.Unlock()
	switch {
	case id != "":
		return sent.Target, id
	case child != "":
		return sent.Target, child // which may have ended already
	case own != "" && isOwnThread(sent):
		return sent.Sender.PID, own
	}
	if p, ok := s.places[sent.Target]; ok && sent.At-p.at < recentFor {
		return sent.Target, p.id
	}
	id, err := s.kernel.ContainerOf(sent.Target)
	if err != nil {
		return sent.Target, "" // it has ended, and is no first process
	}
	if len(s.places) >= mostRecent {
		clear(s.places)
	}
	s.places[sent.Target] = place{id, sent.At}
	return sent.Target, id
}

// isOwnThread reports whether a signal is for another thread of its sender, as by abort(3) or on a fault. SIGKILL for one thread comes
// from the kernel, for any process: by cgroup.kill, or when a tracer ends.
func isOwnThread(sent *trace.Signal) bool {
	switch {
	case sent.Group || sent.Signal == unix.SIGKILL:
		return false
	case sent.Code > trace.User:
		return verdict.IsCrash(sent.Signal)
	}
	if own, err := proc.HasThread(sent.Sender.PID, sent.Target); err != nil || own {
		return err == nil
	}
	_, err := proc.ReadStat(sent.Target)
	return verdict.IsCrash(sent.Signal) && errors.Is(err, proc.ErrNoProcess) // abort(3) has ended its threads by now
}

// who returns who sent a signal.
func (s *senders) who(sent *trace.Signal) *document.Actor {
	key := recent{sent.Sender.PID, sent.Sender.Name, sent.Cgroup}
	if k, ok := s.recents[key]; ok && sent.At-k.at < recentFor {
		return k.actor
	}
	if len(s.recents) >= mostRecent {
		clear(s.recents)
	}
	actor := s.reader.Sender(sent)
	s.recents[key] = seen{&actor, sent.At}
	return &actor
}

// origin returns where a signal comes from.
func (s *senders) origin(sent *trace.Signal, one *kernelSignal, id string) verdict.Origin {
	itself := sent.Sender.PID == one.to
	switch {
	case itself && sent.Code > trace.User && verdict.IsCrash(sent.Signal):
		return verdict.FromFault
	case !sent.ByProcess():
		return verdict.FromKernel
	case itself:
		return verdict.FromWithin
	case isDocker(one.actor), s.ofShim(one.actor, id):
		return verdict.FromDocker
	}
	container, inContainer := one.actor.Container.Get()
	_, named := one.actor.Command.Get()
	switch {
	case inContainer && (container == id || container == s.nameOf(id)):
		return verdict.FromWithin
	case inContainer || named && one.actor.Container.Reason() == value.Unsupported: // in none
		return verdict.FromOutside
	}
	return "" // where it ran is not known, or whether it was a runtime
}

// dockerPrograms are the daemons and runtimes that send Docker's signals. The kernel keeps 15 bytes of a name.
var (
	dockerPrograms  = []string{"dockerd", "containerd", "containerd-shim"}
	dockerRuntimes  = []string{"runc", "crun", "youki", "runsc"}
	runtimeCommands = []string{"kill", "delete"}
)

// isDocker reports whether a process on the host is one of Docker's: a daemon, a shim, or a runtime that a shim runs.
func isDocker(a *document.Actor) bool {
	if _, inContainer := a.Container.Get(); inContainer {
		return false
	}
	command, _ := a.Command.Get()
	name, argument, _ := strings.Cut(command, " ")
	switch {
	case slices.Contains(dockerPrograms, name):
		return true
	case !slices.Contains(dockerRuntimes, name), argument != "" && !slices.Contains(runtimeCommands, argument), len(a.Parents) == 0:
		return false
	}
	parent, _ := a.Parents[0].Command.Get()
	return slices.Contains(dockerPrograms, parent)
}

// reportLost notes that signals may be missing in what is known of the runs.
func (w *watch) reportLost(now time.Time) {
	s := w.senders
	if s.tap == nil {
		return
	}
	s.mu.Lock()
	failed := s.failed
	s.mu.Unlock()
	if failed != nil {
		for _, t := range w.timelines {
			t.SendersIncomplete(now, failed.Error())
		}
		return
	}
	lost := s.tap.Lost()
	if lost == s.lost {
		return
	}
	s.lost = lost
	if s.warnedAt.IsZero() || now.Sub(s.warnedAt) >= lossesEvery {
		w.Log.Warn().Uint64("lost", lost-s.warned).
			Msg("the kernel dropped reports of signals; verdicts of this time may not say who sent them")
		s.warnedAt, s.warned = now, lost
	}
	for _, t := range w.timelines {
		t.SendersIncomplete(now, fmt.Sprintf("the kernel dropped reports of signals, %d so far", lost))
	}
}
