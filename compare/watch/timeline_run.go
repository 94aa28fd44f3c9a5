package watch

import (
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/target"
	"haltscope/dockercli"
)

// run is one run of the container, from its start to its end.
type run struct {
	state runState

	started        time.Time // by Docker's clock; zero for unknown
	startGuessed   bool      // started is that of the main process, for Docker did not answer
	processStarted time.Time // of a run that was found by its main process; zero for others
	pid            int       // of that process
	start          *pending  // nil for a run from before the watch
	startEvent     bool      // Docker's start event has come
	startMissed    bool      // it started while the event stream was lost
	restarted      bool      // by docker restart
	restartCount   int       // by the restart policy, as inspect has it
	restartPolicy  string

	signals   []sentSignal
	survived  []*survived // by the signal's number
	policyOff *policyOff  // nil if no signal turned its restart policy off
	stopEvent bool
	end       *pending         // nil while it has not ended, or had before the watch
	eventCode string           // exit code of the die event, which a label may have replaced
	inspected *dockercli.State // after the end; nil if another run began before
	answered  time.Time        // when Docker last answered an inspection of it

	eventsLost      bool      // events of it may be missing,
	eventsLostUntil time.Time // up to then; zero for up to now
	lostAfterEnd    bool      // events may be missing that came after its end
	wasDisproved    bool      // Docker had reported its end before it came
	eventsRequested bool      // because those of its end have not come
	flushed         bool      // there is no time left to wait for related events

	dispositions *target.Dispositions // of the signal target; nil for unknown
	exit
	sentSignals
	oomKills
	freezer
	frozenBelow
}

// sentSignal is a signal that Docker sent.
type sentSignal struct {
	signal   unix.Signal // 0 for unknown
	raw      unix.Signal // the event's, which a label may have replaced
	at       time.Time
	learned  time.Time
	outlived bool // and that is counted: see countSurvived
}

// isWritten reports whether the end is written, or was before the watch.
func (r *run) isWritten() bool { return r.state >= provisional }

// endedAt is when the run ended: the earliest of what the kernel, Docker's event and the runtime (by inspect) reported,
// because none of them reports an end that has not happened.
func (r *run) endedAt() time.Time {
	end := r.end.at
	if r.exitedAt != nil && r.exitedAt.Before(end) { // not exitTime, which may be too early
		end = *r.exitedAt
	}
	if r.inspected != nil && !r.inspectedAnother() && r.inspected.FinishedAt.After(r.started) && r.inspected.FinishedAt.Before(end) {
		end = r.inspected.FinishedAt
	}
	return end
}

// key identifies the run for the kernel's side. It stays the same when Docker reports when the run really started.
func (r *run) key() time.Time {
	if !r.processStarted.IsZero() {
		return r.processStarted
	}
	return r.started
}
