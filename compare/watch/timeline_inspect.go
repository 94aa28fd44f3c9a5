package watch

import (
	"time"

	"haltscope/dockercli"
)

// Inspection records the answer of docker inspect to a call made at asked; c is nil if there is no such container. With
// catchUp, events may have been missed, so that a difference is news.
func (t *Timeline) Inspection(c *dockercli.Container, asked, now time.Time, catchUp bool) {
	o := occurrence{learned: now, source: sourceInspect, catchUp: catchUp}
	t.recordAnswer(c, asked, o)
	if asked.Before(t.inspectedAt) {
		return // a later call was answered before
	}
	t.inspectedAt = asked
	if c == nil {
		if o.at = now; catchUp && t.removal == nil {
			t.removal = o.pending()
		}
		return
	}
	t.container = c
	for _, r := range t.runs() {
		t.revealSignals(r) // now that the labels are known
	}
	t.Name = c.DisplayName()
	state := c.State
	o.state = &state
	switch o.input = t.compare(&state, catchUp); {
	case o.input == inspectTooEarly:
		return
	case o.input == inspectNextRun:
		t.inspectedNextRun(o)
	case t.current == nil && isRunning(&state):
		t.current = &run{eventsLost: t.eventsLost}
		t.apply(t.current, o)
	case t.current == nil:
		t.current = &run{state: final} // it had ended before
	default:
		t.apply(t.current, o)
	}
	wasBaseline := t.baseline
	t.baseline = false
	if isRunning(&state) && t.current.end == nil {
		t.updateRunning(c, asked, o, wasBaseline)
	}
}

// isRunning reports whether a container runs. Between two starts by its restart policy, Docker says both running and restarting.
func isRunning(s *dockercli.State) bool { return s.Running && s.Status != "restarting" }

func hasEnded(s *dockercli.State) bool { return s.Status == "exited" || s.Status == "dead" }

// compare returns what an inspection shows of the current run.
func (t *Timeline) compare(s *dockercli.State, catchUp bool) input {
	r := t.current
	later := r != nil && r.precedes(s)
	switch {
	case later && !catchUp && r.startEventDue(s.StartedAt):
		return inspectTooEarly
	case later && (isRunning(s) || hasEnded(s)):
		return inspectNextRun
	case later:
		return none
	case isRunning(s):
		return inspectRunning
	case r != nil && hasEnded(s) && !s.FinishedAt.Before(r.started):
		return inspectEnded
	}
	return none
}

// recordAnswer records that Docker answered, and what inspect says of the run that ended last.
func (t *Timeline) recordAnswer(c *dockercli.Container, asked time.Time, o occurrence) {
	for _, r := range t.runs() {
		if r.exitedAt != nil && r.exitAnswered.IsZero() && asked.After(r.exitLearned) {
			r.exitAnswered = o.learned
		}
		if r.end == nil || r.wasDisproved || asked.Before(r.end.learned) {
			continue
		}
		r.answered = o.learned
		// With an error, the state is that of a failed start after this run.
		if c == nil || c.State.Running || c.State.Error != "" || r != t.current || r.precedes(&c.State) {
			continue
		}
		state := c.State
		r.inspected = &state
		if r.end.source == sourceInspect {
			continue // inspect cannot confirm itself: events may still come, and say who asked
		}
		o.input, o.at = inspectConfirmed, o.learned
		t.apply(r, o)
	}
}

// recordInspectedStart records a start that inspect was the first to show.
func (t *Timeline) recordInspectedStart(r *run, o occurrence) {
	r.started, r.startGuessed = o.state.StartedAt, false
	if !t.baseline && r.start == nil && o.catchUp && len(r.signals) == 0 {
		o.at = o.state.StartedAt
		r.start, r.startMissed = o.pending(), true
	}
}

// correctStart replaces a guessed time of the start by Docker's.
func (t *Timeline) correctStart(r *run, o occurrence) {
	if r.startGuessed || r.started.IsZero() {
		t.recordInspectedStart(r, o)
	}
}

func (*Timeline) recordInspectedEnd(r *run, o occurrence) {
	o.at = o.state.FinishedAt
	r.end, r.inspected, r.answered = o.pending(), o.state, o.learned
}

// inspectedNextRun records that inspect shows a run after the current one, which has ended, and may have ended itself.
func (t *Timeline) inspectedNextRun(o occurrence) {
	previous := t.current
	o.at = o.state.StartedAt
	die, code := previous.releasableDie(o.at)
	if die != nil {
		t.apply(previous, occurrence{input: dieReleased})
	}
	t.apply(previous, o)
	r := t.begin(o.at, o.learned)
	r.start, r.startMissed, r.eventsLost = o.pending(), true, true
	if !t.eventsLost {
		r.eventsLostUntil = o.learned
	}
	if die != nil {
		t.apply(r, occurrence{input: dieReceived, end: die, exitCode: code})
	}
	if isRunning(o.state) {
		return
	}
	if die == nil {
		o.input = inspectEnded
		t.apply(r, o)
	}
	r.inspected, r.answered = o.state, o.learned
}

// recordUnseenEnd records the end of a run that only the next one shows.
func (*Timeline) recordUnseenEnd(r *run, o occurrence) {
	if r.end == nil {
		r.end, r.answered = o.pending(), o.learned
	}
}

// releasableDie returns the die event of a run if it turns out to be that of the next one, which started at a time, and its
// exit code.
func (r *run) releasableDie(next time.Time) (*pending, string) {
	die := r.end
	if r.isWritten() {
		die = r.confirmation
	}
	if die == nil || die.written || die.source != sourceDieEvent || die.at.Before(next) {
		return nil, ""
	}
	return die, r.eventCode
}

func (*Timeline) forgetDie(r *run, _ occurrence)          { r.end, r.eventCode = nil, "" }
func (*Timeline) forgetConfirmation(r *run, _ occurrence) { r.confirmation, r.eventCode = nil, "" }
func (*Timeline) receiveDie(r *run, o occurrence)         { r.end, r.eventCode = o.end, o.exitCode }

// updateRunning records what inspect says of the current run, which runs.
func (t *Timeline) updateRunning(c *dockercli.Container, asked time.Time, o occurrence, baseline bool) {
	r := t.current
	if r.start != nil {
		r.restartCount, r.restartPolicy = c.RestartCount, c.HostConfig.RestartPolicy.Name
		if r.start.learned.After(asked) {
			t.wantsInspect = true // it was asked before that start
		}
	}
	if asked.After(r.answered) {
		r.answered = asked
	}
	o.at = o.learned
	switch {
	case c.State.Paused && asked.After(r.lastUnpause):
		// Since when it was paused before the watch, nobody knows.
		if o.input = inspectPaused; r.pause == nil {
			t.applyFreezer(r, o)
			r.pause.written = baseline
		}
	case !c.State.Paused && r.pause != nil && o.catchUp && asked.After(r.pause.learned):
		o.input = inspectUnpaused
		t.applyFreezer(r, o)
	}
	t.status = c.State.Status
}

// ProcessFound records that the container runs, by a main process of which Docker has not reported yet and the time that it
// started. It returns the key of the run that the process belongs to, and false if that run has ended.
func (t *Timeline) ProcessFound(started time.Time, pid int, now time.Time) (key time.Time, ok bool) {
	if t.current == nil {
		t.current = &run{eventsLost: t.eventsLost}
	}
	r := t.current
	if r.state == unseen {
		r.pid = pid
		t.apply(r, occurrence{input: processFound, at: started, learned: now})
	} else if r.state != running || started.After(r.started.Add(startGap)) {
		return time.Time{}, false // another run, which Docker will report
	}
	t.status = "running"
	return r.key(), true
}

func (*Timeline) recordProcess(r *run, o occurrence) {
	r.started, r.startGuessed, r.processStarted = o.at, true, o.at
}
