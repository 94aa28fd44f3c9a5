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
const beat = 250 * time.Millisecond

// slept is how long the loop must not have gone round to count as suspended: the engine may have dropped events.
const slept = 10 * time.Second

// inspectAtOnce is how many containers one docker inspect asks for.
const inspectAtOnce = 100

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
	w := &watch{Options: o, docker: docker, kernel: kernel, watcher: watcher, queue: newQueue(), lives: map[string]*Life{},
		open: map[string]*Life{}, followed: map[string]*followed{}, wanted: map[string]bool{}, reluctant: map[string]*reluctant{},
		forms: map[string]bool{}, answers: make(chan answer, inspectAtOnce)}
	if w.log, w.unread = cgroupfs.OpenKernelLog(); w.unread != nil {
		o.Log.Warn().Err(w.unread).Msg("which process the OOM killer ends will not be known")
	} else {
		defer func() {
			if w.log != nil {
				w.log.Close()
			}
		}()
	}
	// Where it cannot be read, Docker's own default is as good a guess as any.
	w.daemonGrace, _ = target.DaemonGrace(here.EngineVersion)
	w.follower = &follower{docker: docker, filter: o.Filter, queue: w.queue}
	ended, watcherEnded := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(watcherEnded)
		ended <- watcher.Run(sources, func(key string, s cgroupfs.Sample) { w.queue.put(item{key: key, sight: &s, at: time.Now()}) })
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
	unfollowed unfollowed

	docker   *dockercli.Client
	kernel   *cgroupfs.Host
	watcher  *cgroupfs.Watcher
	queue    *queue
	follower *follower
	log      *cgroupfs.KernelLog // nil: see unread
	unread   error
	seen     seen

	daemonGrace *int // in seconds, of containers without one of their own, as the watch began; nil for Docker's default

	lives       map[string]*Life
	open        map[string]*Life     // those that have something to say in a while
	followed    map[string]*followed // cgroups that are watched, by container
	forms       map[string]bool      // what the cgroups of containers are named like: see cgroupfs.Group.PathTemplate
	wanted      map[string]bool      // inspections
	reluctant   map[string]*reluctant
	answers     chan answer
	reconciling bool
	removed     map[string]bool // since that was asked: the answers about them are old
	asking      int             // rounds of some that go on
	askedAt     time.Time       // when the last of those began
	probed      time.Time       // when Docker was last asked for its version
	alone       int             // rounds of one container that go on
	failures    int             // of docker, one behind the other
	retry       time.Time       // when it is asked again
	unanswered  time.Time       // since when Docker owes an answer; zero for not
	muteTold    bool            // and that was said

	begun     bool // the first account of what runs is taken
	connected bool
	last      *key      // the last event that came
	anchor    *key      // what was last before the daemon hung up: it must come again
	anchored  bool      // there was one
	lostAt    time.Time // since when nothing was heard; zero while all is
	resync    time.Time // when docker ps is to be held against what is known; zero for not
	listed    time.Time // when that was last done
	lostTold  bool
	remote    bool
	unheld    bool      // it was said that first processes cannot be held
	ending    time.Time // since when the watch is to end; zero for not
	err       error     // of writing a line
}

func (w *watch) loop(ctx, sources context.Context, from time.Time, ended <-chan error) error {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	last := time.Now()
	var items []item
	done := ctx.Done()
	for {
		select {
		case <-done:
			if cause := context.Cause(ctx); errors.Is(cause, errClosed) || errors.Is(cause, errOutput) {
				return w.err
			}
			done, w.ending = nil, time.Now()
		case err := <-ended:
			if ctx.Err() != nil {
				w.finish(items)
				return w.err
			}
			return err
		case <-w.queue.ready:
			var dropped bool
			items, dropped = w.queue.take(items)
			for i := range items {
				w.take(&items[i])
				items[i] = item{}
			}
			if dropped {
				w.missed(last, "its own reader was too slow, for its output was not taken", time.Now())
			}
		case a := <-w.answers:
			w.answered(a, from)
		case now := <-tick.C:
			// Both clocks: the one that stands still while the machine sleeps does not tell of that.
			if gap := max(now.Sub(last), now.Round(0).Sub(last.Round(0))); gap > slept {
				w.missed(last, fmt.Sprintf("this program did not run for %s", gap.Round(time.Second)), now)
			}
			last = now
			w.look(now)
		}
		w.ask(sources)
		if w.err != nil {
			return w.err
		}
		if !w.ending.IsZero() && w.said(time.Now()) {
			w.finish(items)
			return w.err
		}
	}
}

// finish says what is known and was held back for other words on it, which will not be heard any more.
func (w *watch) finish(items []item) {
	items, _ = w.queue.take(items)
	for i := range items {
		if items[i].notice != nil || items[i].sight != nil {
			w.take(&items[i])
		}
	}
	now := time.Now()
	for _, l := range w.open {
		w.lookAt(l, now)
		w.waited(l, now)
		w.victims()
		l.Hurry(now)
		for _, line := range l.Lines(now) {
			w.write(&line)
		}
	}
}

// missed has all events since a moment asked for once more.
func (w *watch) missed(since time.Time, why string, now time.Time) {
	w.Log.Warn().Time("since", since).Msg(why + ": asking for the events once more")
	w.lose(since)
	w.follower.again(since)
}

// lose notes that events may be missing since a moment.
func (w *watch) lose(since time.Time) {
	recovered := w.anchored && w.anchor == nil // from the time before, which docker ps has not been held against yet
	switch {
	case w.lostAt.IsZero():
		w.lostAt = since
	case !recovered:
		return
	}
	w.drop()
}

// drop notes the last event, which must come again for nothing to be missing.
func (w *watch) drop() {
	w.anchor, w.anchored = w.last, w.last != nil
	for _, l := range w.lives {
		l.Deaf()
	}
}

// hears tells the lives that events come again, and whether all came that were missing.
func (w *watch) hears(all bool, now time.Time) {
	for _, l := range w.lives {
		l.Hears(all, now)
	}
}

func (w *watch) take(i *item) {
	switch {
	case i.notice != nil:
		w.notice(i.notice, i.at)
	case i.sight != nil:
		w.sight(i.key, *i.sight, i.at)
	case i.bad != nil:
		w.write(&Line{At: i.at, Level: Warn, Action: ActionInput, Message: value.Clean(i.bad.Error()) + ": passed over",
			MayHide: nil})
		w.resync = i.at.Add(settle) // it may have been an event
	case i.lost != nil:
		w.connected, w.unanswered = false, time.Time{} // what it owes will not come
		w.lose(i.at)
		if !w.lostTold {
			w.lostTold = true
			w.write(&Line{At: i.at, Level: Warn, Action: ActionDaemon, Message: "docker does not tell of events any more: " + value.Clean(i.lost.Error()) + "; asking again"})
		}
	case i.back != nil:
		w.connected = true
		w.resync = i.at.Add(settle)
	}
}

func (w *watch) notice(n *dockercli.Notice, now time.Time) {
	k := keyOf(n)
	if w.connected {
		w.retry = time.Time{} // it lives
		w.heardOf(now)
	}
	if w.anchor != nil && k == *w.anchor {
		w.anchor = nil // the daemon's history goes back to where we were
		w.hears(true, now)
	}
	w.last = &k
	if !w.seen.first(k) || !lifecycle[n.Action] {
		return
	}
	l := w.lives[n.ID]
	if l == nil {
		if !w.named(n.Name) || n.Action == "create" || n.Action == "rename" {
			return
		}
		l = w.follow(n.ID, n.Name, false)
	}
	if n.Action == "start" {
		w.lookAt(l, now) // the run before has ended
	}
	l.Event(*n, now)
	if n.Action == "start" {
		w.standIn(l, now) // it may have ended before docker inspect has answered
	}
	if n.Action == "kill" {
		w.stance(n.ID) // as it stands now, if it still does
	}
	w.settle(l, now)
}

// follow begins to follow a container.
func (w *watch) follow(id, name string, silent bool) *Life {
	l := NewLife(id, name, silent)
	l.DaemonGrace = w.daemonGrace
	if w.begun && !w.lostAt.IsZero() && (w.anchor != nil || !w.anchored) {
		l.Deaf()
	}
	w.lives[id] = l
	return l
}

// lifecycle are the events that a life is made of; the others are about what happens inside, or questions like our own.
var lifecycle = map[string]bool{"create": true, "start": true, "restart": true, "kill": true, "die": true, "stop": true, "oom": true,
	"pause": true, "unpause": true, "destroy": true, "rename": true}

func (w *watch) named(name string) bool {
	for _, n := range w.Names {
		if n.MatchString(name) {
			return true
		}
	}
	return len(w.Names) == 0
}

// settle hears what a life has to say, and does what it wants.
func (w *watch) settle(l *Life, now time.Time) {
	if w.open[l.ID] == nil {
		w.open[l.ID] = l
	}
	w.waited(l, now)
	if l.WantsLook() {
		w.lookAt(l, now)
		w.victims()
	}
	for _, line := range l.Lines(now) {
		w.write(&line)
	}
	if l.Wants() {
		w.wanted[l.ID] = true
	}
	w.attach(l, now)
	if l.Over() {
		w.detach(l.ID)
		delete(w.lives, l.ID)
		delete(w.open, l.ID)
		delete(w.wanted, l.ID)
		delete(w.reluctant, l.ID)
		delete(w.unfollowed.why, l.ID)
		if w.reconciling {
			if w.removed == nil {
				w.removed = map[string]bool{}
			}
			w.removed[l.ID] = true
		}
		return
	}
	if _, any := l.Due(); !any && !w.wanted[l.ID] {
		delete(w.open, l.ID)
	}
}

func (w *watch) write(line *Line) {
	if w.err != nil {
		return
	}
	w.err = w.Write(line)
	if w.Observe != nil {
		w.Observe.Line(line)
	}
}

// look goes round without anything having happened.
func (w *watch) look(now time.Time) {
	for _, l := range w.open {
		if due, any := l.Due(); any && !now.Before(due) || !any {
			w.settle(l, now)
		}
	}
	w.refresh(now)
	if w.mute(now) && !w.muteTold && w.connected {
		w.muteTold = true
		w.write(&Line{At: now, Level: Warn, Action: ActionDaemon, Message: "docker has not answered for " + now.Sub(w.unanswered).Round(time.Second).String() +
			": what the kernel tells is written without its word"})
	}
	w.retryUnfollowed(now)
	if w.Observe != nil {
		var frozen []Frozen
		for id, f := range w.followed {
			l := w.lives[id]
			if l == nil || f.gone {
				continue
			}
			if since, held, ok := l.Frozen(); ok {
				frozen = append(frozen, Frozen{ID: id, Name: l.Name, Since: since, Memory: held})
			}
		}
		w.Observe.Frozen(frozen)
		w.Observe.Following(len(w.followed), w.connected && !w.mute(now))
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
