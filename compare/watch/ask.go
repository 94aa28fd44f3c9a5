package watch

import (
	"context"
	"fmt"
	"time"

	"haltscope/dockercli"
)

// answer is what docker ps and docker inspect said.
type answer struct {
	asked   time.Time
	ids     []string
	found   map[string]dockercli.Container
	list    []dockercli.PsLine
	all     bool // list is what there is
	oldest  time.Time
	history int
	err     error
}

// ask asks Docker what is wanted: one call at a time of those that are waited for, and beside it one that holds docker ps
// against all, which takes longer.
func (w *watch) ask(ctx context.Context) {
	now := time.Now()
	all := w.connected && (!w.resync.IsZero() && !now.Before(w.resync) || w.begun && now.Sub(w.listed) > w.Every)
	all = all && !w.reconciling
	if now.Before(w.retry) {
		return // docker has failed just now
	}
	if !all && (len(w.wanted) == 0 || !w.connected || w.asking) {
		return
	}
	a := answer{asked: now, all: all}
	if all {
		w.reconciling = true
	} else {
		w.asking = true
	}
	for id := range w.wanted {
		if all {
			break
		}
		// One that makes the call fail shall not take the others with it.
		if a.ids = append(a.ids, id); len(a.ids) == inspectAtOnce || w.failures > 0 {
			break
		}
	}
	for _, id := range a.ids {
		delete(w.wanted, id)
	}
	known := map[string]bool{}
	if all {
		w.resync, w.listed = time.Time{}, now
		for id := range w.lives {
			known[id] = true
		}
	}
	first := all && !w.begun && !w.Since.IsZero()
	go func() {
		if all {
			a.list, a.err = w.docker.Listed(ctx, w.Filter)
			for _, line := range a.list {
				if line.State == "running" || line.State == "paused" || line.State == "restarting" {
					a.ids = append(a.ids, line.ID)
					delete(known, line.ID)
				}
			}
			// What is known and not listed may have ended, or be gone, or no longer be what the filter finds: docker ps looks for
			// an image by the id that its name has now.
			for id := range known {
				if a.err == nil {
					a.ids = append(a.ids, id)
				}
			}
		}
		if first && a.err == nil {
			a.oldest, a.history, a.err = w.docker.History(ctx)
		}
		a.found = map[string]dockercli.Container{}
		for at := 0; at < len(a.ids) && a.err == nil; at += inspectAtOnce {
			var some map[string]dockercli.Container
			if some, a.err = w.docker.Inspect(ctx, a.ids[at:min(at+inspectAtOnce, len(a.ids))]...); a.err == nil {
				for id, c := range some {
					a.found[id] = c
				}
			}
		}
		w.answers <- a
	}()
}

func (w *watch) answered(a answer, from time.Time) {
	if a.all {
		w.reconciling = false
	} else {
		w.asking = false
	}
	now := time.Now()
	if a.err != nil {
		w.failures++
		wait := min(settle<<min(w.failures-1, 5), 30*time.Second)
		w.retry = now.Add(wait)
		w.Log.Warn().Err(a.err).Msgf("asking docker again in %s", wait)
		for _, id := range a.ids {
			if w.lives[id] != nil {
				w.wanted[id] = true
			}
		}
		if a.all {
			w.resync = now.Add(settle)
		}
		return
	}
	w.failures = 0
	first := a.all && !w.begun
	missed := a.all && !w.lostAt.IsZero()
	for _, id := range a.ids {
		c, there := a.found[id]
		l := w.lives[id]
		if l == nil {
			if !there || !w.named(dockercli.Clean(trimSlash(c.Name))) {
				continue
			}
			l = w.follow(id, c.Name, first)
		}
		if there {
			l.Inspected(&c, a.asked, now, a.all && !first)
		} else {
			l.Inspected(nil, a.asked, now, a.all)
		}
		w.settle(l, now)
	}
	if !a.all {
		return
	}
	if first {
		w.begin(a, from, now)
	}
	if missed {
		w.gap(now)
	}
}

// begin says that the watch has begun, and what of the past cannot be told.
func (w *watch) begin(a answer, from, now time.Time) {
	w.begun = true
	w.lostAt, w.anchor = time.Time{}, nil
	w.write(&Line{At: now, Level: Info, Action: ActionWatch, Message: "watching; " + w.howManyFollowed(now)})
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
	w.write(&Line{At: now, Level: Warn, Action: ActionGap, From: &from, To: &to, MayHide: hidden,
		Message: "the daemon's history does not go back to the last event that was seen (it was restarted, or more has happened than it keeps): what docker ps and inspect could not show is not known"})
}
