package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// calls returns the docker commands so far that begin with a verb.
func (s *fakeWatch) calls(verb string) (all []string) {
	for _, c := range s.callsWith(verb + " ") {
		all = append(all, c.args)
	}
	return all
}

// fakeCall is a call of the fake docker.
type fakeCall struct {
	at   time.Time
	pid  int
	args string
}

// callsWith are the calls whose arguments begin with one text and end with another one.
func (s *fakeWatch) callsWith(begin string, end ...string) (all []fakeCall) {
	data, _ := os.ReadFile(filepath.Join(s.dir, "calls"))
	for line := range strings.Lines(string(data)) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(fields) < 3 || !strings.HasPrefix(fields[2], begin) || !strings.HasSuffix(fields[2], strings.Join(end, "")) {
			continue
		}
		at, _ := strconv.ParseInt(fields[0], 10, 64)
		pid, _ := strconv.Atoi(fields[1])
		all = append(all, fakeCall{time.Unix(0, at), pid, fields[2]})
	}
	return all
}

// inspectsOf are the inspections of one container alone.
func (s *fakeWatch) inspectsOf(id string) []fakeCall {
	return s.callsWith("inspect ", " -- "+id)
}

// await waits for a condition.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within a minute: " + what)
		}
	}
}

// TestClockSetBack checks a daemon whose clock was ahead and is set back during a watch: events that are older than the last one
// are written all the same, and the event stream is resumed from early enough.
func TestClockSetBack(t *testing.T) {
	ahead := time.Now().Add(time.Hour)
	line := func(at time.Time, action, extra string) string {
		return string(jsonLineAt(1, at, action, extra)) + "\n"
	}
	began := time.Now()
	s := startFakeWatch(t, func(s *fakeWatch) {
		s.file("events.1", line(ahead, "start", "")+line(ahead.Add(time.Second), "kill", `"signal":"1",`))
	})
	s.waitFor(t, "start", 1)
	s.waitFor(t, "kill", 1) // outlived
	s.file("events.2", line(ahead, "start", "")+line(ahead.Add(time.Second), "kill", `"signal":"1",`)+
		line(time.Now(), "kill", `"signal":"9",`)+line(time.Now().Add(time.Millisecond), "die", `"exitCode":"0",`))
	s.file("hangup.1", "")
	s.waitFor(t, ActionDaemon, 2)
	s.waitFor(t, "die", 1) // docker inspect says that it ended before SIGKILL came: exit code 0
	if n := len(s.linesOf("start")); n != 1 {
		t.Errorf("%d starts", n)
	}
	if n := len(s.linesOf(ActionGap)); n != 0 {
		t.Errorf("%d gaps, though no event was missing", n)
	}
	calls := slices.DeleteFunc(s.calls("events"), func(call string) bool { return strings.Contains(call, "--until") }) // for the history
	if len(calls) < 2 {
		t.Fatalf("the events were asked for %d times", len(calls))
	}
	first, err := ParseTime("--since", strings.Fields(calls[0])[2], time.Now())
	if err != nil || first.Before(began.Add(-time.Millisecond)) {
		t.Errorf("the watch began with what was before it: since %s, %v", first, err)
	}
	since, err := ParseTime("--since", strings.Fields(calls[1])[2], time.Now())
	if err != nil || since.After(time.Now().Add(-resumeOverlap)) && since.After(first) || since.Before(began.Add(-time.Minute)) {
		t.Errorf("the events were asked for again since %s, %v: %s", since, err, calls[1])
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestHalfALine checks a daemon that hangs up in the middle of a line.
func TestHalfALine(t *testing.T) {
	whole := eventLine(1, 0, "start", "")
	s := startFakeWatch(t, func(s *fakeWatch) {
		s.file("events.1", whole+eventLine(1, 500, "die", `"exitCode":"0",`)[:40])
	})
	s.waitFor(t, ActionWatch, 1)
	s.file("events.2", whole+eventLine(1, 500, "die", `"exitCode":"0",`))
	s.file("hangup.1", "")
	s.waitFor(t, ActionInput, 1)
	s.waitFor(t, "die", 1)
	if n := len(s.linesOf("start")); n != 1 {
		t.Errorf("%d starts", n)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestFinish checks that what waits for related events is written when the watch ends.
func TestFinish(t *testing.T) {
	s := startFakeWatch(t, func(s *fakeWatch) { s.file("events.1", "") })
	s.waitFor(t, ActionWatch, 1)
	s.file("events.2", eventLine(1, 0, "start", "")+eventLine(1, 500, "kill", `"signal":"9",`)+eventLine(1, 501, "die", `"exitCode":"137",`))
	s.file("hangup.1", "")
	for deadline := time.Now().Add(time.Minute); len(s.calls("inspect")) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("docker was not asked about the container")
		}
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if ends := s.linesOf("die"); len(ends) != 1 || ends[0].Verdict == "" {
		t.Errorf("the end: %+v", ends)
	}
	if n := len(s.linesOf("start")); n != 1 {
		t.Errorf("%d starts", n)
	}
	if last := s.lines[len(s.lines)-1]; last.Action != ActionWatchEnd || last.Message != "stopped watching: terminated (SIGTERM)" {
		t.Errorf("the last line: %+v", last)
	}
}

// TestNotListed checks a container that docker ps --filter ancestor=REF no longer lists, because REF names another image now. It
// is still running, and not reported as removed.
func TestNotListed(t *testing.T) {
	first := eventLine(1, 0, "start", "")
	s := startFakeWatch(t, func(s *fakeWatch) {
		s.file("runs", "")
		s.file("events.1", first)
	})
	s.waitFor(t, "start", 1)
	s.file("ps", "")
	asked := len(s.calls("inspect"))
	s.file("events.2", first)
	s.file("hangup.1", "")
	s.waitFor(t, ActionDaemon, 2)
	if len(s.calls("inspect")) == asked {
		t.Error("docker was not asked about what it does not list")
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if lines := append(s.linesOf("destroy"), s.linesOf("die")...); len(lines) != 0 {
		t.Errorf("it is running, and reported as ended: %+v", lines)
	}
}

// TestFailingInspect checks that a failing inspection is repeated until it succeeds.
func TestFailingInspect(t *testing.T) {
	s := startFakeWatch(t, func(s *fakeWatch) { s.file("events.1", "") })
	s.waitFor(t, ActionWatch, 1)
	s.file("broken", "")
	id := fmt.Sprintf("%064x", 1)
	s.file("events.2", eventLine(1, 0, "start", "")+eventLine(1, 500, "die", `"exitCode":"0",`))
	s.file("hangup.1", "")
	await(t, "docker is asked about the container again and again", func() bool { return len(s.inspectsOf(id)) >= 6 })
	os.Remove(filepath.Join(s.dir, "broken"))
	s.waitFor(t, "die", 1)
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestPauses checks that the pauses between failing inspections grow, up to a bound.
func TestPauses(t *testing.T) {
	one, now := &unresponsive{wait: settleTime}, time.Unix(0, 0)
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		if one.failed(now); one.next.Sub(now) != want*time.Second {
			t.Errorf("a pause of %s, wanted %d s", one.next.Sub(now), want)
		}
		now = one.next
	}
}

// TestOneHangs checks that a container about which docker inspect hangs delays no other, is inspected by itself, and does not
// count as a Docker that does not answer.
func TestOneHangs(t *testing.T) {
	hangs := fmt.Sprintf("%064x", 3)
	s := startFakeWatch(t, func(s *fakeWatch) {
		s.file("hangs", hangs)
		s.file("ps", fmt.Sprintf(`{"ID":%q,"Name":"web-3","State":"running","Status":""}`+"\n", hangs))
		s.file("events.1", eventLine(1, 0, "start", "")+eventLine(1, 500, "die", `"exitCode":"0",`))
	})
	s.waitFor(t, "die", 1)
	s.waitFor(t, ActionWatch, 1)
	s.file("events.2", eventLine(1, 0, "start", "")+eventLine(1, 500, "die", `"exitCode":"0",`)+eventLine(2, 600, "start", "")+
		eventLine(2, 700, "die", `"exitCode":"0",`))
	s.file("hangup.1", "")
	s.waitFor(t, "die", 2)
	s.waitFor(t, ActionDaemon, 2) // hung up, and back
	// Each time, docker is given up first: together that takes longer than silentAfter.
	await(t, "docker is asked about the container that hangs", func() bool {
		calls := s.inspectsOf(hangs)
		return len(calls) > 0 && calls[len(calls)-1].at.Sub(calls[0].at) > silentAfter+2*time.Second
	})
	if n := len(s.linesOf(ActionDaemon)); n != 2 {
		t.Errorf("%d lines about the daemon, which has answered: %+v", n, s.linesOf(ActionDaemon))
	}
	together := 0
	for _, call := range s.calls("inspect") {
		if strings.Contains(call, hangs) && len(strings.Fields(call)) > 5 {
			together++
		}
	}
	if together > 1 {
		t.Errorf("it was inspected together with others %d times: %q", together, s.calls("inspect"))
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestRemovedUnanswered checks that a container that was removed while docker inspect hung is written once, and does not come back
// when the inspection fails.
func TestRemovedUnanswered(t *testing.T) {
	all := eventLine(1, 0, "start", "") + eventLine(1, 500, "die", `"exitCode":"0",`) + eventLine(1, 600, "destroy", "")
	s := startFakeWatch(t, func(s *fakeWatch) {
		s.file("hangs", fmt.Sprintf("%064x", 1))
		s.file("ps", "")
		s.file("events.1", all)
	})
	s.waitFor(t, "destroy", 1)
	s.waitFor(t, ActionWatch, 1)
	asked := len(s.calls("inspect"))
	s.file("events.2", all)
	s.file("hangup.1", "")
	s.waitFor(t, ActionDaemon, 2)
	await(t, "the inspections of it are given up", func() bool {
		return !slices.ContainsFunc(s.callsWith("inspect "), func(c fakeCall) bool { return unix.Kill(c.pid, 0) == nil })
	})
	s.file("events.3", all+eventLine(2, 600, "start", "")+eventLine(2, 700, "die", `"exitCode":"0",`))
	s.file("hangup.2", "")
	s.waitFor(t, "die", 2) // what failed before is handled by now
	if n := len(s.linesOf("destroy")); n != 1 {
		t.Errorf("removed %d times: %+v", n, s.linesOf("destroy"))
	}
	if n := len(s.calls("inspect")); n > asked+1 {
		t.Errorf("it is still inspected: %q", s.calls("inspect"))
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}
