package watch

import (
	"container/heap"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/dockercli"
)

// TestLifeRandom passes random histories of a container through a Life and checks what it writes against what was true.
// Each history is observed as Docker and the kernel would show it: events come in order, late or, from some moment on,
// not at all; inspections are late, fail, or show a later run; the kernel always tells the end of a process that is held.
func TestLifeRandom(t *testing.T) {
	failed := 0
	for seed := range int64(1000) {
		w := newWorld(seed)
		w.play()
		if wrong := w.check(); len(wrong) > 0 {
			failed++
			w = newWorld(seed) // once more, for its log
			w.noting = true
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
	outside              // by SIGKILL of somebody's who is not Docker
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

	toldByKernel int // when the kernel's word on the end came to the Life; 0 for never
	toldByEvent  int // when the die event did
}

// far is how far a time is from that of the end, by the kernel or by Docker.
func (r *trueRun) far(ms int) int {
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

	down, up int  // Docker answers nothing from down on until up; -1 for for ever
	dead     bool // and does nothing meanwhile; else only the connection is lost
	replay   bool // events of that time are sent again
	gone     int  // when the container is removed; 0 for never
	hangs    bool // docker inspect often hangs
	last     int  // delivery of an event
	slow     int  // how late events come at most

	life    *Timeline
	seen    recentEvents
	f       *attached
	wanted  bool
	alone   bool // inspections have failed
	asking  bool
	again   int // when a failed inspection is tried again
	backoff int
	over    bool
	hurried int
	lines   []Line
	wrote   []int
	noting  bool
}

// attached is a run whose first process is held.
type attached struct {
	began        time.Time
	run          *trueRun
	gone, waited bool
}

func newWorld(seed int64) *world {
	w := &world{r: rand.New(rand.NewSource(seed)), life: NewTimeline("c0ffee", "web", false), slow: 20}
	if w.chance(4) {
		w.slow = 600
	}
	w.hangs = w.chance(3)
	w.down, w.up = 1<<30, -1
	if w.chance(2) {
		w.down = w.r.Intn(20_000)
		if w.chance(2) {
			w.up = w.down + 100 + w.r.Intn(20_000)
		}
		w.dead, w.replay = w.chance(2), w.chance(2)
	}
	at := 10
	for n := range 1 + w.r.Intn(4) {
		long := 20_000
		if w.chance(3) {
			long = 800
		}
		run := &trueRun{start: at, cause: cause(w.r.Intn(int(causes))), pid: 40 + n}
		run.end = at + 50 + w.r.Intn(long)
		if w.dead && run.end > w.down && (w.up < 0 || run.end < w.up) && run.cause >= killed {
			run.cause = outside // nobody can ask Docker
		}
		if run.cause == forced {
			run.end += 10_000
		}
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
		run.reaped = run.end + 2
		if w.chance(6) {
			run.reaped = run.end + w.r.Intn(9000)
		}
		run.noticed = run.reaped + 3
		if w.chance(5) {
			run.noticed += w.r.Intn(15_000)
		}
		if w.dead && run.noticed >= w.down {
			if w.up < 0 {
				run.noticed = -1
			} else if run.noticed < w.up {
				run.noticed = w.up + 10 + w.r.Intn(100)
			}
		}
		w.runs = append(w.runs, run)
		if run.noticed < 0 {
			break
		}
		at = run.noticed + 100 + w.r.Intn([]int{150, 5000}[w.r.Intn(2)])
		if w.dead && at >= w.down && w.up < 0 {
			break
		}
		if w.dead && at >= w.down && at < w.up {
			at = w.up + 20 + w.r.Intn(300)
		}
	}
	if last := w.runs[len(w.runs)-1]; last.noticed > 0 && w.chance(3) {
		w.gone = last.noticed + 20 + w.r.Intn(3000)
		if w.dead && w.gone >= w.down && (w.up < 0 || w.gone < w.up) {
			w.gone = 0
		}
	}
	return w
}

func (w *world) chance(of int) bool { return w.r.Intn(of) == 0 }

// task is something that is done at a time.
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
	if w.noting {
		w.log = append(w.log, fmt.Sprintf("%6d ", w.now)+fmt.Sprintf(format, a...))
	}
}

// mute reports whether Docker answers nothing at a time.
func (w *world) mute(ms int) bool { return ms >= w.down && (w.up < 0 || ms < w.up) }

// emit has Docker send an event.
func (w *world) emit(ms int, action string, run *trueRun, set func(*dockercli.Notice)) {
	n := dockercli.Notice{Event: dockercli.Event{Action: action, ID: "c0ffee", Time: at(ms)}, Name: "web"}
	if set != nil {
		set(&n)
	}
	if w.mute(ms) {
		if w.dead || !w.replay || w.up < 0 {
			return
		}
		ms = w.up // as part of the history
	}
	w.last = max(w.last, ms+1+w.r.Intn(w.slow))
	w.plan(w.last, func() {
		if w.over || !w.seen.add(keyOf(&n)) {
			return
		}
		w.note("event %s of %v", action, n.Time.Sub(t0))
		if action == "die" {
			run.toldByEvent = w.now
		}
		w.life.Event(n, at(w.now))
		if action == "start" {
			w.standIn()
		}
		if action == "kill" {
			w.stance()
		}
		w.settle()
	})
}

// events plans what Docker sends.
func (w *world) events() {
	kill := func(ms int, signal string) {
		w.emit(ms, "kill", nil, func(n *dockercli.Notice) { n.Signal = signal })
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
		w.emit(run.noticed, "die", run, func(n *dockercli.Notice) { n.ExitCode = fmt.Sprint(run.code) })
		if run.cause >= stopped {
			w.emit(run.noticed+5, "stop", nil, nil) // twice is once
		}
	}
	if w.gone > 0 {
		w.emit(w.gone, "destroy", nil, nil)
	}
}

// docker is what inspect says at a time; nil for no such container.
func (w *world) docker(ms int) *dockercli.Container {
	if w.gone > 0 && ms >= w.gone {
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
func (w *world) inspect(catchUp, beside bool) {
	asked := w.now
	took := 5 + w.r.Intn(60)
	if w.hangs && w.chance(3) {
		took = 1000 + w.r.Intn(8000)
	}
	seen := asked + w.r.Intn(took)
	fails := w.mute(seen) || w.hangs && w.chance(4)
	if fails {
		took = max(took, 3000)
	}
	if !beside {
		w.asking = true
	}
	w.plan(asked+took, func() {
		if !beside {
			w.asking = false
		}
		if w.over {
			return
		}
		if fails {
			w.note("inspect of %d fails", asked)
			w.backoff = min(max(1000, 2*w.backoff), 30_000)
			w.again, w.wanted, w.alone = w.now+w.backoff, true, true
			w.standIn()
			return
		}
		w.backoff, w.alone = 0, false
		c := w.docker(seen)
		if c == nil {
			w.note("inspect of %d: no such container, catchUp %t", asked, catchUp)
		} else {
			w.note("inspect of %d: %s since %v, catchUp %t", asked, c.State.Status, c.State.StartedAt.Sub(t0), catchUp)
		}
		w.life.Inspection(c, at(asked), at(w.now), catchUp)
		w.settle()
	})
}

// alive is the run whose first process lives now.
func (w *world) alive() *trueRun {
	for _, run := range w.runs {
		if run.start-20 <= w.now && w.now < run.end {
			return run
		}
	}
	return nil
}

// standIn does what the watch does of that name.
func (w *world) standIn() {
	if f := w.f; f != nil && !f.gone && w.life.runSince(f.began) == w.life.current {
		return
	}
	run := w.alive()
	if run == nil {
		return
	}
	if began, ok := w.life.ProcessFound(at(run.start-20), run.pid, at(w.now)); ok {
		w.note("stands in for the run of %d", run.start)
		w.attach(began, run.pid)
	}
}

func (w *world) attach(began time.Time, pid int) {
	if f := w.f; f != nil && f.began.Equal(began) && f.run.pid == pid {
		return
	}
	run := w.alive()
	if run == nil || run.pid != pid {
		return
	}
	w.note("holds pid %d as the run of %v", pid, began.Sub(t0))
	if w.f != nil {
		w.look()
		w.waited()
	}
	f := &attached{began: began, run: run}
	w.f = f
	w.life.ProcessHeld(began, 7)
	w.life.Sample(began, cgroupfs.Sight{At: at(w.now)}, nil, nil, at(w.now))
	w.stance()
	w.plan(run.end+w.r.Intn(30), func() {
		if w.f == f && !f.gone && !w.over {
			w.look()
			w.settle()
		}
	})
}

// look looks at the first process, which may have ended.
func (w *world) look() {
	f := w.f
	if f == nil {
		return
	}
	s := cgroupfs.Sight{At: at(w.now)}
	if w.now >= f.run.end {
		if !f.gone {
			w.note("the kernel tells the end of pid %d", f.run.pid)
		}
		f.gone = true
		if f.run.toldByKernel == 0 {
			f.run.toldByKernel = w.now
		}
		when := at(f.run.end)
		s.Ended = &when
	}
	w.life.Sample(f.began, s, nil, nil, at(w.now))
}

func (w *world) stance() {
	if w.f == nil || w.f.gone {
		return
	}
	s := &target.Dispositions{First: prediction.Process{PID: w.f.run.pid, Name: "nginx", NamespaceInit: true, Threads: []cgroupfs.Thread{{TID: w.f.run.pid, WaitKnown: true}}}}
	s.First.Caught |= 1 << (unix.SIGTERM - 1)
	w.life.Dispositions(w.f.began, s)
}

func (w *world) waited() {
	f := w.f
	if f == nil || f.waited {
		return
	}
	if i := w.life.runSince(f.began); i == nil || i.end == nil && i.exitedAt == nil {
		return
	}
	if w.now < f.run.end {
		return
	}
	w.look()
	if w.now < f.run.reaped {
		return
	}
	f.waited = true
	w.life.WaitDone(f.began)
	when := at(f.run.end)
	w.life.Sample(f.began, cgroupfs.Sight{At: at(w.now), Ended: &when}, nil, &f.run.wait, at(w.now))
}

// settle does what the watch does of that name.
func (w *world) settle() {
	w.waited()
	if w.life.TakeWantsSample() {
		w.look()
	}
	checkStates(w.life)
	w.take(w.life.Lines(at(w.now)))
	checkStates(w.life)
	w.wanted = w.life.TakeWantsInspect() || w.wanted
	if began, pid, ok := w.life.Running(); ok {
		w.attach(began, pid)
	}
	w.over = w.life.Done()
}

func (w *world) take(lines []Line) {
	for _, l := range lines {
		w.note("WRITES %s at %v %s: %s", l.Action, l.At.Sub(t0), l.Verdict, l.Message)
		w.lines, w.wrote = append(w.lines, l), append(w.wrote, w.now)
	}
}

// play runs the watch from the first start until nothing can come any more.
func (w *world) play() {
	w.events()
	w.plan(w.down, func() { w.life.EventsLost() })
	if w.up > 0 && !w.dead && w.replay {
		w.plan(w.up, func() { w.life.EventsRestored(true, at(w.now)) })
	}
	last := w.runs[len(w.runs)-1]
	end := max(last.end, last.noticed, w.gone, w.last, w.up) + 60_000
	hurry := end
	if w.chance(4) {
		hurry = w.r.Intn(last.end + 15_000)
	}
	if w.up > 0 {
		w.plan(w.up+1000, func() {
			w.inspect(true, true)
			w.plan(w.now+100, func() { w.life.EventsRestored(false, at(w.now)) })
		})
	}
	for ms := w.r.Intn(40_000); ms < end && w.chance(2); ms += 500 + w.r.Intn(20_000) {
		w.plan(ms, func() {
			if !w.mute(w.now) {
				w.inspect(true, true)
			}
		})
	}
	for beat := 0; ; { // each beat, unless something happens before

		next := beat
		if len(w.todo) > 0 && w.todo[0].at <= beat {
			next = w.todo[0].at
		}
		if next > hurry || w.over {
			break
		}
		w.now = next
		if len(w.todo) > 0 && w.todo[0].at <= beat {
			heap.Pop(&w.todo).(task).do()
		} else {
			beat += 250
			if due, any := w.life.Due(); any && !at(w.now).Before(due) {
				w.settle()
			}
			if f := w.f; f != nil && f.gone {
				if i := w.life.runSince(f.began); i == nil || i.isWritten() {
					w.f = nil
				}
			}
		}
		if w.wanted && !w.asking && w.now >= w.again && !w.mute(w.now) && !w.over {
			w.wanted = false
			w.inspect(w.alone, false)
		}
	}
	if !w.over && hurry < end {
		w.hurried = w.now
		w.note("is to end")
		w.look()
		w.waited()
		w.life.Flush(at(w.now))
		w.take(w.life.Lines(at(w.now)))
	}
}

func ms(t time.Time) int { return int(t.Sub(t0).Milliseconds()) }

// check returns what is wrong with the lines.
func (w *world) check() (wrong []string) {
	bad := func(format string, a ...any) { wrong = append(wrong, fmt.Sprintf(format, a...)) }
	ends, confirms, starts := map[*trueRun][]int{}, map[*trueRun]int{}, map[*trueRun]int{}
	ofEnd := func(l *Line) *trueRun {
		var found *trueRun
		for _, run := range w.runs {
			if found == nil || run.far(ms(l.At)) < found.far(ms(l.At)) {
				found = run
			}
		}
		if last := w.runs[len(w.runs)-1]; last.toldByKernel == 0 && strings.HasPrefix(l.Message, "ended before it was removed") {
			return last
		}
		for n, run := range w.runs[1:] { // of a run that only the next start has ended
			if before := w.runs[n]; abs(ms(l.At)-run.start) <= 10 && before.toldByKernel == 0 {
				return before
			}
		}
		if found != nil && found.far(ms(l.At)) > 1000 {
			return nil
		}
		return found
	}
	var confirmed *trueRun // the last end that was written
	for n := range w.lines {
		l := &w.lines[n]
		switch {
		case l.Action == "start" || l.Action == "restart":
			for k, run := range w.runs {
				if abs(ms(l.At)-run.start) > 10 {
					continue
				}
				starts[run]++
				if k > 0 && w.runs[k-1].toldByKernel > 0 && len(ends[w.runs[k-1]]) == 0 {
					bad("the start of run %d before the end of the one before", k)
				}
			}
		case l.Action == ActionConfirm:
			if confirmed == nil {
				bad("a confirmation of nothing")
				continue
			}
			for _, run := range w.runs {
				if run.noticed >= 0 && run.noticed <= ms(l.At)+10 && len(ends[run]) > 0 {
					confirmed = run
				}
			}
			if confirms[confirmed]++; confirms[confirmed] > 1 {
				bad("two confirmations")
			}
			w.truthful(l, confirmed, bad)
		case l.Verdict != "" && (l.Action == "die" || l.Action == "stop" || l.Action == "kill"):
			run := ofEnd(l)
			if run == nil {
				bad("an end at %d of no run", ms(l.At))
				continue
			}
			confirmed = run
			ends[run] = append(ends[run], n)
			w.truthful(l, run, bad)
		}
	}
	for k, run := range w.runs {
		if len(ends[run]) > 1 || starts[run] > 1 {
			bad("%d ends and %d starts of run %d", len(ends[run]), starts[run], k)
		}
		told := run.toldByKernel
		if told == 0 && run.toldByEvent == 0 {
			continue
		}
		if len(ends[run]) == 0 && told == 0 && w.mute(run.start) {
			continue // it began unseen, and inspect was too late
		}
		if len(ends[run]) == 0 {
			bad("no end of run %d", k)
			continue
		}
		if n := ends[run][0]; told > 0 && w.wrote[n] > told+10_000 {
			bad("the end of run %d, told at %d, is written at %d", k, told, w.wrote[n])
		} else if told > 0 && w.wrote[n] > told && abs(ms(w.lines[n].At)-run.end) > 1000 {
			bad("the end of run %d at %d is said to be at %d", k, run.end, ms(w.lines[n].At))
		}
	}
	if due, any := w.life.Due(); any && !w.over && w.hurried == 0 {
		bad("at the end something is due at %d", ms(due))
	}
	if n := len(w.life.earlier); n > 1 {
		bad("%d old runs are kept", n)
	}
	return wrong
}

// truthful checks what a line says of a run.
func (w *world) truthful(l *Line, run *trueRun, bad func(string, ...any)) {
	if l.ExitCode != nil && *l.ExitCode != run.code {
		bad("exit code %d of a run that ended with %d", *l.ExitCode, run.code)
	}
	may := map[cause][]verdict.Kind{
		exits: {verdict.Exited, verdict.Crashed}, crashes: {verdict.Crashed}, outside: {verdict.Killed},
		killed: {verdict.Killed}, stopped: {verdict.Graceful}, forced: {verdict.Forced, verdict.Killed},
	}[run.cause]
	if l.Verdict != verdict.Inconclusive && !slices.Contains(may, l.Verdict) {
		bad("%s at %d: %s, and it was %d", l.Action, ms(l.At), l.Verdict, run.cause)
	}
	if strings.Contains(l.Message, "Docker sent no signal") && run.cause != outside {
		bad("at %d Docker did send a signal", ms(l.At))
	}
	unseen := slices.ContainsFunc(w.runs, func(r *trueRun) bool { return r.toldByKernel == 0 && w.mute(r.start) })
	if l.Action != "die" && l.Action != ActionConfirm && run.cause < killed && !unseen {
		bad("at %d nobody asked for it", ms(l.At))
	}
}

func abs(n int) int { return max(n, -n) }

func (w *world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "down %d up %d dead %t history %t gone %d\n", w.down, w.up, w.dead, w.replay, w.gone)
	for _, run := range w.runs {
		fmt.Fprintf(&b, "  %+v\n", *run)
	}
	return b.String() + strings.Join(w.log, "\n")
}
