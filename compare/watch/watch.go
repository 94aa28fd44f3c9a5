package watch

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/compare/host"
	"haltscope/compare/target"
	"haltscope/dockercli"
)

// Options say what to watch, and how.
type Options struct {
	Since    time.Time // report the past since then as well; zero for not
	Until    time.Time // report what happened up to then; zero for no end
	PastOnly bool      // end when the past is reported
	Filter   dockercli.Filter
	Names    []*regexp.Regexp // watch containers any of whose names match; none for all
	Interval time.Duration    // polling interval on cgroup v1, which has no notifications
	Every    time.Duration    // how often docker ps is compared with what is known
	Redact   bool             // leave out the names of containers and programs
	NoTrace  bool             // do not follow who sends signals
	Write    func(*Line) error
	Observe  Observer // of the figures; may be nil
	Ready    func()   // called once the watch has begun; may be nil
	Alive    func()   // called as long as the loop runs; may be nil
	Log      zerolog.Logger

	metrics *Metrics
}

// engine is what a watch asks Docker.
type engine interface {
	host.Engine
	target.Daemon
	source
	EventHistory(ctx context.Context) (dockercli.History, error)
	InspectEachWithin(ctx context.Context, limit time.Duration, names []string, got func(name string, found *dockercli.Container, err error))
	Answers(ctx context.Context, limit time.Duration) bool
}

// Observer receives figures for metrics.
type Observer interface {
	Line(*Line)
	// Frozen receives the frozen containers, several times a second.
	Frozen([]Frozen)
	// Watched receives how many containers are watched, and whether Docker answers.
	Watched(containers int, connected bool)
	// Unwatched receives how many running containers are not watched.
	Unwatched(containers int)
}

// Frozen is a frozen container.
type Frozen struct {
	ID, Name string
	Since    time.Time
	Memory   *uint64 // bytes held since then; nil for unknown
}

// watch is the state of the loop. Only the loop's goroutine uses it.
type watch struct {
	Options
	docker   engine
	queue    *queue
	follower *follower

	timelines   map[string]*Timeline // by container
	active      map[string]*Timeline // those that have something to write later
	daemonGrace *int                 // seconds, for containers without their own; nil for Docker's default

	from          time.Time // since when the watch reports
	started       bool      // the first comparison with docker ps is done
	stoppingSince time.Time // zero while the watch goes on
	pastRead      bool      // all events of the past have come
	pastErr       error     // why the past cannot be reported, and nothing else is to be
	writeErr      error     // of the first line that could not be written

	order
	connection
	inspections
	kernelSide
}

func newWatch(o Options, docker engine, kernel *cgroupfs.Host, watcher *cgroupfs.Watcher) *watch {
	q := newQueue()
	return &watch{
		Options: o, docker: docker, queue: q,
		follower:  &follower{docker: docker, filter: o.Filter, queue: q, past: !o.Since.IsZero(), pastOnly: o.PastOnly},
		order:     order{allPast: o.Since.IsZero(), pastBy: time.Now().Add(pastLimit)},
		timelines: map[string]*Timeline{}, active: map[string]*Timeline{},
		inspections: inspections{
			inspectWanted: map[string]bool{}, unresponsive: map[string]*unresponsive{}, answers: make(chan answer, inspectBatch),
		},
		kernelSide: kernelSide{
			kernel: kernel, watcher: watcher, watched: map[string]*watchedRun{}, cgroupForms: map[string]bool{}, senders: &senders{},
			askers: &askers{err: errNoAskersHere},
		},
	}
}

// Run watches until ctx ends, which is no error, what it is to report has come, or a line cannot be written.
func Run(ctx context.Context, docker engine, o Options) error {
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return err
	}
	err = host.DockerOnly(here, "watch",
		"its events report neither the signals of a stop nor which signal a kill sent, and the verdicts of a watch depend on those")
	if err != nil {
		return err
	}
	watcher, err := cgroupfs.NewWatcher(o.Interval)
	if err != nil {
		return err
	}
	defer watcher.Close()
	w := newWatch(o, docker, kernel, watcher)
	w.openKernelLog()
	defer w.closeKernelLog()
	w.followAskers(ctx)
	w.followSenders()
	daemon, err := target.DaemonGrace(ctx, docker, here.EngineVersion)
	if err != nil {
		// Docker's own default is the best guess.
		o.Log.Debug().Err(err).Msg("cannot read the daemon's default grace")
	} else {
		w.daemonGrace = daemon.Seconds
	}
	from := time.Now()
	if !o.Since.IsZero() {
		from = o.Since
		w.readKernelPast(from)
	}
	w.from = from
	// The sources outlive ctx: the last lines wait for related events.
	sources, cancel := context.WithCancel(context.WithoutCancel(ctx))
	watcherEnded, followerEnded := make(chan error, 1), make(chan struct{})
	watcherDone := make(chan struct{})
	go func() {
		defer close(watcherDone)
		watcherEnded <- watcher.Run(sources, func(key string, s cgroupfs.Sample) {
			w.queue.put(item{key: key, sample: &s, at: time.Now()})
		})
	}()
	go func() {
		defer close(followerEnded)
		w.follower.run(sources, from)
	}()
	err = w.loop(ctx, sources, from, watcherEnded)
	if w.writeEnding(ctx, err); err == nil {
		err = w.writeErr
	}
	cancel()
	<-followerEnded
	<-watcherDone
	if failed := w.senders.close(); failed != nil {
		w.Log.Warn().Err(failed).Msg("cannot end the tap that follows signals")
	}
	if failed := w.askers.close(); failed != nil {
		w.Log.Warn().Err(failed).Msg("cannot end the reading of who asks Docker")
	}
	return err
}

// errClosed means that the reader of the output is gone.
var errClosed = errors.New("the reader of the output is gone")

// errOutput means that a line could not be written; [Writer.Close] returns the cause.
var errOutput = errors.New("the output accepts no lines")

// Closed reports whether an error means that the reader of the output is gone.
func Closed(err error) bool { return errors.Is(err, errClosed) }
