package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// busyDay writes a journal of a day with 200 containers and some 2,000 ends, as a watch would, and returns its file: crash loops,
// batches that end well, services that are paused and stopped, an odd name, a gap, a daemon that does not answer, and no watch for a while.
func busyDay(t *testing.T) string {
	begin := time.Date(2026, 5, 20, 0, 0, 30, 0, time.UTC)
	var lines bytes.Buffer
	out := json.NewEncoder(&lines)
	write := func(after time.Duration, l document.WatchLine) {
		l.Time = begin.Add(after).Format(time.RFC3339Nano)
		if err := out.Encode(&l); err != nil {
			t.Fatal(err)
		}
	}
	about := func(n int, name string) *document.WatchContainer {
		return &document.WatchContainer{ID: fmt.Sprintf("%064x", n+1), Name: &name}
	}
	end := func(after time.Duration, c *document.WatchContainer, action string, kind value.Kind, code int, said, missing string) {
		because := []document.WatchObservation{{Source: "docker events: die", Value: fmt.Sprint("exit code ", code)},
			{Source: "kernel: exit status", Value: said}}
		write(after, document.WatchLine{Level: "warn", Container: c, Action: action, Verdict: kind, Missing: missing, ExitCode: &code,
			Message: *c.Name + ": " + said, Because: because})
	}
	says := func(after time.Duration, c *document.WatchContainer, action string, kind value.Kind) {
		write(after, document.WatchLine{Level: "info", Container: c, Action: action, Verdict: kind, Message: *c.Name + ": " + action})
	}
	const minute, hour, day = time.Minute, time.Hour, 24 * time.Hour
	write(0, document.WatchLine{Level: "info", Action: "watch", Message: "watching 0 running containers"})
	at := func(n, i, of int) time.Duration { // spreads the runs of a container over the day
		return time.Duration(i)*(day-20*minute)/time.Duration(of) + time.Duration(n%17)*41*time.Second
	}
	for n := range 200 {
		name, runs := busyContainer(n)
		c := about(n, name)
		for i := range runs {
			from := at(n, i, runs)
			says(from, c, "start", "")
			to := from + (day/time.Duration(runs))*time.Duration(2+n%7)/10
			if n%3 == 0 && i%2 == 0 {
				says(from+minute, c, "pause", value.Paused)
				says(from+11*minute, c, "unpause", value.Resumed)
			}
			if n%11 == 4 && i == 3 {
				says(from+12*minute, c, "freeze", value.FrozenOutsideDocker)
				says(from+20*minute, c, "thaw", value.Resumed)
			}
			switch {
			case n%10 == 9 && i == runs-1: // runs on
			case n%20 == 3:
				end(to, c, "die", value.Crashed, 3, "failed by itself, exit code 3", "")
			case n%20 == 13 && i == 5:
				said := fmt.Sprintf("the OOM killer killed java (pid %d), at the container's memory limit", 4000+i)
				end(to, c, "die", value.OOMKilled, 137, said, "")
			case n%20 == 8 && i%4 == 1:
				end(to, c, "stop", value.Forced, 137, "did not end on SIGTERM within 10 s: SIGKILL", "")
			case n%25 == 6 && i == 2:
				end(to, c, "die", value.Inconclusive, 137, "ended, exit code 137", "who sent SIGKILL: the watch was not there")
			case n%4 == 0:
				end(to, c, "stop", value.Graceful, 0, "ended gracefully, exit code 0", "")
			default:
				end(to, c, "die", value.Exited, 0, "ended by itself, exit code 0", "")
			}
		}
	}
	gap := func(from, to time.Duration) {
		stamp := func(after time.Duration) string { return begin.Add(after).Format(time.RFC3339) }
		write(to, document.WatchLine{Level: "warn", Action: "gap", From: stamp(from), To: stamp(to), MayHide: []string{"kill"},
			Message: "docker events were lost"})
	}
	gap(5*hour, 5*hour+20*minute)
	write(9*hour, document.WatchLine{Level: "warn", Action: "daemon", Message: "lost the docker events stream"})
	write(9*hour+4*minute, document.WatchLine{Level: "info", Action: "daemon", Message: "docker events stream restored"})
	write(20*hour, document.WatchLine{Level: "info", Action: "watch-end", Message: "stopped watching: terminated (SIGTERM)"})
	write(21*hour, document.WatchLine{Level: "info", Action: "watch", Message: "watching 190 running containers"})
	write(day, document.WatchLine{Level: "info", Action: "watch", Message: "watching 190 running containers"})
	file := filepath.Join(t.TempDir(), "watch-00000001.jsonl")
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// busyContainer returns the name of a container of a busy day, and how often it runs.
func busyContainer(n int) (name string, runs int) {
	switch {
	case n == 7:
		return "a-container-with-a-name-that-is-longer-than-any-column-of-a-picture-has-room-for", 8
	case n%20 == 3:
		return fmt.Sprintf("flaky-%03d", n), 50
	}
	return fmt.Sprintf("shop-%03d", n), 8
}

// oddDay returns a day that is hard to lay out: names that attack the page or never end, times that are absent, equal or not times,
// many causes, and a container of which only a moment is known.
func oddDay() *document.Why {
	const begin, noon = "2026-05-20T00:00:00Z", "2026-05-20T12:00:00+05:30"
	known, endless := value.Known[string], strings.Repeat("w", 300)
	span := func(state document.SpanState, from value.Maybe[string], to string) document.TimelineSpan {
		return document.TimelineSpan{State: state, From: from, To: to}
	}
	unknown := value.Absent[string](value.NotMeasured, attack)
	d := &document.Why{Schema: document.WhySchema, Since: begin,
		Sources: []document.WhySource{{Name: attack, Error: endless, From: unknown}},
		Timeline: &document.Timeline{From: begin, To: "2026-05-20T18:00:00Z", Bands: []document.TimelineBand{
			{Kind: document.BandBoot, From: noon, To: noon, Text: attack},
			{Kind: document.BandKind(attack), From: begin, To: attack, Text: endless}}}}
	for n, name := range []string{attack, endless, "", "web"} {
		id := fmt.Sprintf("%064x", n+1)
		c := document.WhyContainer{Name: name, ID: id, Warnings: []string{attack}}
		for _, kind := range []value.Kind{value.Crashed, value.Inconclusive, value.Kind(attack), value.Exited} {
			r := document.WhyRun{StartedAt: unknown, EndedAt: known(noon), Means: attack, Next: []string{"docker logs " + attack}}
			r.LogHint = endless
			r.Verdict = document.WhyVerdict{Kind: kind, Confidence: value.Certain, How: endless, Missing: attack,
				Because: []document.WhyBecause{{Source: attack, Value: endless}}}
			c.Runs = append(c.Runs, r)
		}
		c.Runs = append(c.Runs, document.WhyRun{EndedAt: known(attack)})
		d.Containers = append(d.Containers, c)
		d.Timeline.Containers = append(d.Timeline.Containers, document.TimelineContainer{Name: name, ID: id, Spans: []document.TimelineSpan{
			span(document.SpanRunning, unknown, noon), span(document.SpanPaused, known(noon), noon),
			span(document.SpanFrozen, known(attack), attack),
			span(document.SpanState(attack), known(begin), "2027-01-01T00:00:00Z")}})
	}
	return d
}
