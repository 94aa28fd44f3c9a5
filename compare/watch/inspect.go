package watch

import (
	"context"
	"sync"
	"time"

	"haltscope/dockercli"
)

// inspections are the questions to Docker. They are asked in goroutines, and the loop takes the answers.
type inspections struct {
	inspectWanted map[string]bool          // by container
	unresponsive  map[string]*unresponsive // containers about which docker inspect hangs or fails
	answers       chan answer

	batches      int // rounds of kind roundWanted that are under way
	batchStarted time.Time
	singles      int // rounds of kind roundSingle that are under way

	reconciling      bool
	reconcileAt      time.Time       // when the next round of kind roundReconcile is due; zero for none
	reconciledAt     time.Time       // when the last one began
	removedMeanwhile map[string]bool // containers removed since then: answers about them are outdated

	failures int       // of docker ps, in succession
	retry    time.Time // when Docker is asked again after a failure; zero for now

	owedSince            time.Time // since when Docker owes an answer; zero if it owes none
	probed               time.Time // when it was last asked for its version
	unresponsiveReported bool
}

// round is a number of questions that are asked together.
type round struct {
	kind  roundKind
	asked time.Time
	ids   []string

	watched map[string]bool // containers whose cgroup was watched when the round began

	// Of roundReconcile:
	first      bool              // of the watch
	names      map[string]string // of the containers that docker ps lists as running
	single     map[string]bool   // containers that have a round of their own
	history    dockercli.History // of a first one
	historyErr error             // why it is not known
	err        error             // of docker ps
}

// roundKind is what a round is for.
type roundKind int

const (
	roundWanted    roundKind = iota // inspections that timelines want
	roundSingle                     // an inspection of one container about which docker inspect has hung or failed
	roundReconcile                  // docker ps, and inspections of all that it lists or that are known
)

// answer is what Docker said about one container, or that a round has ended.
type answer struct {
	*round                      // nil: Docker has answered something else
	id     string               // "" if the round has ended
	found  *dockercli.Container // nil for no such container
	err    error
	places map[string]string // with err, for a container whose cgroup was not watched: see watch.cgroupPlaces
}

// Limits of the questions to Docker.
const (
	inspectBatch   = 100              // containers in one docker inspect
	firstLimit     = 12 * time.Second // for the inspections before the watch begins: see dockercli.InspectEach
	maxSingles     = 4
	maxBatches     = 4                // one container of each may hang
	nextBatchAfter = 2 * time.Second  // a batch need not wait longer for the one before
	silentAfter    = 10 * time.Second // without an answer, Docker is reported as silent
	maxRetryWait   = 30 * time.Second // between two questions that fail
)

// unresponsive is a container about which docker inspect has hung or failed. From then on it has rounds of its own, so that no
// other container waits for it.
type unresponsive struct {
	next       time.Time
	wait       time.Duration
	inspecting bool
	reported   bool // in the log
}

// failed puts off the next inspection: each time for twice as long, up to maxRetryWait.
func (u *unresponsive) failed(now time.Time) {
	u.next = now.Add(u.wait)
	u.wait = min(2*u.wait, maxRetryWait)
}

// startInspections asks Docker what is wanted and due: a comparison with docker ps, or else inspections.
func (w *watch) startInspections(ctx context.Context) {
	now := time.Now()
	w.probeDocker(ctx, now)
	if now.Before(w.retry) || !w.connected {
		return
	}
	due := !w.reconcileAt.IsZero() && !now.Before(w.reconcileAt) || w.started && now.Sub(w.reconciledAt) > w.Every
	if due && !w.reconciling {
		w.startReconciling(ctx, now)
		return
	}
	w.startSingles(ctx, now)
	w.startBatch(ctx, now)
}

// startReconciling compares docker ps with what is known.
func (w *watch) startReconciling(ctx context.Context, now time.Time) {
	w.reconciling, w.reconcileAt, w.reconciledAt = true, time.Time{}, now
	r := &round{kind: roundReconcile, asked: now, first: !w.started, names: map[string]string{}, single: map[string]bool{}}
	for id := range w.unresponsive {
		r.single[id] = true
	}
	for id := range w.timelines {
		if !r.single[id] {
			r.ids = append(r.ids, id)
		}
	}
	w.asked(now)
	r.watched = w.watchedNow()
	go w.reconcile(ctx, r)
}

// startSingles inspects unresponsive containers, each by itself.
func (w *watch) startSingles(ctx context.Context, now time.Time) {
	for id := range w.inspectWanted {
		one := w.unresponsive[id]
		if one == nil || one.inspecting || now.Before(one.next) || w.singles >= maxSingles {
			continue
		}
		one.inspecting = true
		w.singles++
		delete(w.inspectWanted, id)
		go w.inspect(ctx, &round{kind: roundSingle, asked: now, ids: []string{id}, watched: w.watchedNow()})
	}
}

// startBatch inspects the other containers together.
func (w *watch) startBatch(ctx context.Context, now time.Time) {
	if w.batches > 0 && (w.batches >= maxBatches || now.Sub(w.batchStarted) <= nextBatchAfter) {
		return
	}
	r := &round{kind: roundWanted, asked: now, watched: w.watchedNow()}
	for id := range w.inspectWanted {
		if w.unresponsive[id] == nil && len(r.ids) < inspectBatch {
			r.ids = append(r.ids, id)
			delete(w.inspectWanted, id)
		}
	}
	if len(r.ids) == 0 {
		return
	}
	w.batches++
	w.batchStarted = now
	w.asked(now)
	go w.inspect(ctx, r)
}

// watchedNow returns the containers whose cgroups are watched.
func (w *watch) watchedNow() map[string]bool {
	all := map[string]bool{}
	for id := range w.watched {
		all[id] = true
	}
	return all
}

// reconcile runs a round of kind roundReconcile. The first one also asks for the daemon's history: what was sent before the watch
// began may take effect now. Only a watch that reports the past cannot begin without the history.
func (w *watch) reconcile(ctx context.Context, r *round) {
	lines, err := w.docker.Ps(ctx, true, w.Filter)
	// What is known and not listed may have ended, or be removed, or no longer match the filter: docker ps looks for an image
	// by the id that its name has now.
	known := map[string]bool{}
	for _, id := range r.ids {
		known[id] = true
	}
	for _, line := range lines {
		if line.State != "running" && line.State != "paused" && line.State != "restarting" {
			continue
		}
		r.names[line.ID] = line.Name
		if !known[line.ID] && !r.single[line.ID] {
			r.ids = append(r.ids, line.ID)
		}
	}
	if r.first && err == nil {
		if r.history, r.historyErr = w.docker.EventHistory(ctx); !w.Since.IsZero() {
			err = r.historyErr
		}
	}
	if r.err = err; err != nil {
		w.send(ctx, answer{round: r})
		return
	}
	w.send(ctx, answer{})
	w.inspect(ctx, r)
}

// inspect runs the inspections of a round, and sends each answer as it comes. It searches the cgroups if docker inspect fails for a
// container whose cgroup is not watched: that takes long where there are many, and the loop must not wait for it.
func (w *watch) inspect(ctx context.Context, r *round) {
	limit := w.docker.CallTimeout()
	if r.first {
		limit = min(limit, firstLimit)
	} else if len(r.ids) == 1 {
		limit /= 3 // its share in a batch
	}
	places := sync.OnceValue(w.cgroupPlaces)
	w.docker.InspectEachWithin(ctx, limit, r.ids, func(id string, c *dockercli.Container, err error) {
		a := answer{round: r, id: id, found: c, err: err}
		if err != nil && !r.watched[id] && ctx.Err() == nil {
			a.places = places()
		}
		w.send(ctx, a)
	})
	w.send(ctx, answer{round: r})
}

func (w *watch) send(ctx context.Context, a answer) {
	select {
	case w.answers <- a:
	case <-ctx.Done():
	}
}

// asked records that Docker was asked something, and owes an answer.
func (w *watch) asked(now time.Time) {
	if w.owedSince.IsZero() {
		w.owedSince = now
	}
}

// probeDocker asks Docker for its version if it owes an answer: it may be a single container that delays it.
func (w *watch) probeDocker(ctx context.Context, now time.Time) {
	owes := w.batches > 0 && now.Sub(w.batchStarted) >= settleTime || !w.owedSince.IsZero() && now.Sub(w.owedSince) >= settleTime
	if !owes || !w.connected || now.Sub(w.probed) < inquiryInterval {
		return
	}
	w.asked(now)
	w.probed = now
	go func() {
		if w.docker.Answers(ctx, silentAfter/2) {
			w.send(ctx, answer{})
		}
	}()
}

// dockerSilent reports whether Docker has owed an answer for so long that it is worth a line.
func (w *watch) dockerSilent(now time.Time) bool {
	return !w.owedSince.IsZero() && now.Sub(w.owedSince) > silentAfter
}
