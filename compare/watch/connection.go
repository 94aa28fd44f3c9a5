package watch

import (
	"time"

	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// connection is what is known of the event stream.
type connection struct {
	connected          bool
	connectedAt        time.Time // when the present stream began
	recentEvents       recentEvents
	lastEvent          *eventKey // the last one that came
	resumePoint        *eventKey // the last one before the stream was lost, until it comes again: then no event is missing
	hadResumePoint     bool
	eventsLostSince    time.Time // events may be missing since then; zero if none are
	disconnectReported bool
}

// lostConnection records that the event stream has ended.
func (w *watch) lostConnection(why error, at time.Time) {
	w.connected, w.owedSince = false, time.Time{} // outstanding answers will not come
	w.loseEvents(at)
	if w.PastOnly {
		w.pastErr = why
		return
	}
	if !w.disconnectReported {
		w.disconnectReported = true
		w.write(&Line{At: at, Level: Warn, Action: ActionDaemon,
			Message: "lost the docker events stream: " + value.Clean(fault.AddHint(why.Error(), why)) + "; reconnecting"})
	}
}

// refetch requests all events since a time again.
func (w *watch) refetch(since time.Time, why string) {
	w.Log.Warn().Time("since", since).Msg(why + ": requesting the events again")
	w.loseEvents(since)
	w.connected = false // until the follower has begun again
	w.follower.restart(since)
}

// requestMissing requests the events again if those of an end have not come, although docker inspect shows it and the stream goes
// on: the daemon drops events for a reader that is slow, and docker events may hang.
func (w *watch) requestMissing(now time.Time) {
	for _, t := range w.timelines {
		if since, missing := t.TakeMissingEvents(now); missing && w.connected {
			w.refetch(since, "docker inspect shows an end whose events have not come")
		}
	}
}

// loseEvents records that events may be missing since a time. While a resume point is awaited, it stays the one.
func (w *watch) loseEvents(since time.Time) {
	awaited := !w.hadResumePoint || w.resumePoint != nil
	if w.eventsLostSince.IsZero() {
		w.eventsLostSince = since
	} else if awaited {
		return
	}
	w.resumePoint, w.hadResumePoint = w.lastEvent, w.lastEvent != nil
	for _, t := range w.timelines {
		t.EventsLost()
	}
}

// passedResumePoint notes the last event. Once the resume point has come again, no event is missing.
func (w *watch) passedResumePoint(key eventKey, now time.Time) {
	w.lastEvent = &key
	if w.resumePoint != nil && key == *w.resumePoint {
		w.resumePoint = nil
		w.eventsRestored(true, now)
	}
}

// eventsRestored tells all timelines that events come again, and whether those of the meantime have come as well.
func (w *watch) eventsRestored(complete bool, now time.Time) {
	for _, t := range w.timelines {
		t.EventsRestored(complete, now)
	}
}

// gapMayHide is what inspections cannot show afterwards.
var gapMayHide = []string{"containers that were created and removed", "pauses that ended", "signals that a container survived",
	"how a run ended, if another one began"}

// closeGap ends a time in which events may be missing. Unless all have come again, it writes which time that was. What was missing
// before the watch began is no gap of it.
func (w *watch) closeGap(now time.Time) {
	from, to := w.eventsLostSince, now
	complete := from.IsZero() || w.resumePoint == nil && w.hadResumePoint
	w.eventsLostSince, w.resumePoint = time.Time{}, nil
	if w.disconnectReported {
		w.disconnectReported = false
		w.write(&Line{At: now, Level: Info, Action: ActionDaemon, Message: "docker events stream restored"})
	}
	if complete {
		return
	}
	w.eventsRestored(false, now)
	w.write(&Line{At: now, Level: Warn, Action: ActionGap, From: &from, To: &to, MayHide: gapMayHide,
		Message: "the daemon's history does not go back to the last event seen (the daemon was restarted, or more happened than it keeps): " +
			"what docker ps and inspect could not show is unknown"})
}
