package why

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/journal"
	"haltscope/dockercli"
)

// seconds returns a time of a document as seconds after zero.
func seconds(t *testing.T, text string) float64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Sub(zero).Seconds()
}

// drawn returns the spans of a container, and the bands, in a few words.
func drawn(t *testing.T, d *document.Timeline) string {
	t.Helper()
	var all []string
	for _, c := range d.Containers {
		for _, s := range c.Spans {
			from := "?"
			if text, ok := s.From.Get(); ok {
				from = fmt.Sprint(seconds(t, text))
			}
			all = append(all, fmt.Sprintf("%s %s-%v", s.State, from, seconds(t, s.To)))
		}
	}
	for _, b := range d.Bands {
		all = append(all, fmt.Sprintf("%s! %v-%v", b.Kind, seconds(t, b.From), seconds(t, b.To)))
	}
	return strings.Join(all, "; ")
}

// TestJournalTimeline: when a container ran, was paused and frozen, and what is to be known of the watch, by its journal.
func TestJournalTimeline(t *testing.T) {
	for name, c := range map[string]struct {
		journal string
		since   float64
		want    string
	}{
		"a run":                      {"start@1 die/exited:0@5", 0, "running 1-5"},
		"began before":               {"start@1 die/exited:0@5", 3, "running 3-5"},
		"ended before":               {"start@1 die/exited:0@5 input@9", 6, ""},
		"runs on":                    {"start@1 die/exited:0@5 start@6 input@9", 0, "running 1-5; running 6-9"},
		"its beginning is not known": {"watch@1 die/exited:0@5", 0, "running ?-5"},
		"removed":                    {"start@1 die/exited:0@5 start@6 destroy/removed@8 input@9", 0, "running 1-5"},
		"paused":                     {"start@1 pause/paused@2 unpause/resumed@4 die/exited:0@5", 0, "running 1-5; paused 2-4"},
		"killed while paused":        {"start@1 pause/paused@2 kill/killed:137@5", 0, "running 1-5; paused 2-5"},
		"not paused in the next run": {"start@1 pause@2 kill/killed:137@5 start@6 die/exited:0@8", 0,
			"running 1-5; running 6-8; paused 2-5"},
		"frozen": {"start@1 freeze/frozen-outside-docker@2 thaw/resumed@3 die/exited:0@5", 0, "running 1-5; frozen 2-3"},
		"resumed, and still frozen": {"start@1 pause@2 unpause/frozen-outside-docker@3 thaw@4 die/exited:0@5", 0,
			"running 1-5; paused 2-3; frozen 3-4"},
		"thawed while Docker says so":  {"start@1 pause@2 thaw/pause-unconfirmed@3 die/exited:0@5", 0, "running 1-5; paused 2-3"},
		"seen running only by a pause": {"watch@1 pause/paused@2 input@5", 0, "running ?-5; paused 2-5"},
		"restarted by its policy":      {"start@1 die/crashed:3@2 restart/restarted@3 die/crashed:3@4", 0, "running 1-2; running 3-4"},
		"no watch for a while":         {"watch@1 watch-end@2 watch@4 input@5", 0, "unwatched! 2-4"},
		"no watch any more":            {"watch@1 watch-end@2 start@5", 0, "running 5-5; unwatched! 2-5"},
		"a watch was killed":           {"watch@1 input@2 watch@4 input@5", 0, "unwatched! 2-4"},
		"it counts what it watches":    {"watch:warn@1 input@2 watch:warn@4 input@5", 0, ""},
		"its journal begins later":     {"watch@4 input@6", 1, "unwatched! 1-4"},
	} {
		since := time.Time{}
		if c.since > 0 {
			since = after(c.since)
		}
		d, err := Journal(journalOf(t, c.journal), since)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := drawn(t, d.Timeline); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// TestJournalBands: a gap, and a daemon that does not answer for a while, also up to the end of the watch.
func TestJournalBands(t *testing.T) {
	line := func(at float64, action, level, more string) string {
		return fmt.Sprintf(`{"level":%q,"time":%q,"action":%q,"message":"x"%s}`+"\n", level, lineAt(t, fmt.Sprint(at)), action, more)
	}
	text := line(1, "watch", "info", "") + line(2, "daemon", "warn", "") + line(2.5, "daemon", "warn", "") + line(3, "daemon", "info", "") +
		line(4, "gap", "warn", fmt.Sprintf(`,"from":%q,"to":%q`, lineAt(t, "2"), lineAt(t, "4"))) + line(5, "daemon", "warn", "") +
		line(6, "watch-end", "info", "")
	d, err := JournalFile(strings.NewReader(text), "standard input", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if got := drawn(t, d.Timeline); got != "daemon! 2-3; unwatched! 2-4; daemon! 5-6; unwatched! 6-6" {
		t.Error(got)
	}
}

// TestSilence: a watch that was killed, or whose host lost its power, does not say that it ended. Whether one writes now is known by its
// lock; that none ran at a boot, by the time of that.
func TestSilence(t *testing.T) {
	const silent, none = "no line of the watch; it may have ended", "no watch ran"
	for name, c := range map[string]struct {
		journal string
		boot    float64 // 0 for not known
		writes  bool    // a watch
		want    string
	}{
		"it writes now":                 {"watch@1 input@2", 0, true, ""},
		"none writes":                   {"watch@1 input@2", 0, false, "2-9 no line of the watch, and none runs now"},
		"it said so":                    {"watch@1 watch-end@2", 0, false, "2-9 " + none},
		"killed, and another one":       {"watch@1 input@2 watch@4", 0, true, "2-4 " + silent},
		"a power loss":                  {"watch@1 input@2", 5, false, "2-5 " + silent + "; 5-5 the host booted; 5-9 " + none},
		"a power loss, and another one": {"watch@1 input@2 watch@7", 5, true, "2-5 " + silent + "; 5-5 the host booted; 5-7 " + none},
		"a boot before": {"watch@3 input@4 watch@7", 1, true, "0-3 the journal of the watch begins later; " +
			"1-1 the host booted; 4-7 " + silent},
		"waiting for Docker": {"watch@1 input@2", 5, true, "2-5 " + silent + "; 5-5 the host booted; 5-9 " + none},
	} {
		dir := journalOf(t, c.journal)
		if c.writes {
			writer, err := journal.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
		}
		since := after(1)
		if c.boot == 1 {
			since = after(0)
		}
		s := &sources{watched: readJournal(dir), read: after(9), bootErr: errJournalOnly, daemonErr: errJournalOnly}
		if c.boot > 0 {
			s.boot, s.bootErr = after(c.boot), nil
		}
		var all []string
		for _, b := range s.timelineOf(nil, since, s.read).Bands {
			all = append(all, fmt.Sprintf("%v-%v %s", seconds(t, b.From), seconds(t, b.To), b.Text))
		}
		if got := strings.Join(all, "; "); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// TestJournalDocument: the ends are those that the watch saw, with its verdicts; what it could not decide stays so.
func TestJournalDocument(t *testing.T) {
	d, err := Journal(journalOf(t, "start@1 die/crashed:3@5 start@6 die/inconclusive:137@8 start@9 stop/graceful:0@10"), after(7))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Containers) != 1 || len(d.Containers[0].Runs) != 2 || d.Containers[0].Ends[0].Count != 1 || len(d.Containers[0].Ends) != 3 {
		t.Fatalf("%+v", d.Containers)
	}
	last, before := d.Containers[0].Runs[0], d.Containers[0].Runs[1]
	code, known := before.ExitCode.Get()
	if last.Verdict.Kind != "graceful" || last.Verdict.Confidence != "certain" || last.Verdict.How != "how" ||
		before.Verdict.Kind != "inconclusive" || before.Verdict.Confidence != "unknown" || !known || code != 137 {
		t.Errorf("%+v, %+v", last, before)
	}
	var usage *fault.UsageError
	if _, err := Journal(t.TempDir(), time.Time{}); !errors.As(err, &usage) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Journal(filepath.Join(t.TempDir(), "missing"), time.Time{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// TestStays: the run that goes on, by docker inspect, and pauses by Docker's events.
func TestStays(t *testing.T) {
	for name, c := range map[string]struct {
		events, status string
		want           string
	}{
		"runs":                          {"start@1", "running", "running 1-9"},
		"paused":                        {"start@1 pause@3", "paused", "running 1-9; paused 3-9"},
		"paused, and its event is gone": {"", "paused", "running 1-9; paused ?-9"},
		"between two runs":              {"start@0 die:0@0.5", "restarting", "running 0-0.5"},
	} {
		var container dockercli.Container
		container.State.Status, container.State.Running, container.State.Paused = c.status, true, c.status == "paused"
		container.State.StartedAt = after(1)
		sub := &subject{id: "c0ffee", container: &container, events: events(t, c.events)}
		runs := runsOf(sub.events, &container)
		e := explainedContainer{}
		e.running, e.within = staysOf(sub, runs, nil, after(9), after(9))
		s := &sources{watched: &watched{missing: true}, bootErr: errJournalOnly, daemonErr: errJournalOnly}
		if got := drawn(t, s.timelineOf([]explainedContainer{e}, after(-1), after(9))); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// TestStaysOfRemoved: a container that a watch has seen run, and that Docker does not know, did not run on until now: it was removed
// while nobody watched. If Docker does not answer, it is known to have run until the watch wrote last.
func TestStaysOfRemoved(t *testing.T) {
	for name, c := range map[string]struct {
		journal  string
		noDocker error
		want     string
	}{
		"since the last line":          {"watch@0 start@1 input@5", nil, "running 1-5"},
		"while no watch ran":           {"watch@0 start@1 input@4 watch-end@5 watch@7 input@8", nil, "running 1-5"},
		"while one was killed":         {"watch@0 start@1 input@5 watch@7 input@8", nil, "running 1-5"},
		"not while none ran before":    {"watch@0 watch-end@1 watch@2 start@3 input@5", nil, "running 3-5"},
		"Docker does not answer":       {"watch@0 start@1 watch-end@5 watch@7 input@8", errJournalOnly, "running 1-8"},
		"paused, and its end not seen": {"watch@0 start@1 pause/paused@2 input@5", nil, "running 1-5; paused 2-5"},
	} {
		w := readJournal(journalOf(t, c.journal))
		s := &sources{watched: w, read: after(100), noDocker: c.noDocker, bootErr: errJournalOnly, daemonErr: errJournalOnly}
		e := s.explain(&subject{id: "c0ffee", name: "web"}, Options{})
		d := s.timelineOf([]explainedContainer{e}, after(-1), s.read)
		d.Bands = nil
		if got := drawn(t, d); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// TestRestarts: dockerd's log tells when it was down; its process, when this one began. Both tell of the same start once.
func TestRestarts(t *testing.T) {
	log := &dockercli.DaemonLog{Starts: []time.Time{after(1), after(20), after(40)}, Shutdowns: []time.Time{after(15)}}
	for name, c := range map[string]struct {
		log     *dockercli.DaemonLog
		started float64
		want    string
	}{
		"no log":           {nil, 42, "daemon! 42-42"},
		"a log":            {log, 40.5, "daemon! 1-1; daemon! 15-20; daemon! 40-40"},
		"a log of another": {log, 90, "daemon! 1-1; daemon! 15-20; daemon! 40-40; daemon! 90-90"},
	} {
		s := &sources{watched: &watched{missing: true}, bootErr: errJournalOnly, log: c.log, daemonStarted: after(c.started)}
		if got := drawn(t, s.timelineOf(nil, after(0), after(100))); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}
