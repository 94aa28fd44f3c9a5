package watch

import (
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// runningWatch returns a watch of one container that runs, and the lines that it writes.
func runningWatch() (w *watch, written func() []Line) {
	w = newWatch(Options{Log: zerolog.Nop()}, nil, &cgroupfs.Host{}, nil)
	w.started, w.connected = true, true
	var lines []Line
	w.Write = func(l *Line) error { lines = append(lines, *l); return nil }
	written = func() []Line { w.releaseAll(t0); return lines }
	l := w.follow("c0ffee", "web", false)
	for _, s := range startedRun() {
		s(l)
	}
	return w, written
}

// reconcilingWatch returns a watch of one container that has ended, while docker ps is compared with what is known; and the
// lines that it writes.
func reconcilingWatch() (w *watch, l *Timeline, written func() []Line) {
	w, written = runningWatch()
	w.reconciling = true
	l = w.timelines["c0ffee"]
	event(1000, "die", "exitCode=0")(l)
	inspect(1100, container("exited", 0))(l)
	w.advance(l, at(3000))
	return w, l, written
}

// TestRemovedMeanwhile checks that an outdated answer about a container that was removed does not begin a new timeline.
func TestRemovedMeanwhile(t *testing.T) {
	exited := container("exited", 0)
	listed := map[string]string{"c0ffee": "web"}
	for _, c := range []struct {
		name string
		answer
	}{
		{"an inspection", answer{round: &round{kind: roundWanted}, found: &exited}},
		{"a failed inspection", answer{round: &round{kind: roundWanted}, err: errors.New("timeout")}},
		{"one of a comparison with docker ps", answer{round: &round{kind: roundReconcile}, found: &exited}},
		{"one of those that docker ps listed", answer{round: &round{kind: roundReconcile, names: listed}, found: &exited}},
		{"a failed one of those that docker ps listed", answer{round: &round{kind: roundReconcile, names: listed}, err: errors.New("timeout")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, l, written := reconcilingWatch()
			w.inspectWanted[l.ID], w.unresponsive[l.ID] = true, &unresponsive{}
			event(4000, "destroy")(l)
			w.advance(l, at(4000))
			if w.answer(c.answer); len(w.timelines) > 0 {
				t.Error("it is followed again")
			}
			if len(w.inspectWanted) > 0 || len(w.unresponsive) > 0 {
				t.Errorf("asked about again: %v, %v", w.inspectWanted, w.unresponsive)
			}
			if got := text(written()); got != "start die/exited=0 destroy/removed" {
				t.Error(got)
			}
		})
	}
}

func (w *watch) answer(a answer) {
	a.id = "c0ffee"
	w.answered(a, t0)
}

// TestSingleRound checks that the removal of an unresponsive container is written if only its own inspection shows it, while
// docker ps is compared with what is known.
func TestSingleRound(t *testing.T) {
	w, l, written := reconcilingWatch()
	w.unresponsive[l.ID] = &unresponsive{inspecting: true}
	w.answer(answer{round: &round{kind: roundSingle, ids: []string{l.ID}, asked: time.Now()}})
	w.advance(l, time.Now().Add(maxSkew))
	if got := text(written()); got != "start die/exited=0 destroy/removed" || len(w.timelines) > 0 {
		t.Errorf("%s; %d timelines", got, len(w.timelines))
	}
}

// TestLostTwice checks that events that are lost again, before docker ps was compared, do not count as having come.
func TestLostTwice(t *testing.T) {
	w, _, _ := reconcilingWatch()
	last := dockercli.Event{Action: "exec_start", ID: "c0ffee", Time: at(100)}
	lost := &item{disconnected: errors.New("EOF"), at: at(1000)}
	w.event(&last, at(100))
	w.handle(lost)
	w.event(&last, at(2000))
	if w.resumePoint != nil {
		t.Fatal("the resume point was not noticed")
	}
	w.handle(lost)
	if w.resumePoint == nil {
		t.Error("the events that are lost now count as having come")
	}
}

// TestLostOwesNothing checks that Docker owes no answer from before the connection was lost.
func TestLostOwesNothing(t *testing.T) {
	w, _, _ := reconcilingWatch()
	w.asked(at(0))
	w.handle(&item{disconnected: errors.New("EOF"), at: at(1000)})
	w.handle(&item{connected: ptr(at(0)), at: at(60_000)})
	if w.dockerSilent(at(60_000)) {
		t.Error("Docker counts as silent as soon as it is back")
	}
}

// TestLostBeforeTheBeginning checks that events that were lost before the watch began are a gap only of a watch that reports the
// past, and that this gap has a beginning.
func TestLostBeforeTheBeginning(t *testing.T) {
	for _, c := range []struct {
		name  string
		since time.Time
		gaps  int
	}{{"from now on", time.Time{}, 0}, {"the past as well", at(-1000), 1}} {
		t.Run(c.name, func(t *testing.T) {
			var lines []Line
			w := newWatch(Options{Log: zerolog.Nop(), Since: c.since, Write: func(l *Line) error {
				lines = append(lines, *l)
				return nil
			}}, nil, &cgroupfs.Host{}, nil)
			w.connected, w.reconciling = true, true
			w.lostConnection(errors.New("the daemon hung up"), at(0))
			w.handle(&item{connected: ptr(at(1000)), at: at(1000)})
			history := dockercli.History{Events: 5, Oldest: at(-5000)}
			w.reconciled(&round{kind: roundReconcile, asked: at(2000), history: history}, at(-1000), at(5000))
			w.releaseAll(at(5000))
			gaps, restored := 0, 0
			for _, l := range lines {
				if l.Action == ActionGap {
					gaps++
					if !l.From.Equal(at(0)) || !l.To.Equal(at(5000)) {
						t.Errorf("a gap from %v to %v", l.From, l.To)
					}
				}
				if l.Message == "docker events stream restored" {
					restored++
				}
			}
			if gaps != c.gaps || restored != 1 || !w.eventsLostSince.IsZero() {
				t.Errorf("%d gaps, wanted %d; restored %d times: %+v", gaps, c.gaps, restored, lines)
			}
		})
	}
}

// TestKillUnderWay checks that SIGKILL does not count as sent from outside Docker while docker inspect of the container waits,
// whatever else Docker answers: docker kill locks the container until its runtime returns, and reports the signal then.
func TestKillUnderWay(t *testing.T) {
	w, written := runningWatch()
	l := w.timelines["c0ffee"]
	processExits(1000, 9)(l)
	w.advance(l, at(2000))
	w.answered(answer{}, t0)
	w.advance(l, at(15_000))
	if got := text(written()); got != "start die/inconclusive=137" {
		t.Error(got)
	}
	event(990, "kill", "signal=9")(l)
	event(16_000, "die", "exitCode=137")(l)
	inspect(16_100, container("exited", 137))(l)
	w.advance(l, at(30_000))
	if got := text(written()); got != "start die/inconclusive=137 confirm/killed=137" {
		t.Error(got)
	}
}

// TestEventsMissing checks that the events are requested again, once, if docker inspect has shown an end and its events do not
// come.
func TestEventsMissing(t *testing.T) {
	w, _ := runningWatch()
	l := w.timelines["c0ffee"]
	exited := finishedAt(1000, container("exited", 3))
	l.Inspection(&exited, at(1100), at(1100), true)
	w.advance(l, at(10_000))
	if w.requestMissing(at(10_100)); !w.follower.refetch.IsZero() || !w.connected {
		t.Error("requested while they may be on their way")
	}
	if w.requestMissing(at(60_000)); !w.follower.refetch.Equal(at(-9000)) || w.connected {
		t.Errorf("requested since %v, wanted a grace before the end", w.follower.refetch)
	}
	w.handle(&item{connected: &t0, at: at(60_100)})
	if !w.eventsLostSince.Equal(at(-9000)) {
		t.Error("no events are missing")
	}
	w.reconciled(&round{kind: roundReconcile, asked: at(59_000)}, t0, at(60_200))
	if w.eventsLostSince.IsZero() {
		t.Error("a comparison that began before the events were requested ended the gap")
	}
	w.follower.refetch = time.Time{}
	if w.requestMissing(at(200_000)); !w.follower.refetch.IsZero() {
		t.Error("requested again")
	}
}

// TestResumeAt checks that no events from before the watch are requested.
func TestResumeAt(t *testing.T) {
	now := time.Now()
	f := &follower{begins: now.Add(-time.Minute), began: now.Add(-time.Minute), last: now.Add(-57 * time.Second), received: now}
	if got := f.resumeAt(); !got.Equal(f.begins) {
		t.Errorf("the last event came 3 s after the beginning: requested since %v before that", f.begins.Sub(got))
	}
	f.last = now.Add(-30 * time.Second)
	if got := f.resumeAt(); !got.Equal(f.last.Add(-resumeOverlap)) {
		t.Errorf("requested since %v before the last event", f.last.Sub(got))
	}
}
