package watch

import (
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// answering is a watch of one container that has ended, while docker ps is held against what is known.
func reconcilingWatch() (w *watch, l *Timeline, told *[]Line) {
	w = newWatch(Options{Log: zerolog.Nop()}, nil, &cgroupfs.Host{}, nil)
	w.started, w.connected, w.reconciling = true, true, true
	told = new([]Line)
	w.Write = func(l *Line) error { *told = append(*told, *l); return nil }
	l = w.follow("c0ffee", "web", false)
	for _, s := range append(startedRun(), event(1000, "die", "exitCode=0"), inspect(1100, container("exited", 0))) {
		s(l)
	}
	w.advance(l, at(3000))
	return w, l, told
}

// TestRemovedMeanwhile: an answer about a container that was removed while Docker was asked does not bring it back.
func TestRemovedMeanwhile(t *testing.T) {
	exited := container("exited", 0)
	listed := map[string]string{"c0ffee": "web"}
	for _, c := range []struct {
		name string
		answer
	}{
		{"an inspection", answer{round: &round{kind: roundWanted}, found: &exited}},
		{"one that failed", answer{round: &round{kind: roundWanted}, err: errors.New("timeout")}},
		{"one of all", answer{round: &round{kind: roundReconcile}, found: &exited}},
		{"one of all that are listed", answer{round: &round{kind: roundReconcile, names: listed}, found: &exited}},
		{"one of all that are listed, and failed", answer{round: &round{kind: roundReconcile, names: listed}, err: errors.New("timeout")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, l, told := reconcilingWatch()
			w.inspectWanted[l.ID], w.unresponsive[l.ID] = true, &unresponsive{}
			event(4000, "destroy")(l)
			w.advance(l, at(4000))
			if w.answer(c.answer); len(w.timelines) > 0 {
				t.Error("it is followed again")
			}
			if len(w.inspectWanted) > 0 || len(w.unresponsive) > 0 {
				t.Errorf("asked about again: %v, %v", w.inspectWanted, w.unresponsive)
			}
			if got := text(*told); got != "start die/exited=0 destroy/removed" {
				t.Error(got)
			}
		})
	}
}

func (w *watch) answer(a answer) {
	a.id = "c0ffee"
	w.answered(a, t0)
}

// TestAskedAlone: a container that was asked about alone, while docker ps was held against what is known, and is gone by
// then, is told to be removed.
func TestAskedAlone(t *testing.T) {
	w, l, told := reconcilingWatch()
	w.unresponsive[l.ID] = &unresponsive{inspecting: true}
	w.answer(answer{round: &round{kind: roundSingle, ids: []string{l.ID}, asked: time.Now()}})
	w.advance(l, time.Now().Add(maxSkew))
	if got := text(*told); got != "start die/exited=0 destroy/removed" || len(w.timelines) > 0 {
		t.Errorf("%s; %d lives", got, len(w.timelines))
	}
}

// TestLostTwice: events that are lost again, before docker ps was held against those lost before, must be shown to have come
// once more.
func TestLostTwice(t *testing.T) {
	w, _, _ := reconcilingWatch()
	last := dockercli.Notice{Event: dockercli.Event{Action: "exec_start", ID: "c0ffee", Time: at(100)}}
	lost := &item{disconnected: errors.New("EOF"), at: at(1000)}
	w.event(&last, at(100))
	w.handle(lost)
	w.event(&last, at(2000))
	if w.resumePoint != nil {
		t.Fatal("the event that came again is not noticed")
	}
	w.handle(lost)
	if w.resumePoint == nil {
		t.Error("the events that are lost now count as having come")
	}
}

// TestLostOwesNothing: what Docker was asked before it hung up is no answer that it owes once it is back.
func TestLostOwesNothing(t *testing.T) {
	w, _, _ := reconcilingWatch()
	w.asked(at(0))
	w.handle(&item{disconnected: errors.New("EOF"), at: at(1000)})
	w.handle(&item{connected: ptr(at(0)), at: at(60_000)})
	if w.dockerSilent(at(60_000)) {
		t.Error("Docker is said not to answer as soon as it is back")
	}
}
