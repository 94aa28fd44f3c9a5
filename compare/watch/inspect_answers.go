package watch

import (
	"fmt"
	"maps"
	"time"

	"github.com/rs/zerolog"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// answered handles an answer of Docker's.
func (w *watch) answered(a answer, from time.Time) {
	now := time.Now()
	switch {
	case a.round == nil:
		w.dockerAnswered(now)
	case a.id == "":
		w.roundEnded(a.round, from, now)
	case a.err != nil:
		w.inspectFailed(a, now)
	default:
		w.inspected(a, now)
	}
}

// dockerAnswered records that Docker has answered.
func (w *watch) dockerAnswered(now time.Time) {
	if w.unresponsiveReported {
		w.unresponsiveReported = false
		// It was Docker that did not answer, whatever the container.
		maps.DeleteFunc(w.unresponsive, func(_ string, one *unresponsive) bool { return !one.inspecting })
		w.write(&Line{At: now, Level: Info, Action: ActionDaemon, Message: "docker answers again"})
	}
	w.owedSince = time.Time{}
}

// reportSilence writes that Docker has not answered for long.
func (w *watch) reportSilence(now time.Time) {
	if !w.dockerSilent(now) || w.unresponsiveReported || !w.connected {
		return
	}
	w.unresponsiveReported = true
	w.write(&Line{At: now, Level: Warn, Action: ActionDaemon,
		Message: "docker has not answered for " + now.Sub(w.owedSince).Round(time.Second).String() +
			": reporting what the kernel says, without confirmation by docker"})
}

// inspected passes an inspection to the timeline of its container.
func (w *watch) inspected(a answer, now time.Time) {
	w.dockerAnswered(now)
	delete(w.unresponsive, a.id)
	first := a.kind == roundReconcile && !w.started
	t := w.timelines[a.id]
	if t == nil {
		if a.found == nil || !w.mayFollow(a) || !w.matchesName(a.found.DisplayName()) {
			return
		}
		t = w.follow(a.id, a.found.Name, first)
	}
	if f := w.watched[a.id]; f != nil && a.found != nil && a.found.State.Pid != f.pid {
		w.takeSample(t, now) // the end of its main process came before Docker's answer
	}
	// A container with a round of its own had no part in the comparison with docker ps.
	t.Inspection(a.found, a.asked, now, a.kind != roundWanted && (!first || a.found == nil))
	if first {
		w.passHistory(t, a.round, now)
	}
	w.advance(t, now)
}

// passHistory passes on the signals that Docker sent to a container before the time since which the watch reports.
func (w *watch) passHistory(t *Timeline, r *round, now time.Time) {
	var kills []dockercli.Event
	for _, e := range r.history.Kills() {
		if e.ID == t.ID && e.Time.Before(w.from) {
			kills = append(kills, e)
		}
	}
	oldest := r.history.Oldest
	if r.history.Events == 0 {
		oldest = now
	}
	t.PastSignals(kills, oldest, now)
}

// mayFollow reports whether a timeline may begin: docker ps has listed the container, and it was not removed since.
func (w *watch) mayFollow(a answer) bool {
	_, listed := a.names[a.id]
	return listed && !w.removedMeanwhile[a.id]
}

// inspectFailed has the container inspected later, by itself. Until then the kernel is the only source.
func (w *watch) inspectFailed(a answer, now time.Time) {
	t := w.timelines[a.id]
	if t == nil {
		if !w.mayFollow(a) || !w.matchesName(a.names[a.id]) {
			return
		}
		t = w.follow(a.id, a.names[a.id], a.kind == roundReconcile && !w.started)
	}
	one := w.unresponsive[t.ID]
	if one == nil {
		one = &unresponsive{wait: settleTime}
		w.unresponsive[t.ID] = one
	}
	one.failed(now)
	w.inspectWanted[t.ID] = true
	if w.findWithoutDocker(t, now); w.watched[t.ID] == nil {
		if place := a.places[t.ID]; place != "" {
			w.findWithoutDocker(t, now, place)
		}
	}
	if a.kind == roundReconcile && !w.started {
		w.passHistory(t, a.round, now)
	}
	if !one.reported {
		one.reported = true
		w.warn(a.err).Str("container", w.logName(t)).
			Msg("docker inspect does not answer for this container; using what the kernel says about its cgroup")
	}
}

// roundEnded records that all answers of a round have come.
func (w *watch) roundEnded(r *round, from, now time.Time) {
	switch r.kind {
	case roundWanted:
		w.batches--
	case roundSingle:
		w.singles--
		if one := w.unresponsive[r.ids[0]]; one != nil {
			one.inspecting = false
		}
	case roundReconcile:
		w.reconciling, w.removedMeanwhile = false, nil
		w.reconciled(r, from, now)
	}
}

// reconciled ends a comparison with docker ps: the first one begins the watch, and one after a loss of events ends that.
func (w *watch) reconciled(r *round, from, now time.Time) {
	if w.PastOnly && r.err != nil {
		w.pastErr = r.err
		return
	}
	if r.err != nil {
		w.failures++
		wait := min(settleTime<<min(w.failures-1, 5), maxRetryWait)
		w.retry, w.reconcileAt = now.Add(wait), now
		w.warn(r.err).Msgf("retrying docker in %s", wait)
		return
	}
	w.failures = 0
	// A comparison that began before the stream was restored ends nothing.
	lost := (w.disconnectReported || !w.eventsLostSince.IsZero()) && w.connected && r.asked.After(w.connectedAt)
	if !w.started {
		w.begin(r, from, now)
	}
	if lost {
		w.closeGap(now)
	}
}

// begin writes that the watch has begun, and which part of the past is not known.
func (w *watch) begin(r *round, from, now time.Time) {
	w.started = true
	if r.historyErr != nil {
		w.warn(r.historyErr).Msg("what docker did before the watch began is unknown: an end that it causes may be inconclusive")
	}
	if w.Since.IsZero() { // what was missing before the watch does not matter
		w.eventsRestored(true, now)
		w.eventsLostSince, w.resumePoint = time.Time{}, nil
		if !w.connected {
			w.loseEvents(now)
		}
	}
	if !w.Since.IsZero() && !r.history.Complete(from) {
		w.writePastGap(&r.history, from, now)
	}
	if !w.PastOnly {
		w.write(&Line{At: now, Level: Info, Action: ActionWatch, Message: "watching " + w.watchedText(now)})
	}
	if w.Ready != nil {
		w.release(now) // that it has begun, unless lines of the past come first
		w.Ready()
	}
}

// writePastGap writes that the daemon's history begins later than since.
func (w *watch) writePastGap(h *dockercli.History, since, now time.Time) {
	to, text := now, "the daemon has no history, so that nothing from before is known"
	if h.Events > 0 {
		to = h.Oldest
		text = fmt.Sprintf("the daemon's history, of at most %d events, begins at %s, later than requested",
			dockercli.HistoryLimit, to.UTC().Format(time.RFC3339))
	}
	if !w.Until.IsZero() && to.After(w.Until) {
		to = w.Until
	}
	w.write(&Line{At: to, Level: Warn, Action: ActionGap, From: &since, To: &to, MayHide: gapMayHide, Message: text})
}

// logName is what the log calls a container.
func (w *watch) logName(t *Timeline) string {
	if w.Redact {
		return t.ID
	}
	return t.Name
}

// warn begins a line of the log about an error of docker's, with what it advises to do next.
func (w *watch) warn(err error) *zerolog.Event {
	line := w.Log.Warn().Err(err)
	if next := fault.Hint(err); next != "" {
		line.Str("next", next)
	}
	return line
}
