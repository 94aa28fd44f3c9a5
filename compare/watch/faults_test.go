package watch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// calls are the docker commands so far that begin with a verb.
func (s *story) calls(verb string) (all []string) {
	data, _ := os.ReadFile(filepath.Join(s.dir, "calls"))
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, verb+" ") {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

// TestClockSetBack: the daemon's clock was ahead, and is set back while the events are followed. What comes then is older
// than what came before, and is told all the same; and asking again goes back far enough to miss nothing.
func TestClockSetBack(t *testing.T) {
	ahead := time.Now().Add(time.Hour)
	line := func(at time.Time, action, extra string) string {
		return string(jsonLineAt(1, at, action, extra)) + "\n"
	}
	began := time.Now()
	s := tellStory(t, func(s *story) {
		s.file("events.1", line(ahead, "start", "")+line(ahead.Add(time.Second), "kill", `"signal":"1",`))
	})
	s.until(t, "start", 1)
	s.until(t, "kill", 1) // outlived
	s.file("events.2", line(ahead, "start", "")+line(ahead.Add(time.Second), "kill", `"signal":"1",`)+
		line(time.Now(), "kill", `"signal":"9",`)+line(time.Now().Add(time.Millisecond), "die", `"exitCode":"0",`))
	s.file("hangup.1", "")
	s.until(t, ActionDaemon, 2)
	s.until(t, "kill", 2)
	if n := len(s.told("start")); n != 1 {
		t.Errorf("%d starts", n)
	}
	if n := len(s.told(ActionGap)); n != 0 {
		t.Errorf("%d gaps, though all was heard", n)
	}
	calls := s.calls("events")
	if len(calls) < 2 {
		t.Fatalf("the events were asked for %d times", len(calls))
	}
	if since, err := ParseSince(strings.Fields(calls[0])[2], time.Now()); err != nil || since.Before(began.Add(-time.Millisecond)) {
		t.Errorf("the watch began with what was before it: since %s, %v", since, err)
	}
	since, err := ParseSince(strings.Fields(calls[1])[2], time.Now())
	if err != nil || since.After(time.Now().Add(-slack)) || since.Before(began.Add(-time.Minute)) {
		t.Errorf("the events were asked for again since %s, %v: %s", since, err, calls[1])
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestHalfALine: the daemon is gone in the middle of a line.
func TestHalfALine(t *testing.T) {
	whole := happened(1, 0, "start", "")
	s := tellStory(t, func(s *story) {
		s.file("events.1", whole+happened(1, 500, "die", `"exitCode":"0",`)[:40])
	})
	s.until(t, ActionWatch, 1)
	s.file("events.2", whole+happened(1, 500, "die", `"exitCode":"0",`))
	s.file("hangup.1", "")
	s.until(t, ActionInput, 1)
	s.until(t, "die", 1)
	if n := len(s.told("start")); n != 1 {
		t.Errorf("%d starts", n)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestLastWords: what has happened and waits for other words is told as the watch ends.
func TestLastWords(t *testing.T) {
	s := tellStory(t, func(s *story) { s.file("events.1", "") })
	s.until(t, ActionWatch, 1)
	s.file("events.2", happened(1, 0, "start", "")+happened(1, 500, "kill", `"signal":"9",`)+happened(1, 501, "die", `"exitCode":"137",`))
	s.file("hangup.1", "")
	for deadline := time.Now().Add(time.Minute); len(s.calls("inspect")) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("docker was not asked about the container")
		}
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if ends := s.told("kill"); len(ends) != 1 || ends[0].Verdict == "" {
		t.Errorf("the end: %+v", ends)
	}
	if n := len(s.told("start")); n != 1 {
		t.Errorf("%d starts", n)
	}
}

// TestNotListed: docker ps --filter ancestor=REF no longer lists a container once REF is another image's name. It runs on,
// and is not said to be removed.
func TestNotListed(t *testing.T) {
	first := happened(1, 0, "start", "")
	s := tellStory(t, func(s *story) {
		s.file("runs", "")
		s.file("events.1", first)
	})
	s.until(t, "start", 1)
	s.file("ps", "")
	asked := len(s.calls("inspect"))
	s.file("events.2", first)
	s.file("hangup.1", "")
	s.until(t, ActionDaemon, 2)
	if len(s.calls("inspect")) == asked {
		t.Error("docker was not asked about what it does not list")
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if lines := append(s.told("destroy"), s.told("die")...); len(lines) != 0 {
		t.Errorf("it runs, and is said to have ended: %+v", lines)
	}
}

// TestFailingInspect: docker answers events and no inspection. It is asked again, less and less often, and told of once it
// answers.
func TestFailingInspect(t *testing.T) {
	s := tellStory(t, func(s *story) { s.file("events.1", "") })
	s.until(t, ActionWatch, 1)
	s.file("broken", "")
	first := len(s.calls("inspect"))
	s.file("events.2", happened(1, 0, "start", "")+happened(1, 500, "die", `"exitCode":"0",`))
	s.file("hangup.1", "")
	for deadline := time.Now().Add(time.Minute); len(s.calls("inspect")) == first; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("docker was not asked about the container")
		}
	}
	time.Sleep(5 * time.Second)
	if n := len(s.calls("inspect")) - first; n > 6 {
		t.Errorf("docker was asked %d times within 5 s", n)
	}
	os.Remove(filepath.Join(s.dir, "broken"))
	s.until(t, "die", 1)
	if err := s.end(); err != nil {
		t.Error(err)
	}
}
