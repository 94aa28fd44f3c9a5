package watch

import (
	"slices"
	"time"

	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"

	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

const (
	// settle is how long after a thing other words on it are waited for: engines send stop before die or behind it, and
	// restart behind start.
	settle = time.Second
	// settleForced is the same where SIGKILL followed the stop signal: was it docker stop, or somebody's docker kill?
	settleForced = 5 * time.Second
	// muteWait is how long Docker's word on what the kernel has told is waited for, while Docker answers nothing.
	muteWait = 6 * time.Second
	// slowWait is the same while Docker answers, but does not say yet what the kernel has told.
	slowWait = 8 * time.Second
	// lastWait is how long the kernel's word on an end is held back at most, whatever Docker still has to say.
	lastWait = 9500 * time.Millisecond
	// giveUp is how far apart two words on the same thing may be.
	giveUp = 30 * time.Second
	// outlived is how long a signal that is not to end the container may take to do so.
	outlived = 2 * time.Second
)

// Life is all that is known of one container, as a machine: events, inspections and sights of its cgroup go in, in
// whatever order they come, and lines come out. It has no clock and does no I/O: now is passed in, and is only compared
// with other nows; the times of events are Docker's.
type Life struct {
	ID, Name string

	// DaemonGrace is what the daemon gives a container without a grace of its own, in seconds; nil for Docker's default.
	DaemonGrace *int

	labels  labels
	docker  *dockercli.Container // the last inspection
	asked   time.Time            // when that was asked for
	status  string               // as Docker last told: running, paused, exited; "" where it has not
	current *instance            // the one that runs, or ran last
	ending  []*instance          // earlier ones whose end is not written yet, and the last one while Docker's word on it may come
	gone    *pending             // its removal
	off     *pending             // a stop that called the next start by its policy off
	wants   bool                 // an inspection
	look    bool                 // a sight
	silent  bool                 // what is found now is where the watch begins, and no news
	removed bool                 // and said so
	deaf    bool                 // events may be missing, now
}

// pending is something that is going to be said once it is due.
type pending struct {
	at     time.Time // when it happened
	came   time.Time // when that was learnt
	due    time.Time
	source string
	told   bool
}

type sent struct {
	signal int // 0 for unknown
	raw    int // as the event had it, which a label may have replaced
	at     time.Time
	came   time.Time
	told   bool // that it was outlived
}

// instance is one run of the container, from start to end.
type instance struct {
	began        time.Time // by Docker's clock; zero for unknown
	guessed      bool      // by the start of its first process, for Docker does not answer
	found        time.Time // when that process started, by which its cgroup is watched; zero where Docker told of the run first
	pid          int       // of that process
	begunByEvent bool
	start        *pending // nil for one that ran before the watch began
	restart      bool     // docker restart said so
	unseen       bool     // it began while nothing was heard of Docker
	count        int      // how often its policy has restarted it, by inspect
	policy       string
	kills        []sent
	stop         bool
	died         *pending
	code         string // of the event; a label may have replaced it
	state        *dockercli.State
	kernelEnd
	stance  *target.Dispositions
	told    bool
	hurried bool      // there is no time left for other words on its end
	deaf    bool      // events of it may be missing,
	until   time.Time // up to then; zero for up to now
	ooms
	freezer
}

// NewLife begins to follow a container. A silent one takes what it hears first for the state of things.
func NewLife(id, name string, silent bool) *Life { return &Life{ID: id, Name: name, silent: silent} }

// Event takes an event of Docker's.
func (l *Life) Event(n dockercli.Notice, now time.Time) {
	if n.Name != "" && n.Action != "rename" {
		l.Name = n.Name
	}
	l.shown(&n)
	soon := func() *pending {
		return &pending{at: n.Time, came: now, due: now.Add(settle), source: "docker events: " + n.Action}
	}
	switch n.Action {
	case "start":
		l.off = nil // it was a docker restart's
		c := l.current
		switch {
		case c != nil && c.startedBy(n.Time): // inspect has told of this run before its event came
		case c != nil && l.startedBefore(c, n.Time): // and of the next one
			l.missed(n.Time, soon(), now)
			return
		default:
			c = l.begin(n.Time, now)
		}
		told := c.start != nil && c.start.told // the event may come late
		c.start, c.begunByEvent, c.unseen, c.deaf = soon(), true, false, false
		c.start.told = told
		l.status, l.wants, l.silent = "running", true, false
	case "restart":
		if l.current != nil {
			l.current.restart = true
		}
	case "kill":
		i := l.at(n.Time)
		raw, _ := n.SignalNumber()
		i.kills = append(i.kills, sent{raw: raw, at: n.Time, came: now})
		l.reveal(i)
		slices.SortStableFunc(i.kills, func(a, b sent) int { return a.at.Compare(b.at) })
	case "stop":
		i := l.at(n.Time)
		if (i.died != nil || i.told) && l.docker != nil && l.docker.State.Status == "restarting" && !slices.ContainsFunc(i.kills, func(k sent) bool { return !k.told }) {
			l.off, l.wants = soon(), true // it has sent nothing
			break
		}
		i.stop = true
	case "die":
		i := l.at(n.Time)
		if i.told {
			i.confirm(soon(), n.ExitCode) // inspect or the kernel has told of it before
			l.wants = l.wants || i.later != nil
			break
		}
		i.died, i.code = soon(), n.ExitCode
		if i == l.current {
			l.status, l.wants, l.silent = "exited", true, false
		}
	case "oom":
		i := l.at(n.Time)
		i.oom, l.look = true, true
		if i.oomDue == nil {
			i.oomDue = soon()
		}
	case "pause":
		i := l.at(n.Time)
		if i.pause == nil || i.pause.source == inspected {
			told := i.pause != nil && i.pause.told
			i.pause = soon()
			i.pause.told = told
		}
		i.outside, i.thawed, l.look = nil, nil, true
		l.status = "paused"
	case "unpause":
		i := l.at(n.Time)
		l.resume(i, soon())
		l.status, l.look = "running", true
	case "destroy":
		l.gone = soon()
	}
}

func (l *Life) resume(i *instance, p *pending) {
	if i.pause != nil {
		i.resumed = p
	}
	i.thawed, i.unpaused = nil, p.came
}

const inspected = "docker inspect"

func ended(status string) bool { return status == "exited" || status == "dead" }

// Wants reports whether an inspection is wanted, and forgets that.
func (l *Life) Wants() bool {
	w := l.wants
	l.wants = false
	return w
}

// WantsLook reports whether a sight is wanted, and forgets that.
func (l *Life) WantsLook() bool {
	w := l.look
	l.look = false
	return w
}

// Over reports whether nothing more will come: the container is removed, and all has been said.
func (l *Life) Over() bool { return l.removed }

// Running is what the watcher of cgroups needs of the current run: since when, and its first process. False where none
// is known to run.
func (l *Life) Running() (began time.Time, pid int, ok bool) {
	if l.docker == nil || l.current == nil || l.current.died != nil || l.current.told || !l.docker.State.Running || l.docker.State.Pid == 0 {
		return time.Time{}, 0, false
	}
	// An inspection older than the start is another run's, and so is one of a run whose start event is still to come.
	if l.current.start != nil && l.docker.State.StartedAt.Before(l.current.began.Add(-giveUp)) || l.current.precedes(&l.docker.State) {
		return time.Time{}, 0, false
	}
	return l.current.key(), l.docker.State.Pid, true
}

// stopSignal is the number of the container's own; 0 if it cannot be understood or is not known.
func (l *Life) stopSignal() int {
	if l.docker == nil {
		return int(unix.SIGTERM)
	}
	text := l.docker.Config.StopSignal
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
func (l *Life) grace() time.Duration {
	seconds := l.DaemonGrace
	if l.docker != nil && l.docker.Config.StopTimeout != nil {
		seconds = l.docker.Config.StopTimeout
	}
	return value.Grace(seconds)
}
