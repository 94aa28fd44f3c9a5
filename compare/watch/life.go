package watch

import (
	"slices"
	"strings"
	"time"

	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"

	"haltscope/compare/receiver"
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
	stance  *receiver.Stance
	told    bool
	hurried bool      // there is no time left for other words on its end
	deaf    bool      // events of it may be missing,
	until   time.Time // up to then; zero for up to now
	ooms
	freezer
}

// NewLife begins to follow a container. A silent one takes what it hears first for the state of things.
func NewLife(id, name string, silent bool) *Life { return &Life{ID: id, Name: name, silent: silent} }

// at finds the run that an event belongs to: an earlier one that is still kept, if the event is older than the current
// one's start.
func (l *Life) at(t time.Time) *instance {
	if l.current == nil {
		l.current = &instance{}
	}
	if len(l.ending) == 0 || !t.Before(l.current.began) {
		return l.current
	}
	for _, i := range slices.Backward(l.ending) {
		if !t.Before(i.began) {
			return i
		}
	}
	return l.ending[0]
}

// owes reports whether something about the end of a run is still to be written, or Docker's late word on it may come.
func (i *instance) owes() bool { return !i.told || i.open() || i.wrote != nil }

// begin begins a run, and leaves the one before to be told of.
func (l *Life) begin(t, now time.Time) *instance {
	if c := l.current; c != nil && c.told {
		l.ending = append(l.ending, c)
	} else if c != nil && !c.told && (c.died != nil || !c.began.IsZero() || len(c.kills) > 0) {
		if c.died == nil { // its end was not heard of, or not yet
			c.died = &pending{at: t, came: now, due: now.Add(settle), source: "docker events: start"}
			c.answered = now
		}
		l.ending = append(l.ending, c)
	}
	i := &instance{began: t, deaf: l.deaf}
	if c := l.current; c != nil && c.died != nil {
		// Signals that came when this run was not known yet.
		mine := func(k sent) bool {
			return !k.told && !k.at.Before(t) && (c.died.source == inspected || k.came.After(c.died.came))
		}
		for _, k := range c.kills {
			if mine(k) {
				i.kills = append(i.kills, k)
			}
		}
		c.kills = slices.DeleteFunc(c.kills, mine)
	}
	l.current = i
	return i
}

// startGap is how far apart the end of a run and the start of the next one are at least: the runtime takes longer.
const startGap = 50 * time.Millisecond

// startedBy reports whether a start event is that of a run which was found or inspected before the event came.
func (i *instance) startedBy(t time.Time) bool {
	switch {
	case i.begunByEvent || t.Sub(i.began).Abs() > giveUp || t.Before(i.began):
		return false
	case i.ended != nil && t.After(i.ended.Add(startGap)), i.died != nil && t.After(i.died.at.Add(startGap)):
		return false
	}
	return !i.told || i.died != nil
}

// startedBefore reports whether a start event is older than the current run, of which inspect has told.
func (l *Life) startedBefore(c *instance, t time.Time) bool {
	if c.begunByEvent || c.guessed || c.began.IsZero() || !t.Before(c.began) {
		return false
	}
	n := len(l.ending)
	return c.began.Sub(t) <= giveUp || n > 0 && t.After(l.ending[n-1].began)
}

// missed takes the start of a run that was over before inspect was asked. The event of its end may come yet.
func (l *Life) missed(t time.Time, start *pending, now time.Time) {
	i := &instance{began: t, begunByEvent: true, start: start}
	i.died = &pending{at: l.current.began, came: now, due: now.Add(settle), source: inspected}
	i.answered = now
	l.ending = append(l.ending, i)
}

// startToCome reports whether the event of the start of the next run is still to come: neither has the kernel told the end
// of this one in Docker's place, nor has the die event of that one come.
func (i *instance) startToCome(next time.Time) bool {
	if i.died != nil && i.died.source == dieEvent {
		return next.After(i.died.at)
	}
	return i.ended == nil
}

// release takes a die event from a run which turns out to be of the next one, that began at a time; nil where there is none.
func (i *instance) release(next time.Time) (died *pending, code string) {
	word := &i.died
	if i.told {
		word = &i.later
	}
	if *word == nil || (*word).told || (*word).source != dieEvent || (*word).at.Before(next) {
		return nil, ""
	}
	died, code = *word, i.code
	*word, i.code = nil, ""
	return died, code
}

// precedes reports whether Docker speaks of a later run. A start event is never older than what inspect says of the start.
func (i *instance) precedes(s *dockercli.State) bool {
	switch {
	case i.began.IsZero() && i.died == nil:
		return i.told && s.Running
	case i.guessed && i.ended != nil:
		return s.StartedAt.After(*i.ended) || s.Pid != 0 && s.Pid != i.pid
	case i.guessed && i.died == nil:
		return false
	case i.guessed, i.began.IsZero():
		return s.StartedAt.After(i.died.at)
	}
	return s.StartedAt.After(i.began.Add(startGap))
}

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

// labels are those of the container's labels that replace an attribute of its events. An event that has no such attribute of
// its own shows them.
type labels struct{ known, signal, exitCode bool }

// shown takes what an event shows of the labels.
func (l *Life) shown(n *dockercli.Notice) {
	if n.Action != "kill" && n.Action != "die" && !l.labels.known {
		l.labels = labels{known: true, signal: n.Signal != "", exitCode: n.ExitCode != ""}
	}
}

// hides reports whether a label may have replaced an attribute of the events. It may, as long as the labels are unknown.
func (l *Life) hides(key string) bool {
	switch {
	case l.docker != nil:
		return l.docker.Config.Labels.Has(key)
	case !l.labels.known:
		return true
	case key == "signal":
		return l.labels.signal
	}
	return l.labels.exitCode
}

// reveal takes the numbers of signals for what they are, where no label can have replaced them.
func (l *Life) reveal(i *instance) {
	for n := range i.kills {
		if !l.hides("signal") {
			i.kills[n].signal = i.kills[n].raw
		}
	}
}

// Deaf takes that events may be missing from now on.
func (l *Life) Deaf() {
	l.deaf = true
	for _, i := range l.runs() {
		i.deaf, i.until = true, time.Time{}
	}
}

// Hears takes that events come again, and whether all that happened meanwhile have come, too.
func (l *Life) Hears(all bool, now time.Time) {
	l.deaf = false
	for _, i := range l.runs() {
		switch {
		case !i.deaf || !i.until.IsZero():
		case all:
			i.deaf = false
		default:
			i.until = now
		}
	}
}

// misses reports whether a signal may have ended a run whose event is missing.
func (l *Life) misses(i *instance) bool {
	end := i.died.came
	if i.ended != nil && i.endSeen.Before(end) {
		end = i.endSeen
	}
	return i.deaf && (i.until.IsZero() || end.Before(i.until.Add(max(0, l.grace())+giveUp)))
}

// Inspected takes what inspect says, nil for no such container, by a call that was made at asked. catchUp says that
// events may have been missed, so that a difference is news.
func (l *Life) Inspected(c *dockercli.Container, asked, now time.Time, catchUp bool) {
	soon := func(at time.Time) *pending {
		return &pending{at: at, came: now, due: now.Add(settle), source: inspected}
	}
	for _, i := range append(slices.Clone(l.ending), l.current) {
		if i != nil && i.died != nil && !asked.Before(i.died.came) {
			i.answered = now
			// With an error, the state is that of a start after this run, which failed.
			if c != nil && !c.State.Running && c.State.Error == "" && i == l.current && !i.precedes(&c.State) {
				state := c.State
				i.state = &state
				i.confirm(soon(now), "")
			}
		}
	}
	if asked.Before(l.asked) {
		return // a later call has answered before
	}
	l.asked = asked
	if c == nil {
		if catchUp && l.gone == nil {
			l.gone = soon(now)
		}
		return
	}
	silent := l.silent
	l.docker = c
	for _, i := range l.runs() {
		l.reveal(i) // now that the labels are known
	}
	l.Name = dockercli.Clean(strings.TrimPrefix(c.Name, "/"))
	i := l.current
	running := c.State.Running && c.State.Status != "restarting" // between two starts Docker says both
	another := i != nil && i.precedes(&c.State)
	switch {
	case running && !another && (i == nil || i.died == nil && (i.began.IsZero() || i.guessed)):
		if i == nil {
			i = l.begin(c.State.StartedAt, now)
		}
		i.began, i.guessed = c.State.StartedAt, false
		if !l.silent && i.start == nil && catchUp && len(i.kills) == 0 {
			i.start, i.unseen = soon(c.State.StartedAt), true
		}
	case another && !catchUp && i.startToCome(c.State.StartedAt):
		return
	case another && (running || ended(c.State.Status)):
		died, code := i.release(c.State.StartedAt)
		if i.died == nil {
			i.died = soon(c.State.StartedAt)
			i.answered = now
		}
		i = l.begin(c.State.StartedAt, now)
		i.start, i.unseen = soon(c.State.StartedAt), true
		if i.deaf = true; !l.deaf {
			i.until = now
		}
		i.died, i.code = died, code
		if !running { // it came and went
			if died == nil {
				i.died = soon(c.State.FinishedAt)
			}
			state := c.State
			i.state, i.answered = &state, now
		}
	case another:
	case !running && i != nil && i.died == nil && !i.began.IsZero() && ended(c.State.Status) && !c.State.FinishedAt.Before(i.began):
		i.died, i.answered = soon(c.State.FinishedAt), now
		state := c.State
		i.state = &state
	case !running && i == nil:
		l.current = &instance{told: true} // it had ended before
	}
	l.silent = false
	i = l.current
	if i.start != nil && running && i.died == nil {
		i.count, i.policy = c.RestartCount, c.HostConfig.RestartPolicy.Name
		if i.start.came.After(asked) {
			l.wants = true // it was asked before that start
		}
	}
	if running && i.died == nil {
		if asked.After(i.answered) {
			i.answered = asked
		}
		switch {
		case c.State.Paused && i.pause == nil && i.resumed == nil && asked.After(i.unpaused):
			i.pause, i.outside, l.look = soon(now), nil, true
			i.pause.told = silent // it was before the watch began, and since when nobody knows
		case !c.State.Paused && i.pause != nil && i.resumed == nil && catchUp && asked.After(i.pause.came):
			l.resume(i, soon(now))
		}
		l.status = c.State.Status
	}
}

// Found takes that the container runs, by its first process, of which Docker has not told yet, and since when. It returns
// the beginning of the run that this process is the first of; false where that run has ended.
func (l *Life) Found(started time.Time, pid int, now time.Time) (began time.Time, ok bool) {
	i := l.current
	switch {
	case i == nil || i.began.IsZero() && i.died == nil && !i.told:
		if i == nil {
			i = l.begin(started, now)
		}
		i.began, i.guessed, i.found, i.pid = started, true, started, pid
	case i.died != nil || i.told || i.ended != nil || started.After(i.began.Add(startGap)):
		return time.Time{}, false // another run, of which Docker will tell
	}
	l.status = "running"
	return i.key(), true
}

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
	if seconds == nil {
		return 10 * time.Second
	}
	return time.Duration(*seconds) * time.Second
}
