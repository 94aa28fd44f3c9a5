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
	kind  kind
	first bool // of the watch
	// Of one that holds docker ps against what is known:
	names   map[string]string // of the containers that run, by docker ps
	alone   map[string]bool   // those that are asked about by themselves
	history int
	oldest  time.Time
	err     error // of docker ps
}

// kind is what a round is for.
type kind int

const (
	some  kind = iota // inspections that are waited for
	alone             // one of a container on which docker inspect has hung or failed
	all               // docker ps, and an inspection of all that run or are known
)

// Limits of the questions to Docker.
const (
	firstLimit  = 12 * time.Second // of the inspections before the watch begins: see dockercli.InspectEach
	aloneAtOnce = 4                // rounds of one container
	someAtOnce  = 4                // rounds of several, one of whose containers may hang
	nextRound   = 2 * time.Second  // after which the next of those need not wait for the last
	quiet       = 10 * time.Second // for how long Docker may not answer before that is said
	longest     = 30 * time.Second // between two questions that come to nothing
)

// reluctant is a container on which docker inspect has hung or failed. It is asked about by itself from then on, so that
// nobody else waits for it.
type reluctant struct {
	next   time.Time
	wait   time.Duration
	asking bool
	told   bool // that was logged
}

// ask asks Docker what is wanted: one round at a time of what is waited for; beside it one that holds docker ps against
// all, which takes longer; and those that concern one reluctant container each.
func (w *watch) ask(ctx context.Context) {
	now := time.Now()
	w.probe(ctx, now)
	if now.Before(w.retry) || !w.connected {
		return // docker has failed just now
	}
	if !w.reconciling && (!w.resync.IsZero() && !now.Before(w.resync) || w.begun && now.Sub(w.listed) > w.Every) {
		w.reconciling, w.resync, w.listed = true, time.Time{}, now
		r := &round{asked: now, kind: all, first: !w.begun, names: map[string]string{}, alone: map[string]bool{}}
		for id := range w.reluctant {
			r.alone[id] = true
		}
		for id := range w.lives {
			if !r.alone[id] {
				r.ids = append(r.ids, id)
			}
		}
		w.question(now)
		go w.list(ctx, r, !w.begun && !w.Since.IsZero())
		return
	}
	batch := &round{asked: now, kind: some}
	free := w.asking == 0 || w.asking < someAtOnce && now.Sub(w.askedAt) > nextRound
	for id := range w.wanted {
		switch one := w.reluctant[id]; {
		case one == nil && free && len(batch.ids) < inspectAtOnce:
			batch.ids = append(batch.ids, id)
			delete(w.wanted, id)
		case one != nil && !one.asking && !now.Before(one.next) && w.alone < aloneAtOnce:
			one.asking = true
			w.alone++
			delete(w.wanted, id)
			go w.inspect(ctx, &round{asked: now, kind: alone, ids: []string{id}})
		}
	}
	if len(batch.ids) > 0 {
		w.asking++
		w.askedAt = now
		w.question(now)
		go w.inspect(ctx, batch)
	}
}

// question notes that Docker was asked something that it has to answer.
func (w *watch) question(now time.Time) {
	if w.unanswered.IsZero() {
		w.unanswered = now
	}
}

// heardOf notes that Docker answers.
func (w *watch) heardOf(now time.Time) {
	if w.muteTold {
		w.muteTold = false
		// It was Docker that did not answer, and not about these.
		maps.DeleteFunc(w.reluctant, func(_ string, one *reluctant) bool { return !one.asking })
		w.write(&Line{At: now, Level: Info, Action: ActionDaemon, Message: "docker answers again"})
	}
	w.unanswered = time.Time{}
}

// probe asks Docker for its version where it owes an answer: it may be one container that keeps it from another.
func (w *watch) probe(ctx context.Context, now time.Time) {
	owes := w.asking > 0 && now.Sub(w.askedAt) >= settle || !w.unanswered.IsZero() && now.Sub(w.unanswered) >= settle
	if !owes || !w.connected || now.Sub(w.probed) < askAgain {
		return
	}
	w.question(now)
	w.probed = now
	go func() {
		if w.docker.Answers(ctx, quiet/2) {
			w.say(ctx, answer{alive: now})
		}
	}()
}

// mute reports whether Docker has not answered for long enough that this is worth saying.
func (w *watch) mute(now time.Time) bool {
	return !w.unanswered.IsZero() && now.Sub(w.unanswered) > quiet
}

// list runs a round that holds docker ps against what is known.
func (w *watch) list(ctx context.Context, r *round, history bool) {
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
			if !known[line.ID] && !r.alone[line.ID] {
				r.ids = append(r.ids, line.ID)
			}
		}
	}
	if history && err == nil {
		r.oldest, r.history, err = w.docker.History(ctx)
	}
	if r.err = err; err != nil {
		w.say(ctx, answer{round: r})
		return
	}
	w.say(ctx, answer{alive: r.asked})
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
		w.say(ctx, answer{round: r, id: id, found: c, err: err})
	})
	w.say(ctx, answer{round: r})
}

func (w *watch) say(ctx context.Context, a answer) {
	select {
	case w.answers <- a:
	case <-ctx.Done():
	}
}

// answered takes what Docker said.
func (w *watch) answered(a answer, from time.Time) {
	now := time.Now()
	if a.round == nil {
		w.heardOf(now)
		for _, l := range w.open {
			l.Alive(a.alive)
		}
		return
	}
	if a.id == "" {
		w.over(a.round, from, now)
		return
	}
	first := a.kind == all && !w.begun
	l := w.lives[a.id]
	if a.err != nil {
		if l == nil && w.mayBegin(a) && w.named(a.names[a.id]) {
			l = w.follow(a.id, a.names[a.id], first)
		}
		if l != nil {
			w.refused(l, a.err, now)
		}
		return
	}
	w.heardOf(now)
	delete(w.reluctant, a.id)
	if l == nil {
		if a.found == nil || !w.mayBegin(a) || !w.named(value.Clean(trimSlash(a.found.Name))) {
			return
		}
		l = w.follow(a.id, a.found.Name, first)
	}
	if f := w.followed[a.id]; f != nil && a.found != nil && a.found.State.Pid != f.pid {
		w.lookAt(l, now) // the end of its first process comes before what Docker says after it
	}
	// A container that was asked about alone had no part in what docker ps was held against.
	l.Inspected(a.found, a.asked, now, a.kind != some && (!first || a.found == nil))
	w.settle(l, now)
}

// mayBegin reports whether a container that is not followed is to be: docker ps has listed it, and it was not removed since.
func (w *watch) mayBegin(a answer) bool {
	_, is := a.names[a.id]
	return is && !w.removed[a.id]
}

// refused has a container on which docker inspect hangs or fails asked about later, by itself; the kernel stands in.
func (w *watch) refused(l *Life, err error, now time.Time) {
	one := w.reluctant[l.ID]
	if one == nil {
		one = &reluctant{wait: settle}
		w.reluctant[l.ID] = one
	}
	one.next = now.Add(one.wait)
	one.wait = min(2*one.wait, longest)
	w.wanted[l.ID] = true
	w.standIn(l, now)
	if !one.told {
		one.told = true
		w.Log.Warn().Err(err).Str("container", l.Name).Msg("docker inspect gives no answer about this container: what the kernel tells of its cgroup stands in")
	}
}

// over ends a round.
func (w *watch) over(r *round, from, now time.Time) {
	switch r.kind {
	case some:
		w.asking--
		return
	case all:
		w.reconciling, w.removed = false, nil
	case alone:
		w.alone--
		if one := w.reluctant[r.ids[0]]; one != nil {
			one.asking = false
		}
		return
	}
	if r.err != nil {
		w.failures++
		wait := min(settle<<min(w.failures-1, 5), longest)
		w.retry, w.resync = now.Add(wait), now
		w.Log.Warn().Err(r.err).Msgf("asking docker again in %s", wait)
		return
	}
	w.failures = 0
	missed := !w.lostAt.IsZero()
	if !w.begun {
		w.begin(r, from, now)
	}
	if missed {
		w.gap(now)
	}
}

// begin says that the watch has begun, and what of the past cannot be told.
func (w *watch) begin(a *round, from, now time.Time) {
	w.begun = true
	w.hears(true, now) // what was before is not told
	w.lostAt, w.anchor = time.Time{}, nil
	w.write(&Line{At: now, Level: Info, Action: ActionWatch, Message: "watching " + w.howManyFollowed(now)})
	if !w.Since.IsZero() && (a.history == 0 || a.oldest.After(from)) {
		to := a.oldest
		if a.history == 0 {
			to = now
		}
		w.write(&Line{At: now, Level: Warn, Action: ActionGap, From: &from, To: &to, MayHide: hidden,
			Message: fmt.Sprintf("the daemon's history, of at most %d events, begins at %s, later than what was asked for", dockercli.HistoryLimit, to.UTC().Format(time.RFC3339))})
	}
	if w.Ready != nil {
		w.Ready()
	}
}

// hidden is what inspections afterwards cannot show.
var hidden = []string{"containers that came and went", "pauses that were resumed", "signals that were outlived", "how a run ended, if another began"}

// gap ends a time in which nothing was heard of Docker: all of it was told afterwards, or what may be missing is said.
func (w *watch) gap(now time.Time) {
	from, to := w.lostAt, now
	complete := w.anchor == nil && w.anchored
	w.lostAt, w.anchor = time.Time{}, nil
	if w.lostTold {
		w.lostTold = false
		w.write(&Line{At: now, Level: Info, Action: ActionDaemon, Message: "docker tells of events again"})
	}
	if complete {
		return
	}
	w.hears(false, now)
	w.write(&Line{At: now, Level: Warn, Action: ActionGap, From: &from, To: &to, MayHide: hidden,
		Message: "the daemon's history does not go back to the last event that was seen (it was restarted, or more has happened than it keeps): what docker ps and inspect could not show is not known"})
}
