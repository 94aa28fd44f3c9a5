package watch

import (
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

const (
	// settleTime is how long related events are waited for: engines send stop before or after die, and restart after start.
	settleTime = time.Second
	// forcedSettleTime is the same where SIGKILL followed the stop signal: a stop event tells docker stop from docker kill.
	forcedSettleTime = 5 * time.Second
	// noAnswerWait is how long the kernel's report of an end waits for Docker's while Docker answers nothing.
	noAnswerWait = 6 * time.Second
	// answeredWait is the same while Docker answers, but does not report the end.
	answeredWait = 8 * time.Second
	// maxEndWait is how long the kernel's report of an end is held back at most, whatever Docker may still report.
	maxEndWait = 9500 * time.Millisecond
	// maxSkew is how far apart two reports of the same occurrence may be.
	maxSkew = 30 * time.Second
	// outlivedAfter is how long a signal that is not meant to end the container may take to do so.
	outlivedAfter = 2 * time.Second
)

// Timeline is all that is known of one container. Events, inspections and samples of its cgroup go in, in any order, and
// lines come out. It is a pure state machine: it has no clock and does no I/O. The caller passes the current time as now,
// which is only compared with other such times; the times of events are Docker's.
type Timeline struct {
	ID, Name string

	// DaemonGrace is the daemon's grace for containers without their own, in seconds; nil for Docker's default.
	DaemonGrace *int
	// NoSenders is why nobody can see who sends signals; nil if that is seen.
	NoSenders error
	askedReadings
	// NameOf names a container by its full id, also one that was removed or is not watched; "" if it is not known. It may be nil.
	NameOf func(id string) string
	// Others finds the timeline of another container by its full id; nil for one that is not watched.
	Others func(id string) *Timeline

	labels           labels
	container        *dockercli.Container // the last inspection; nil for none
	inspectedAt      time.Time            // when that was asked for
	status           string               // Docker's latest: running, paused, exited; "" for unknown
	current          *run                 // the run that is running, or ran last; nil for none known
	earlier          []*run               // runs whose end is not written yet; and the last one, while events of it may come
	removal          *pending             // of the container
	cancelledRestart *pending             // a stop that prevents the next start by the restart policy
	wantsInspect     bool
	wantsSample      bool
	baseline         bool // what is found first is how the watch begins, and no news
	done             bool // the removal is written
	eventsLost       bool // events may be missing now
	past             pastVictims

	suspendedFrom, suspendedTo time.Time // when the watch did not run, the last time; zero for never
}

// NewTimeline returns the timeline of a container. With baseline, what is found first is the state at the beginning of the
// watch, and is not reported.
func NewTimeline(id, name string, baseline bool) *Timeline {
	return &Timeline{ID: id, Name: name, baseline: baseline}
}

// pending is something that will be written once it is due.
type pending struct {
	at      time.Time // when it happened
	learned time.Time // when that was learned
	due     time.Time
	source  string
	written bool
}

// isDue reports whether it is to be written now.
func (p *pending) isDue(now time.Time) bool { return p != nil && !p.written && !now.Before(p.due) }

// Sources of what is pending.
const (
	sourceInspect  = "docker inspect"
	sourceDieEvent = "docker events: die"
	sourceKernel   = "pidfd" // an end that Docker has not confirmed
)

// TakeWantsInspect reports whether an inspection is wanted, and resets that.
func (t *Timeline) TakeWantsInspect() bool {
	wants := t.wantsInspect
	t.wantsInspect = false
	return wants
}

// TakeWantsSample reports whether a sample of the cgroup is wanted, and resets that.
func (t *Timeline) TakeWantsSample() bool {
	wants := t.wantsSample
	t.wantsSample = false
	return wants
}

// Done reports whether nothing more will come: the container is removed, and everything is written.
func (t *Timeline) Done() bool { return t.done && !t.aliveRuns() }

// Running returns what identifies the current run, and the PID of its main process. It returns false if no run is known to
// be running.
func (t *Timeline) Running() (started time.Time, pid int, ok bool) {
	if t.container == nil || t.current == nil || !t.container.State.Running || t.container.State.Pid == 0 {
		return time.Time{}, 0, false
	}
	r, inspected := t.current, &t.container.State
	if r.end != nil || r.isWritten() {
		return time.Time{}, 0, false
	}
	// An inspection from before the start is another run's, and so is one of a run whose start event is still to come.
	if r.start != nil && inspected.StartedAt.Before(r.started.Add(-maxSkew)) || r.precedes(inspected) {
		return time.Time{}, 0, false
	}
	return r.key(), inspected.Pid, true
}

// stopSignal is the number of the container's stop signal; 0 if it cannot be parsed.
func (t *Timeline) stopSignal() unix.Signal {
	if t.container == nil {
		return unix.SIGTERM
	}
	n, err := value.ParseStopSignal(t.container.Config.StopSignal)
	if err != nil {
		return 0
	}
	return n
}

// grace is how long docker stop waits unless told otherwise; negative for no limit.
func (t *Timeline) grace() time.Duration {
	seconds := t.DaemonGrace
	if t.container != nil && t.container.Config.StopTimeout != nil {
		seconds = t.container.Config.StopTimeout
	}
	return value.Grace(seconds)
}
