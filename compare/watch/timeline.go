package watch

import (
	"slices"
	"time"

	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"

	"haltscope/compare/target"
	"haltscope/dockercli"
)

const (
	// settle is how long after a thing other words on it are waited for: engines send stop before die or behind it, and
	// restart behind start.
	settleTime = time.Second
	// settleForced is the same where SIGKILL followed the stop signal: was it docker stop, or somebody's docker kill?
	forcedSettleTime = 5 * time.Second
	// muteWait is how long Docker's word on what the kernel has told is waited for, while Docker answers nothing.
	noAnswerWait = 6 * time.Second
	// slowWait is the same while Docker answers, but does not say yet what the kernel has told.
	answeredWait = 8 * time.Second
	// lastWait is how long the kernel's word on an end is held back at most, whatever Docker still has to say.
	maxEndWait = 9500 * time.Millisecond
	// giveUp is how far apart two words on the same thing may be.
	maxSkew = 30 * time.Second
	// outlived is how long a signal that is not to end the container may take to do so.
	outlivedAfter = 2 * time.Second
)

// Life is all that is known of one container, as a machine: events, inspections and sights of its cgroup go in, in
// whatever order they come, and lines come out. It has no clock and does no I/O: now is passed in, and is only compared
// with other nows; the times of events are Docker's.
type Timeline struct {
	ID, Name string

	// DaemonGrace is what the daemon gives a container without a grace of its own, in seconds; nil for Docker's default.
	DaemonGrace *int

	labels           labels
	container        *dockercli.Container // the last inspection
	inspectedAt      time.Time            // when that was asked for
	status           string               // as Docker last told: running, paused, exited; "" where it has not
	current          *run                 // the one that runs, or ran last
	earlier          []*run               // earlier ones whose end is not written yet, and the last one while Docker's word on it may come
	removal          *pending             // its removal
	cancelledRestart *pending             // a stop that called the next start by its policy off
	wantsInspect     bool                 // an inspection
	wantsSample      bool                 // a sight
	baseline         bool                 // what is found now is where the watch begins, and no news
	done             bool                 // and said so
	eventsLost       bool                 // events may be missing, now
}

// pending is something that is going to be said once it is due.
type pending struct {
	at      time.Time // when it happened
	learned time.Time // when that was learnt
	due     time.Time
	source  string
	written bool
}

type sentSignal struct {
	signal   int // 0 for unknown
	raw      int // as the event had it, which a label may have replaced
	at       time.Time
	learned  time.Time
	outlived bool // that it was outlived
}

// instance is one run of the container, from start to end.
type run struct {
	started        time.Time // by Docker's clock; zero for unknown
	startGuessed   bool      // by the start of its first process, for Docker does not answer
	processStarted time.Time // when that process started, by which its cgroup is watched; zero where Docker told of the run first
	pid            int       // of that process
	startEvent     bool
	start          *pending // nil for one that ran before the watch began
	restarted      bool     // docker restart said so
	startMissed    bool     // it began while nothing was heard of Docker
	restartCount   int      // how often its policy has restarted it, by inspect
	restartPolicy  string
	signals        []sentSignal
	stopEvent      bool
	end            *pending
	eventCode      string // of the event; a label may have replaced it
	inspected      *dockercli.State
	kernelEnd
	dispositions    *target.Dispositions
	told            bool
	flushed         bool      // there is no time left for other words on its end
	eventsLost      bool      // events of it may be missing,
	eventsLostUntil time.Time // up to then; zero for up to now
	oomKills
	freezer
}

// NewLife begins to follow a container. A silent one takes what it hears first for the state of things.
func NewTimeline(id, name string, silent bool) *Timeline {
	return &Timeline{ID: id, Name: name, baseline: silent}
}

// Event takes an event of Docker's.
func (l *Timeline) Event(n dockercli.Notice, now time.Time) {
	if n.Name != "" && n.Action != "rename" {
		l.Name = n.Name
	}
	l.shown(&n)
	soon := func() *pending {
		return &pending{at: n.Time, learned: now, due: now.Add(settleTime), source: "docker events: " + n.Action}
	}
	switch n.Action {
	case "start":
		l.cancelledRestart = nil // it was a docker restart's
		c := l.current
		switch {
		case c != nil && c.startedBy(n.Time): // inspect has told of this run before its event came
		case c != nil && l.startedBefore(c, n.Time): // and of the next one
			l.missed(n.Time, soon(), now)
			return
		default:
			c = l.begin(n.Time, now)
		}
		told := c.start != nil && c.start.written // the event may come late
		c.start, c.startEvent, c.startMissed, c.eventsLost = soon(), true, false, false
		c.start.written = told
		l.status, l.wantsInspect, l.baseline = "running", true, false
	case "restart":
		if l.current != nil {
			l.current.restarted = true
		}
	case "kill":
		i := l.runAt(n.Time)
		raw, _ := n.SignalNumber()
		i.signals = append(i.signals, sentSignal{raw: raw, at: n.Time, learned: now})
		l.reveal(i)
		slices.SortStableFunc(i.signals, func(a, b sentSignal) int { return a.at.Compare(b.at) })
	case "stop":
		i := l.runAt(n.Time)
		if (i.end != nil || i.told) && l.container != nil && l.container.State.Status == "restarting" && !slices.ContainsFunc(i.signals, func(k sentSignal) bool { return !k.outlived }) {
			l.cancelledRestart, l.wantsInspect = soon(), true // it has sent nothing
			break
		}
		i.stopEvent = true
	case "die":
		i := l.runAt(n.Time)
		if i.told {
			i.confirm(soon(), n.ExitCode) // inspect or the kernel has told of it before
			l.wantsInspect = l.wantsInspect || i.confirmation != nil
			break
		}
		i.end, i.eventCode = soon(), n.ExitCode
		if i == l.current {
			l.status, l.wantsInspect, l.baseline = "exited", true, false
		}
	case "oom":
		i := l.runAt(n.Time)
		i.oomEvent, l.wantsSample = true, true
		if i.oomPending == nil {
			i.oomPending = soon()
		}
	case "pause":
		i := l.runAt(n.Time)
		if i.pause == nil || i.pause.source == sourceInspect {
			told := i.pause != nil && i.pause.written
			i.pause = soon()
			i.pause.written = told
		}
		i.frozenOutside, i.thawedOutside, l.wantsSample = nil, nil, true
		l.status = "paused"
	case "unpause":
		i := l.runAt(n.Time)
		l.resume(i, soon())
		l.status, l.wantsSample = "running", true
	case "destroy":
		l.removal = soon()
	}
}

func (l *Timeline) resume(i *run, p *pending) {
	if i.pause != nil {
		i.unpause = p
	}
	i.thawedOutside, i.lastUnpause = nil, p.learned
}

const sourceInspect = "docker inspect"

func ended(status string) bool { return status == "exited" || status == "dead" }

// Wants reports whether an inspection is wanted, and forgets that.
func (l *Timeline) TakeWantsInspect() bool {
	w := l.wantsInspect
	l.wantsInspect = false
	return w
}

// WantsLook reports whether a sight is wanted, and forgets that.
func (l *Timeline) TakeWantsSample() bool {
	w := l.wantsSample
	l.wantsSample = false
	return w
}

// Over reports whether nothing more will come: the container is removed, and all has been said.
func (l *Timeline) Done() bool { return l.done }

// Running is what the watcher of cgroups needs of the current run: since when, and its first process. False where none
// is known to run.
func (l *Timeline) Running() (began time.Time, pid int, ok bool) {
	if l.container == nil || l.current == nil || l.current.end != nil || l.current.told || !l.container.State.Running || l.container.State.Pid == 0 {
		return time.Time{}, 0, false
	}
	// An inspection older than the start is another run's, and so is one of a run whose start event is still to come.
	if l.current.start != nil && l.container.State.StartedAt.Before(l.current.started.Add(-maxSkew)) || l.current.precedes(&l.container.State) {
		return time.Time{}, 0, false
	}
	return l.current.key(), l.container.State.Pid, true
}

// stopSignal is the number of the container's own; 0 if it cannot be understood or is not known.
func (l *Timeline) stopSignal() int {
	if l.container == nil {
		return int(unix.SIGTERM)
	}
	text := l.container.Config.StopSignal
	if text == "" {
		text = "TERM"
	}
	n, err := signal.ParseSignal(text)
	if err != nil {
		return 0
	}
	return int(n)
}

// grace is what docker stop waits unless told otherwise; below 0 for ever.
func (l *Timeline) grace() time.Duration {
	seconds := l.DaemonGrace
	if l.container != nil && l.container.Config.StopTimeout != nil {
		seconds = l.container.Config.StopTimeout
	}
	if seconds == nil {
		return 10 * time.Second
	}
	return time.Duration(*seconds) * time.Second
}
