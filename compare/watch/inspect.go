package watch

import (
	"context"
	"fmt"
	"maps"
	"time"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// answer is what Docker said of one container, that it said something else, or that a round of questions is over.
type answer struct {
	*round // nil: Docker has told its version, or listed the containers, which it was asked for at alive
	alive  time.Time
	id     string // "" for the end of the round
	found  *dockercli.Container
	err    error // why it said nothing
}

// round is a number of questions that are asked together.
type round struct {
	asked time.Time
	ids   []string
	kind  roundKind
	first bool // of the watch
	// Of one that holds docker ps against what is known:
	names   map[string]string // of the containers that run, by docker ps
	single  map[string]bool   // those that are asked about by themselves
	history int
	oldest  time.Time
	err     error // of docker ps
}

// kind is what a round is for.
type roundKind int

const (
	roundWanted    roundKind = iota // inspections that are waited for
	roundSingle                     // one of a container on which docker inspect has hung or failed
	roundReconcile                  // docker ps, and an inspection of all that run or are known
)

// Limits of the questions to Docker.
const (
	firstLimit   = 12 * time.Second // of the inspections before the watch begins: see dockercli.InspectEach
	aloneAtOnce  = 4                // rounds of one container
	someAtOnce   = 4                // rounds of several, one of whose containers may hang
	nextRound    = 2 * time.Second  // after which the next of those need not wait for the last
	silentAfter  = 10 * time.Second // for how long Docker may not answer before that is said
	maxRetryWait = 30 * time.Second // between two questions that come to nothing
)

// reluctant is a container on which docker inspect has hung or failed. It is asked about by itself from then on, so that
// nobody else waits for it.
type unresponsive struct {
	next       time.Time
	wait       time.Duration
	inspecting bool
	reported   bool // that was logged
}

// ask asks Docker what is wanted: one round at a time of what is waited for; beside it one that holds docker ps against
// all, which takes longer; and those that concern one reluctant container each.
func (w *watch) startInspections(ctx context.Context) {
	now := time.Now()
	w.probeDocker(ctx, now)
	if now.Before(w.retry) || !w.connected {
		return // docker has failed just now
	}
	if !w.reconciling && (!w.reconcileAt.IsZero() && !now.Before(w.reconcileAt) || w.started && now.Sub(w.reconciledAt) > w.Every) {
		w.reconciling, w.reconcileAt, w.reconciledAt = true, time.Time{}, now
		r := &round{asked: now, kind: roundReconcile, first: !w.started, names: map[string]string{}, single: map[string]bool{}}
		for id := range w.unresponsive {
			r.single[id] = true
		}
		for id := range w.timelines {
			if !r.single[id] {
				r.ids = append(r.ids, id)
			}
		}
		w.asked(now)
		go w.reconcile(ctx, r, !w.started && !w.Since.IsZero())
		return
	}
	batch := &round{asked: now, kind: roundWanted}
	free := w.batches == 0 || w.batches < someAtOnce && now.Sub(w.batchStarted) > nextRound
	for id := range w.inspectWanted {
		switch one := w.unresponsive[id]; {
		case one == nil && free && len(batch.ids) < inspectBatch:
			batch.ids = append(batch.ids, id)
			delete(w.inspectWanted, id)
		case one != nil && !one.inspecting && !now.Before(one.next) && w.singles < aloneAtOnce:
			one.inspecting = true
			w.singles++
			delete(w.inspectWanted, id)
			go w.inspect(ctx, &round{asked: now, kind: roundSingle, ids: []string{id}})
		}
	}
	if len(batch.ids) > 0 {
		w.batches++
		w.batchStarted = now
		w.asked(now)
		go w.inspect(ctx, batch)
	}
}

// question notes that Docker was asked something that it has to answer.
func (w *watch) asked(now time.Time) {
	if w.owedSince.IsZero() {
		w.owedSince = now
	}
}

// heardOf notes that Docker answers.
func (w *watch) dockerAnswered(now time.Time) {
	if w.unresponsiveReported {
		w.unresponsiveReported = false
		// It was Docker that did not answer, and not about these.
		maps.DeleteFunc(w.unresponsive, func(_ string, one *unresponsive) bool { return !one.inspecting })
		w.write(&Line{At: now, Level: Info, Action: ActionDaemon, Message: "docker answers again"})
	}
	w.owedSince = time.Time{}
}

// probe asks Docker for its version where it owes an answer: it may be one container that keeps it from another.
func (w *watch) probeDocker(ctx context.Context, now time.Time) {
	owes := w.batches > 0 && now.Sub(w.batchStarted) >= settleTime || !w.owedSince.IsZero() && now.Sub(w.owedSince) >= settleTime
	if !owes || !w.connected || now.Sub(w.probed) < inquiryInterval {
		return
	}
	w.asked(now)
	w.probed = now
	go func() {
		if w.docker.Answers(ctx, silentAfter/2) {
			w.send(ctx, answer{alive: now})
		}
	}()
}

// mute reports whether Docker has not answered for long enough that this is worth saying.
func (w *watch) dockerSilent(now time.Time) bool {
	return !w.owedSince.IsZero() && now.Sub(w.owedSince) > silentAfter
}

// list runs a round that holds docker ps against what is known.
func (w *watch) reconcile(ctx context.Context, r *round, history bool) {
	lines, err := w.docker.Listed(ctx, w.Filter)
	// What is known and not listed may have ended, or be gone, or no longer be what the filter finds: docker ps looks for
	// an image by the id that its name has now.
	known := map[string]bool{}
	for _, id := range r.ids {
		known[id] = true
	}
	for _, line := range lines {
		if line.State == "running" || line.State == "paused" || line.State == "restarting" {
			r.names[line.ID] = line.Name
			if !known[line.ID] && !r.single[line.ID] {
				r.ids = append(r.ids, line.ID)
			}
		}
	}
	if history && err == nil {
		r.oldest, r.history, err = w.docker.History(ctx)
	}
	if r.err = err; err != nil {
		w.send(ctx, answer{round: r})
		return
	}
	w.send(ctx, answer{alive: r.asked})
	w.inspect(ctx, r)
}

// inspect runs the inspections of a round, and says each as it comes.
func (w *watch) inspect(ctx context.Context, r *round) {
	docker := *w.docker
	if r.first {
		docker.Timeout = min(docker.Timeout, firstLimit)
	} else if len(r.ids) == 1 {
		docker.Timeout /= 3 // what each gets of many
	}
	docker.InspectEach(ctx, r.ids, func(id string, c *dockercli.Container, err error) {
		w.send(ctx, answer{round: r, id: id, found: c, err: err})
	})
	w.send(ctx, answer{round: r})
}

func (w *watch) send(ctx context.Context, a answer) {
	select {
	case w.answers <- a:
	case <-ctx.Done():
	}
}

// answered takes what Docker said.
func (w *watch) answered(a answer, from time.Time) {
	now := time.Now()
	if a.round == nil {
		w.dockerAnswered(now)
		for _, l := range w.active {
			l.DockerAnswered(a.alive)
		}
		return
	}
	if a.id == "" {
		w.roundEnded(a.round, from, now)
		return
	}
	first := a.kind == roundReconcile && !w.started
	l := w.timelines[a.id]
	if a.err != nil {
		if l == nil && w.mayFollow(a) && w.matchesName(a.names[a.id]) {
			l = w.follow(a.id, a.names[a.id], first)
		}
		if l != nil {
			w.inspectFailed(l, a.err, now)
		}
		return
	}
	w.dockerAnswered(now)
	delete(w.unresponsive, a.id)
	if l == nil {
		if a.found == nil || !w.mayFollow(a) || !w.matchesName(value.Clean(trimSlash(a.found.Name))) {
			return
		}
		l = w.follow(a.id, a.found.Name, first)
	}
	if f := w.watched[a.id]; f != nil && a.found != nil && a.found.State.Pid != f.pid {
		w.takeSample(l, now) // the end of its first process comes before what Docker says after it
	}
	// A container that was asked about alone had no part in what docker ps was held against.
	l.Inspection(a.found, a.asked, now, a.kind != roundWanted && (!first || a.found == nil))
	w.advance(l, now)
}

// mayBegin reports whether a container that is not followed is to be: docker ps has listed it, and it was not removed since.
func (w *watch) mayFollow(a answer) bool {
	_, is := a.names[a.id]
	return is && !w.removedMeanwhile[a.id]
}

// refused has a container on which docker inspect hangs or fails asked about later, by itself; the kernel stands in.
func (w *watch) inspectFailed(l *Timeline, err error, now time.Time) {
	one := w.unresponsive[l.ID]
	if one == nil {
		one = &unresponsive{wait: settleTime}
		w.unresponsive[l.ID] = one
	}
	one.next = now.Add(one.wait)
	one.wait = min(2*one.wait, maxRetryWait)
	w.inspectWanted[l.ID] = true
	w.findWithoutDocker(l, now)
	if !one.reported {
		one.reported = true
		w.Log.Warn().Err(err).Str("container", l.Name).Msg("docker inspect gives no answer about this container: what the kernel tells of its cgroup stands in")
	}
}

// over ends a round.
func (w *watch) roundEnded(r *round, from, now time.Time) {
	switch r.kind {
	case roundWanted:
		w.batches--
		return
	case roundReconcile:
		w.reconciling, w.removedMeanwhile = false, nil
	case roundSingle:
		w.singles--
		if one := w.unresponsive[r.ids[0]]; one != nil {
			one.inspecting = false
		}
		return
	}
	if r.err != nil {
		w.failures++
		wait := min(settleTime<<min(w.failures-1, 5), maxRetryWait)
		w.retry, w.reconcileAt = now.Add(wait), now
		w.Log.Warn().Err(r.err).Msgf("asking docker again in %s", wait)
		return
	}
	w.failures = 0
	missed := !w.eventsLostSince.IsZero()
	if !w.started {
		w.begin(r, from, now)
	}
	if missed {
		w.closeGap(now)
	}
}

// begin says that the watch has begun, and what of the past cannot be told.
func (w *watch) begin(a *round, from, now time.Time) {
	w.started = true
	w.eventsRestored(true, now) // what was before is not told
	w.eventsLostSince, w.resumePoint = time.Time{}, nil
	w.write(&Line{At: now, Level: Info, Action: ActionWatch, Message: "watching " + w.howManyFollowed(now)})
	if !w.Since.IsZero() && (a.history == 0 || a.oldest.After(from)) {
		to := a.oldest
		if a.history == 0 {
			to = now
		}
		w.write(&Line{At: now, Level: Warn, Action: ActionGap, From: &from, To: &to, MayHide: gapMayHide,
			Message: fmt.Sprintf("the daemon's history, of at most %d events, begins at %s, later than what was asked for", dockercli.HistoryLimit, to.UTC().Format(time.RFC3339))})
	}
	if w.Ready != nil {
		w.Ready()
	}
}

// hidden is what inspections afterwards cannot show.
var gapMayHide = []string{"containers that came and went", "pauses that were resumed", "signals that were outlived", "how a run ended, if another began"}

// gap ends a time in which nothing was heard of Docker: all of it was told afterwards, or what may be missing is said.
func (w *watch) closeGap(now time.Time) {
	from, to := w.eventsLostSince, now
	complete := w.resumePoint == nil && w.hadResumePoint
	w.eventsLostSince, w.resumePoint = time.Time{}, nil
	if w.disconnectReported {
		w.disconnectReported = false
		w.write(&Line{At: now, Level: Info, Action: ActionDaemon, Message: "docker tells of events again"})
	}
	if complete {
		return
	}
	w.eventsRestored(false, now)
	w.write(&Line{At: now, Level: Warn, Action: ActionGap, From: &from, To: &to, MayHide: gapMayHide,
		Message: "the daemon's history does not go back to the last event that was seen (it was restarted, or more has happened than it keeps): what docker ps and inspect could not show is not known"})
}
