package watch

import (
	"container/heap"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/dockercli"
)

// TestTimelineRandom passes random histories of a container to a timeline and checks the lines against what really happened.
// Each history is observed as Docker and the kernel would show it: events come in order, late or, from some time on, not at
// all; inspections are late, fail, or show a later run; the kernel always reports the end of a process that is held.
func TestTimelineRandom(t *testing.T) {
	failed := 0
	for seed := range int64(1000) {
		w := newWorld(seed)
		w.play()
		if wrong := w.check(); len(wrong) > 0 {
			failed++
			w = newWorld(seed) // once more, for its log
			w.logging = true
			w.play()
			t.Errorf("seed %d: %s\n%s", seed, strings.Join(wrong, "\n  and "), w)
			if failed == 3 {
				return
			}
		}
	}
}

// cause is why a run ends.
type cause int

const (
	exits   cause = iota // by itself
	crashes              // on SIGSEGV
	outside              // by SIGKILL, not from Docker
	killed               // by docker kill
	stopped              // by docker stop, in time
	forced               // by docker stop, and SIGKILL
	causes
)

// trueRun is one run as it really was, in milliseconds.
type trueRun struct {
	start, end, noticed int // noticed is when Docker sees the end
	reaped              int // when its parent has waited for it; never below 0
	cause               cause
	code                int
	wait                unix.WaitStatus
	pid                 int

	kernelReported int // when the kernel's report of the end came to the timeline; 0 for never
	dieReported    int // when the die event came to it; 0 for never
}

// distance is how far a time is from the end, as the kernel or Docker reports it.
func (r *trueRun) distance(ms int) int {
	if r.noticed < 0 {
		return abs(ms - r.end)
	}
	return min(abs(ms-r.end), abs(ms-r.noticed))
}

// world is a container, an engine that observes it, and a watch of both.
type world struct {
	r    *rand.Rand
	runs []*trueRun
	now  int
	seq  int
	todo tasks
	log  []string

	down, up     int  // Docker does not answer from down until up; -1 for never again
	daemonDown   bool // and does nothing in that time; else only the connection is lost
	history      bool // events of that time are sent again
	removedAt    int  // when the container is removed; 0 for never
	hangs        bool // docker inspect often hangs
	lastDelivery int  // of an event
	maxDelay     int  // how late events come at most

	timeline   *Timeline
	recent     recentEvents
	held       *heldRun
	wanted     bool
	failed     bool // inspections have failed
	inspecting bool
	retryAt    int // when a failed inspection is tried again
	backoff    int
	over       bool
	flushedAt  int
	lines      []Line
	writtenAt  []int
	logging    bool
}

// heldRun is a run whose main process is held by a handle.
type heldRun struct {
	key              time.Time
	run              *trueRun
	exited, waitDone bool
}

func newWorld(seed int64) *world {
	w := &world{r: rand.New(rand.NewSource(seed)), timeline: NewTimeline("c0ffee", "web", false), maxDelay: 20}
	if w.chance(4) {
		w.maxDelay = 600
	}
	w.hangs = w.chance(3)
	w.down, w.up = 1<<30, -1
	if w.chance(2) {
		w.down = w.r.Intn(20_000)
		if w.chance(2) {
			w.up = w.down + 100 + w.r.Intn(20_000)
		}
		w.daemonDown, w.history = w.chance(2), w.chance(2)
	}
	at := 10
	for n := range 1 + w.r.Intn(4) {
		run := w.newRun(at, 40+n)
		w.runs = append(w.runs, run)
		if run.noticed < 0 {
			break
		}
		at = run.noticed + 100 + w.r.Intn([]int{150, 5000}[w.r.Intn(2)])
		if w.isDown(at) && w.up < 0 {
			break
		}
		if w.isDown(at) {
			at = w.up + 20 + w.r.Intn(300)
		}
	}
	if last := w.runs[len(w.runs)-1]; last.noticed > 0 && w.chance(3) {
		w.removedAt = last.noticed + 20 + w.r.Intn(3000)
		if w.isDown(w.removedAt) {
			w.removedAt = 0
		}
	}
	return w
}

// newRun makes a run that starts at a time.
func (w *world) newRun(start, pid int) *trueRun {
	long := 20_000
	if w.chance(3) {
		long = 800
	}
	run := &trueRun{start: start, cause: cause(w.r.Intn(int(causes))), pid: pid}
	run.end = start + 50 + w.r.Intn(long)
	if run.end != w.down && w.isDown(run.end) && run.cause >= killed {
		run.cause = outside // Docker cannot be asked to kill it
	}
	if run.cause == forced {
		run.end += 10_000
	}
	w.setExitCode(run)
	run.reaped = run.end + 2
	if w.chance(6) {
		run.reaped = run.end + w.r.Intn(9000)
	}
	run.noticed = run.reaped + 3
	if w.chance(5) {
		run.noticed += w.r.Intn(15_000)
	}
	if w.isDown(run.noticed) && w.up < 0 {
		run.noticed = -1
	} else if w.isDown(run.noticed) {
		run.noticed = w.up + 10 + w.r.Intn(100)
	}
	return run
}

// setExitCode sets how a run ends, by its cause.
func (w *world) setExitCode(run *trueRun) {
	switch run.cause {
	case exits:
		run.code = []int{0, 3}[w.r.Intn(2)]
	case stopped:
		run.code = 0
	case crashes:
		run.code, run.wait = 139, 11
	default:
		run.code, run.wait = 137, 9
	}
	if !run.wait.Signaled() {
		run.wait = unix.WaitStatus(run.code << 8)
	}
}

// isDown reports whether the daemon is down at a time.
func (w *world) isDown(ms int) bool { return w.daemonDown && w.silent(ms) }

func (w *world) chance(of int) bool { return w.r.Intn(of) == 0 }

// task is something to do at a time.
type task struct {
	at, seq int
	do      func()
}

type tasks []task

func (t tasks) Len() int { return len(t) }
func (t tasks) Less(a, b int) bool {
	return t[a].at < t[b].at || t[a].at == t[b].at && t[a].seq < t[b].seq
}
func (t tasks) Swap(a, b int) { t[a], t[b] = t[b], t[a] }
func (t *tasks) Push(x any)   { *t = append(*t, x.(task)) }
func (t *tasks) Pop() any {
	old := *t
	x := old[len(old)-1]
	*t = old[:len(old)-1]
	return x
}

func (w *world) plan(ms int, do func()) {
	w.seq++
	heap.Push(&w.todo, task{max(ms, w.now), w.seq, do})
}

func (w *world) note(format string, a ...any) {
	if w.logging {
		w.log = append(w.log, fmt.Sprintf("%6d ", w.now)+fmt.Sprintf(format, a...))
	}
}

// silent reports whether Docker does not answer at a time.
func (w *world) silent(ms int) bool { return ms >= w.down && (w.up < 0 || ms < w.up) }

// emit has Docker send an event.
func (w *world) emit(ms int, action string, run *trueRun, set func(*dockercli.Event)) {
	n := dockercli.Event{Action: action, ID: "c0ffee", Time: at(ms), Name: "web"}
	if set != nil {
		set(&n)
	}
	if w.silent(ms) {
		if w.daemonDown || !w.history || w.up < 0 {
			return
		}
		ms = w.up // as part of the history
	}
	w.lastDelivery = max(w.lastDelivery, ms+1+w.r.Intn(w.maxDelay))
	w.plan(w.lastDelivery, func() {
		if w.over || !w.recent.add(keyOf(&n)) {
			return
		}
		w.note("event %s of %v", action, n.Time.Sub(t0))
		if action == "die" {
			run.dieReported = w.now
		}
		w.timeline.Event(n, at(w.now))
		if action == "start" {
			w.findWithoutDocker()
		}
		if action == "kill" {
			w.readDispositions()
		}
		w.advance()
	})
}

// events plans what Docker sends.
func (w *world) events() {
	kill := func(ms int, signal string) {
		w.emit(ms, "kill", nil, func(n *dockercli.Event) { n.Signal = signal })
	}
	for _, run := range w.runs {
		w.emit(run.start+3, "start", run, nil)
		switch run.cause {
		case killed:
			kill(run.end-1, "9")
		case stopped:
			kill(run.end-40, "15")
		case forced:
			kill(run.end-10_001, "15")
			kill(run.end-1, "9")
		}
		if run.noticed < 0 {
			break
		}
		if run.cause >= stopped && w.chance(2) {
			w.emit(run.noticed-1, "stop", nil, nil)
		}
		w.emit(run.noticed, "die", run, func(n *dockercli.Event) { n.ExitCode = fmt.Sprint(run.code) })
		if run.cause >= stopped {
			w.emit(run.noticed+5, "stop", nil, nil) // twice counts once
		}
	}
	if w.removedAt > 0 {
		w.emit(w.removedAt, "destroy", nil, nil)
	}
}

// docker returns what inspect shows at a time; nil for no such container.
func (w *world) docker(ms int) *dockercli.Container {
	if w.removedAt > 0 && ms >= w.removedAt {
		return nil
	}
	c := &dockercli.Container{ID: "c0ffee", Name: "/web"}
	c.Config.Labels = dockercli.Keys{}
	c.State.Status = "created"
	for _, run := range w.runs {
		if ms < run.start {
			break
		}
		c.State = dockercli.State{Status: "running", Running: true, Pid: run.pid, StartedAt: at(run.start)}
		if run.noticed >= 0 && ms >= run.noticed {
			c.State = dockercli.State{Status: "exited", ExitCode: run.code, StartedAt: at(run.start), FinishedAt: at(run.end)}
		}
	}
	return c
}

// inspect asks Docker.
func (w *world) inspect(catchUp, single bool) {
	asked := w.now
	took := 5 + w.r.Intn(60)
	if w.hangs && w.chance(3) {
		took = 1000 + w.r.Intn(8000)
	}
	seen := asked + w.r.Intn(took)
	fails := w.silent(seen) || w.hangs && w.chance(4)
	if fails {
		took = max(took, 3000)
	}
	if !single {
		w.inspecting = true
	}
	w.plan(asked+took, func() {
		if !single {
			w.inspecting = false
		}
		if w.over {
			return
		}
		if fails {
			w.note("inspect of %d fails", asked)
			w.backoff = min(max(1000, 2*w.backoff), 30_000)
			w.retryAt, w.wanted, w.failed = w.now+w.backoff, true, true
			w.findWithoutDocker()
			return
		}
		w.backoff, w.failed = 0, false
		c := w.docker(seen)
		if c == nil {
			w.note("inspect of %d: no such container, catchUp %t", asked, catchUp)
		} else {
			w.note("inspect of %d: %s since %v, catchUp %t", asked, c.State.Status, c.State.StartedAt.Sub(t0), catchUp)
		}
		w.timeline.Inspection(c, at(asked), at(w.now), catchUp)
		w.advance()
	})
}

// alive returns the run whose main process is running now.
func (w *world) alive() *trueRun {
	for _, run := range w.runs {
		if run.start-20 <= w.now && w.now < run.end {
			return run
		}
	}
	return nil
}

// standIn does what the watch does of that name.
func (w *world) findWithoutDocker() {
	if f := w.held; f != nil && !f.exited && w.timeline.runSince(f.key) == w.timeline.current {
		return
	}
	run := w.alive()
	if run == nil {
		return
	}
	if key, ok := w.timeline.ProcessFound(at(run.start-20), run.pid, at(w.now)); ok {
		w.note("finds the run of %d", run.start)
		w.attach(key, run.pid)
	}
}

func (w *world) attach(key time.Time, pid int) {
	if f := w.held; f != nil && f.key.Equal(key) && f.run.pid == pid {
		return
	}
	run := w.alive()
	if run == nil || run.pid != pid {
		return
	}
	w.note("holds pid %d as the run of %v", pid, key.Sub(t0))
	if w.held != nil {
		w.takeSample()
		w.readWaitStatus()
	}
	f := &heldRun{key: key, run: run}
	w.held = f
	w.timeline.ProcessHeld(key, 7)
	w.timeline.Sample(key, cgroupfs.Sample{At: at(w.now)}, nil, nil, at(w.now))
	w.readDispositions()
	w.plan(run.end+w.r.Intn(30), func() {
		if w.held == f && !f.exited && !w.over {
			w.takeSample()
			w.advance()
		}
	})
}

// takeSample reads the main process, which may have ended.
func (w *world) takeSample() {
	f := w.held
	if f == nil {
		return
	}
	s := cgroupfs.Sample{At: at(w.now)}
	if w.now >= f.run.end {
		if !f.exited {
			w.note("the kernel reports the end of pid %d", f.run.pid)
		}
		f.exited = true
		if f.run.kernelReported == 0 {
			f.run.kernelReported = w.now
		}
		when := at(f.run.end)
		s.Ended = &when
	}
	w.timeline.Sample(f.key, s, nil, nil, at(w.now))
}

func (w *world) readDispositions() {
	if w.held == nil || w.held.exited {
		return
	}
	s := &target.Dispositions{First: prediction.Process{PID: w.held.run.pid, Name: "nginx", NamespaceInit: true,
		Threads: []proc.Thread{{TID: w.held.run.pid, WaitKnown: true}}}}
	s.First.Caught |= 1 << (unix.SIGTERM - 1)
	w.timeline.Dispositions(w.held.key, s)
}

func (w *world) readWaitStatus() {
	f := w.held
	if f == nil || f.waitDone {
		return
	}
	if r := w.timeline.runSince(f.key); r == nil || r.end == nil && r.exitedAt == nil {
		return
	}
	if w.now < f.run.end {
		return
	}
	w.takeSample()
	if w.now < f.run.reaped {
		return
	}
	f.waitDone = true
	w.timeline.WaitDone(f.key)
	when := at(f.run.end)
	w.timeline.Sample(f.key, cgroupfs.Sample{At: at(w.now), Ended: &when}, nil, &f.run.wait, at(w.now))
}

// settle does what the watch does of that name.
func (w *world) advance() {
	w.readWaitStatus()
	if w.timeline.TakeWantsSample() {
		w.takeSample()
	}
	checkStates(w.timeline)
	w.record(w.timeline.Lines(at(w.now)))
	checkStates(w.timeline)
	w.wanted = w.timeline.TakeWantsInspect() || w.wanted
	if key, pid, ok := w.timeline.Running(); ok {
		w.attach(key, pid)
	}
	w.over = w.timeline.Done()
}

func (w *world) record(lines []Line) {
	for _, l := range lines {
		w.note("WRITES %s at %v %s: %s", l.Action, l.At.Sub(t0), l.Verdict, l.Message)
		w.lines, w.writtenAt = append(w.lines, l), append(w.writtenAt, w.now)
	}
}

// play runs the watch from the first start until nothing can come any more.
func (w *world) play() {
	w.events()
	w.plan(w.down, func() { w.timeline.EventsLost() })
	if w.up > 0 && !w.daemonDown && w.history {
		w.plan(w.up, func() { w.timeline.EventsRestored(true, at(w.now)) })
	}
	last := w.runs[len(w.runs)-1]
	end := max(last.end, last.noticed, w.removedAt, w.lastDelivery, w.up) + 60_000
	flush := end
	if w.chance(4) {
		flush = w.r.Intn(last.end + 15_000)
	}
	if w.up > 0 {
		w.plan(w.up+1000, func() {
			w.inspect(true, true)
			w.plan(w.now+100, func() { w.timeline.EventsRestored(false, at(w.now)) })
		})
	}
	for ms := w.r.Intn(40_000); ms < end && w.chance(2); ms += 500 + w.r.Intn(20_000) {
		w.plan(ms, func() {
			if !w.silent(w.now) {
				w.inspect(true, true)
			}
		})
	}
	w.run(flush)
	if !w.over && flush < end {
		w.flush()
	}
}

// run does what is planned until a time, and ticks if nothing is.
func (w *world) run(until int) {
	for tick := 0; !w.over; {
		planned := len(w.todo) > 0 && w.todo[0].at <= tick
		next := tick
		if planned {
			next = w.todo[0].at
		}
		if next > until {
			return
		}
		w.now = next
		if planned {
			heap.Pop(&w.todo).(task).do()
		} else {
			tick += 250
			w.tick()
		}
		if w.wanted && !w.inspecting && w.now >= w.retryAt && !w.silent(w.now) && !w.over {
			w.wanted = false
			w.inspect(w.failed, false)
		}
	}
}

// tick does what the watch does of that name.
func (w *world) tick() {
	if due, ok := w.timeline.Due(); ok && !at(w.now).Before(due) {
		w.advance()
	}
	if f := w.held; f != nil && f.exited {
		if state, _ := w.timeline.state(f.key); state >= provisional {
			w.held = nil
		}
	}
}

// flush ends the watch.
func (w *world) flush() {
	w.flushedAt = w.now
	w.note("is to end")
	w.takeSample()
	w.readWaitStatus()
	w.timeline.Flush(at(w.now))
	w.record(w.timeline.Lines(at(w.now)))
}

func (w *world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "down %d up %d dead %t history %t gone %d\n", w.down, w.up, w.daemonDown, w.history, w.removedAt)
	for _, run := range w.runs {
		fmt.Fprintf(&b, "  %+v\n", *run)
	}
	return b.String() + strings.Join(w.log, "\n")
}
