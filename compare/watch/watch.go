// Package watch writes one JSON line for each thing that happens to a container, with a verdict.
//
// Events, inspections and cgroup changes come from sources that never block (source.go, kernel.go). Each container's [Life]
// turns them into lines (life.go, tell.go) and is pure. One loop connects them (here).
package watch

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/compare/host"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Options is what to watch, and how.
type Options struct {
	Since    time.Time // the past that is told, too; zero for none
	Filter   dockercli.Filter
	Names    []*regexp.Regexp // containers any of whose names match; none for all
	Interval time.Duration    // how often cgroup v1 is looked at, which notifies nobody
	Every    time.Duration    // how often docker ps is held against what is known
	Write    func(*Line) error
	Observe  Observer // of the figures; may be nil
	Ready    func()   // called once the watch has begun; may be nil
	Alive    func()   // called again and again while the loop goes round; may be nil
	Log      zerolog.Logger

	metrics *Metrics
}

// Observer takes what is counted.
type Observer interface {
	Line(*Line)
	// Frozen is told again and again which containers are frozen.
	Frozen([]Frozen)
	Following(containers int, connected bool)
	Unfollowed(containers int)
}

// Frozen is a container that is frozen.
type Frozen struct {
	ID, Name string
	Since    time.Time
	Memory   *uint64
}

// beat is how often the loop looks around when nothing happens.
const tickInterval = 250 * time.Millisecond

// slept is how long the loop must not have gone round to count as suspended: the engine may have dropped events.
const suspendedAfter = 10 * time.Second

// inspectAtOnce is how many containers one docker inspect asks for.
const inspectBatch = 100

// Run watches until ctx ends, which is no error, or a line cannot be written.
func Run(ctx context.Context, docker *dockercli.Client, o Options) error {
	kernel, here, err := host.Check(ctx, docker)
	if err == nil {
		err = host.DockerOnly(here, "watch", "its events tell neither the signals of a stop nor which signal a kill has sent, and the verdicts of a watch rest on those")
	}
	if err != nil {
		return err
	}
	watcher, err := cgroupfs.NewWatcher(o.Interval)
	if err != nil {
		return err
	}
	// The sources outlive ctx: see lastWords.
	sources, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w := &watch{Options: o, docker: docker, kernel: kernel, watcher: watcher, queue: newQueue(), timelines: map[string]*Timeline{},
		active: map[string]*Timeline{}, watched: map[string]*watchedRun{}, inspectWanted: map[string]bool{}, unresponsive: map[string]*unresponsive{},
		cgroupForms: map[string]bool{}, answers: make(chan answer, inspectBatch)}
	if w.kernelLog, w.kernelLogErr = cgroupfs.OpenKernelLog(); w.kernelLogErr != nil {
		o.Log.Warn().Err(w.kernelLogErr).Msg("which process the OOM killer ends will not be known")
	} else {
		defer func() {
			if w.kernelLog != nil {
				w.kernelLog.Close()
			}
		}()
	}
	// Where it cannot be read, Docker's own default is as good a guess as any.
	w.daemonGrace, _ = target.DaemonTimeout(here.EngineVersion)
	w.follower = &follower{docker: docker, filter: o.Filter, queue: w.queue}
	ended, watcherEnded := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(watcherEnded)
		ended <- watcher.Run(sources, func(key string, s cgroupfs.Sight) { w.queue.put(item{key: key, sample: &s, at: time.Now()}) })
	}()
	from := time.Now()
	if !o.Since.IsZero() {
		from = o.Since
	}
	followEnded := make(chan struct{})
	go func() { defer close(followEnded); w.follower.run(sources, from) }()
	err = w.loop(ctx, sources, from, ended)
	cancel()
	<-followEnded
	<-watcherEnded
	watcher.Close()
	return err
}

type watch struct {
	Options
	unwatched unwatched

	docker       *dockercli.Client
	kernel       *cgroupfs.Host
	watcher      *cgroupfs.Watcher
	queue        *queue
	follower     *follower
	kernelLog    *cgroupfs.KernelLog // nil: see unread
	kernelLogErr error
	recentEvents recentEvents

	daemonGrace *int // in seconds, of containers without one of their own, as the watch began; nil for Docker's default

	timelines            map[string]*Timeline
	active               map[string]*Timeline   // those that have something to say in a while
	watched              map[string]*watchedRun // cgroups that are watched, by container
	cgroupForms          map[string]bool        // what the cgroups of containers are named like: see cgroupfs.Group.Form
	inspectWanted        map[string]bool        // inspections
	unresponsive         map[string]*unresponsive
	answers              chan answer
	reconciling          bool
	removedMeanwhile     map[string]bool // since that was asked: the answers about them are old
	batches              int             // rounds of some that go on
	batchStarted         time.Time       // when the last of those began
	probed               time.Time       // when Docker was last asked for its version
	singles              int             // rounds of one container that go on
	failures             int             // of docker, one behind the other
	retry                time.Time       // when it is asked again
	owedSince            time.Time       // since when Docker owes an answer; zero for not
	unresponsiveReported bool            // and that was said

	started            bool // the first account of what runs is taken
	connected          bool
	lastEvent          *eventKey // the last event that came
	resumePoint        *eventKey // what was last before the daemon hung up: it must come again
	hadResumePoint     bool      // there was one
	eventsLostSince    time.Time // since when nothing was heard; zero while all is
	reconcileAt        time.Time // when docker ps is to be held against what is known; zero for not
	reconciledAt       time.Time // when that was last done
	disconnectReported bool
	remoteReported     bool
	noHandlesReported  bool      // it was said that first processes cannot be held
	stoppingSince      time.Time // since when the watch is to end; zero for not
	writeErr           error     // of writing a line
}

func (w *watch) loop(ctx, sources context.Context, from time.Time, ended <-chan error) error {
	tick := time.NewTicker(tickInterval)
	defer tick.Stop()
	last := time.Now()
	var items []item
	done := ctx.Done()
	for {
		select {
		case <-done:
			if cause := context.Cause(ctx); errors.Is(cause, errClosed) || errors.Is(cause, errOutput) {
				return w.writeErr
			}
			done, w.stoppingSince = nil, time.Now()
		case err := <-ended:
			if ctx.Err() != nil {
				w.finish(items)
				return w.writeErr
			}
			return err
		case <-w.queue.ready:
			var dropped bool
			items, dropped = w.queue.take(items)
			for i := range items {
				w.handle(&items[i])
				items[i] = item{}
			}
			if dropped {
				w.refetch(last, "its own reader was too slow, for its output was not taken", time.Now())
			}
		case a := <-w.answers:
			w.answered(a, from)
		case now := <-tick.C:
			// Both clocks: the one that stands still while the machine sleeps does not tell of that.
			if gap := max(now.Sub(last), now.Round(0).Sub(last.Round(0))); gap > suspendedAfter {
				w.refetch(last, fmt.Sprintf("this program did not run for %s", gap.Round(time.Second)), now)
			}
			last = now
			w.tick(now)
		}
		w.startInspections(sources)
		if w.writeErr != nil {
			return w.writeErr
		}
		if !w.stoppingSince.IsZero() && w.nothingPending(time.Now()) {
			w.finish(items)
			return w.writeErr
		}
	}
}

// finish says what is known and was held back for other words on it, which will not be heard any more.
func (w *watch) finish(items []item) {
	items, _ = w.queue.take(items)
	for i := range items {
		if items[i].event != nil || items[i].sample != nil {
			w.handle(&items[i])
		}
	}
	now := time.Now()
	for _, l := range w.active {
		w.takeSample(l, now)
		w.readWaitStatus(l, now)
		w.readVictims()
		l.Flush(now)
		for _, line := range l.Lines(now) {
			w.write(&line)
		}
	}
}

// missed has all events since a moment asked for once more.
func (w *watch) refetch(since time.Time, why string, now time.Time) {
	w.Log.Warn().Time("since", since).Msg(why + ": asking for the events once more")
	w.eventsLost(since)
	w.follower.again(since)
}

// lose notes that events may be missing since a moment.
func (w *watch) eventsLost(since time.Time) {
	recovered := w.hadResumePoint && w.resumePoint == nil // from the time before, which docker ps has not been held against yet
	switch {
	case w.eventsLostSince.IsZero():
		w.eventsLostSince = since
	case !recovered:
		return
	}
	w.setResumePoint()
}

// drop notes the last event, which must come again for nothing to be missing.
func (w *watch) setResumePoint() {
	w.resumePoint, w.hadResumePoint = w.lastEvent, w.lastEvent != nil
	for _, l := range w.timelines {
		l.EventsLost()
	}
}

// hears tells the lives that events come again, and whether all came that were missing.
func (w *watch) eventsRestored(all bool, now time.Time) {
	for _, l := range w.timelines {
		l.EventsRestored(all, now)
	}
}

func (w *watch) handle(i *item) {
	switch {
	case i.event != nil:
		w.event(i.event, i.at)
	case i.sample != nil:
		w.sample(i.key, *i.sample, i.at)
	case i.malformed != nil:
		w.write(&Line{At: i.at, Level: Warn, Action: ActionInput, Message: value.Clean(i.malformed.Error()) + ": passed over",
			MayHide: nil})
		w.reconcileAt = i.at.Add(settleTime) // it may have been an event
	case i.disconnected != nil:
		w.connected, w.owedSince = false, time.Time{} // what it owes will not come
		w.eventsLost(i.at)
		if !w.disconnectReported {
			w.disconnectReported = true
			w.write(&Line{At: i.at, Level: Warn, Action: ActionDaemon, Message: "docker does not tell of events any more: " + value.Clean(i.disconnected.Error()) + "; asking again"})
		}
	case i.connected != nil:
		w.connected = true
		w.reconcileAt = i.at.Add(settleTime)
	}
}

func (w *watch) event(n *dockercli.Notice, now time.Time) {
	k := keyOf(n)
	if w.connected {
		w.retry = time.Time{} // it lives
		w.dockerAnswered(now)
	}
	if w.resumePoint != nil && k == *w.resumePoint {
		w.resumePoint = nil // the daemon's history goes back to where we were
		w.eventsRestored(true, now)
	}
	w.lastEvent = &k
	if !w.recentEvents.add(k) || !lifecycle[n.Action] {
		return
	}
	l := w.timelines[n.ID]
	if l == nil {
		if !w.matchesName(n.Name) || n.Action == "create" || n.Action == "rename" {
			return
		}
		l = w.follow(n.ID, n.Name, false)
	}
	if n.Action == "start" {
		w.takeSample(l, now) // the run before has ended
	}
	l.Event(*n, now)
	if n.Action == "start" {
		w.findWithoutDocker(l, now) // it may have ended before docker inspect has answered
	}
	if n.Action == "kill" {
		w.readDispositions(n.ID) // as it stands now, if it still does
	}
	w.advance(l, now)
}

// follow begins to follow a container.
func (w *watch) follow(id, name string, silent bool) *Timeline {
	l := NewTimeline(id, name, silent)
	l.DaemonGrace = w.daemonGrace
	if w.started && !w.eventsLostSince.IsZero() && (w.resumePoint != nil || !w.hadResumePoint) {
		l.EventsLost()
	}
	w.timelines[id] = l
	return l
}

// lifecycle are the events that a life is made of; the others are about what happens inside, or questions like our own.
var lifecycle = map[string]bool{"create": true, "start": true, "restart": true, "kill": true, "die": true, "stop": true, "oom": true,
	"pause": true, "unpause": true, "destroy": true, "rename": true}

func (w *watch) matchesName(name string) bool {
	for _, n := range w.Names {
		if n.MatchString(name) {
			return true
		}
	}
	return len(w.Names) == 0
}

// settle hears what a life has to say, and does what it wants.
func (w *watch) advance(l *Timeline, now time.Time) {
	if w.active[l.ID] == nil {
		w.active[l.ID] = l
	}
	w.readWaitStatus(l, now)
	if l.TakeWantsSample() {
		w.takeSample(l, now)
		w.readVictims()
	}
	for _, line := range l.Lines(now) {
		w.write(&line)
	}
	if l.TakeWantsInspect() {
		w.inspectWanted[l.ID] = true
	}
	w.attach(l, now)
	if l.Done() {
		w.detach(l.ID)
		delete(w.timelines, l.ID)
		delete(w.active, l.ID)
		delete(w.inspectWanted, l.ID)
		delete(w.unresponsive, l.ID)
		delete(w.unwatched.why, l.ID)
		if w.reconciling {
			if w.removedMeanwhile == nil {
				w.removedMeanwhile = map[string]bool{}
			}
			w.removedMeanwhile[l.ID] = true
		}
		return
	}
	if _, any := l.Due(); !any && !w.inspectWanted[l.ID] {
		delete(w.active, l.ID)
	}
}

func (w *watch) write(line *Line) {
	if w.writeErr != nil {
		return
	}
	w.writeErr = w.Write(line)
	if w.Observe != nil {
		w.Observe.Line(line)
	}
}

// look goes round without anything having happened.
func (w *watch) tick(now time.Time) {
	for _, l := range w.active {
		if due, any := l.Due(); any && !now.Before(due) || !any {
			w.advance(l, now)
		}
	}
	w.refresh(now)
	if w.dockerSilent(now) && !w.unresponsiveReported && w.connected {
		w.unresponsiveReported = true
		w.write(&Line{At: now, Level: Warn, Action: ActionDaemon, Message: "docker has not answered for " + now.Sub(w.owedSince).Round(time.Second).String() +
			": what the kernel tells is written without its word"})
	}
	w.retryUnfollowed(now)
	if w.Observe != nil {
		var frozen []Frozen
		for id, f := range w.watched {
			l := w.timelines[id]
			if l == nil || f.exited {
				continue
			}
			if since, held, ok := l.Frozen(); ok {
				frozen = append(frozen, Frozen{ID: id, Name: l.Name, Since: since, Memory: held})
			}
		}
		w.Observe.Frozen(frozen)
		w.Observe.Following(len(w.watched), w.connected && !w.dockerSilent(now))
	}
	if w.Alive != nil {
		w.Alive()
	}
}

// errClosed means that whoever read the lines has gone.
var errClosed = errors.New("the reader of the output is gone")

// errOutput means that a line could not be written; [Writer.Close] says why.
var errOutput = errors.New("the output takes no lines")

// Closed reports whether an error means that.
func Closed(err error) bool { return errors.Is(err, errClosed) }
