package watch

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// watchOfFake returns a watch that asks the fake docker, whose files are in the folder.
func watchOfFake(t *testing.T, files map[string]string, o Options) *watch {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, "docker")
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	t.Setenv(fakeEnv, dir)
	docker := dockercli.New(dockercli.Options{Path: link, Timeout: 10 * time.Second, Log: zerolog.Nop()})
	return newWatch(o, docker, &cgroupfs.Host{}, nil)
}

// answersOf returns the answers of a round, up to its end.
func (w *watch) answersOf(t *testing.T) (all []answer) {
	t.Helper()
	for {
		select {
		case a := <-w.answers:
			if all = append(all, a); a.round != nil && a.id == "" {
				return all
			}
		case <-time.After(time.Minute):
			t.Fatalf("the round does not end: %+v", all)
		}
	}
}

// TestHistoryUnknown checks that a watch begins without the daemon's history, says so, and counts on nothing from before. One that
// reports the past asks again.
func TestHistoryUnknown(t *testing.T) {
	for _, c := range []struct {
		name   string
		since  time.Time
		begins bool
	}{{"from now on", time.Time{}, true}, {"the past as well", at(-1000), false}} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			var written []Line
			w := watchOfFake(t, map[string]string{"history": `{"Action":"kill"}` + "\n", "runs": "",
				"ps": `{"ID":"c0ffee","Name":"web","State":"running","Status":""}` + "\n"},
				Options{Log: zerolog.New(&log), Since: c.since, Write: func(l *Line) error { written = append(written, *l); return nil }})
			w.connected = true
			w.startReconciling(t.Context(), time.Now())
			for _, a := range w.answersOf(t) {
				w.answered(a, time.Now())
			}
			if w.started != c.begins || !strings.Contains(log.String(), "event history") {
				t.Fatalf("started: %t; log: %s", w.started, log.String())
			}
			if !c.begins {
				return
			}
			if l := w.timelines["c0ffee"]; l == nil || l.current == nil || !l.current.eventsLost {
				t.Errorf("the signals from before the watch count as known: %+v, %+v", l, written)
			}
		})
	}
}

// TestPlacesOfAnswers checks that the cgroups are searched where docker inspect fails for a container that is not watched, and before
// the event loop has the answer.
func TestPlacesOfAnswers(t *testing.T) {
	w := watchOfFake(t, map[string]string{"broken": "", "ps": `{"ID":"c0ffee","State":"running"}` + "\n" + `{"ID":"beef","State":"running"}`},
		Options{Log: zerolog.Nop()})
	for id, watched := range map[string]bool{"c0ffee": false, "beef": true} {
		w.inspect(t.Context(), &round{kind: roundSingle, asked: t0, ids: []string{id}, watched: map[string]bool{"beef": true}})
		all := w.answersOf(t)
		if len(all) != 2 || all[0].err == nil || (all[0].places == nil) != watched {
			t.Errorf("%s: %+v", id, all)
		}
	}
}
