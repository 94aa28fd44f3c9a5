package watch

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// connected is a step: who was connected to Docker's socket, by command line; "<" marks who was there long before.
func connected(ms int, lines ...string) step {
	return func(l *Timeline) {
		r := askedReading{at: at(ms), taken: at(ms + 1)}
		for i, line := range lines {
			args, earlier := strings.CutPrefix(line, "<")
			words := strings.Fields(args)
			actor := bash()
			actor.PID, actor.Command = 70+i, value.Known(strings.Join(words[:min(2, len(words))], " "))
			c := &socketClient{pid: actor.PID, args: words, actor: &actor, since: at(ms)}
			if earlier {
				c.since = at(ms - 60_000)
			}
			r.clients = append(r.clients, c)
		}
		l.Asked(r)
	}
}

func TestAskedBy(t *testing.T) {
	stopped := []step{event(2000, "kill", "signal=15"), event(2100, "die", "exitCode=0"), event(2101, "stop"),
		inspect(2200, container("exited", 0))}
	killed := []step{event(2000, "kill", "signal=9"), event(2100, "die", "exitCode=137"), inspect(2200, container("exited", 137))}
	for name, c := range map[string]struct {
		steps   []step
		before  func(*Timeline)
		message string
		pid     int64
		detail  string
	}{
		"docker stop": {steps: append([]step{connected(2001, "docker events", "docker stop web")}, stopped...),
			message: "; asked by docker stop (pid 71, user alice", pid: 71},
		"docker kill": {steps: append([]step{connected(1999, "docker kill web")}, killed...),
			message: "; asked by docker kill (pid 70, user alice", pid: 70},
		"a second request": {steps: []step{connected(2000, "docker stop -t 60 web"), event(2000, "kill", "signal=15"),
			connected(5000, "<docker stop -t 60 web", "docker kill web"), event(5000, "kill", "signal=9"),
			event(5100, "die", "exitCode=137"), event(5101, "stop"), inspect(5200, container("exited", 137))},
			message: "; asked by docker kill (pid 71", pid: 71},
		"the only client": {steps: append([]step{connected(2001, "<docker events", "watchtower")}, stopped...),
			message: " on the host was the only client connected that can have asked", pid: 71},
		"a swarm's": {steps: []step{connected(2001, "<docker events", "watchtower"), event(2000, "kill", "signal=15"),
			event(2100, "die", "exitCode=0"), event(2101, "stop"), inspect(2200, container("exited", 0, "com.docker.swarm.task.id"))},
			message: "; possibly asked by watchtower (pid 71", detail: "1 client of Docker's socket can have asked"},
		"a swarm's, by hand": {steps: []step{connected(2001, "watchtower", "docker stop web"), event(2000, "kill", "signal=15"),
			event(2100, "die", "exitCode=0"), event(2101, "stop"), inspect(2200, container("exited", 0, "com.docker.swarm.task.id"))},
			message: "; asked by docker stop (pid 71", pid: 71},
		"several": {steps: append([]step{connected(2001, "portainer", "watchtower")}, stopped...),
			message: "; possibly asked by portainer (pid 70", detail: "2 clients of Docker's socket can have asked"},
		"one that may have gone": {steps: []step{connected(2001, "watchtower"), event(2000, "kill", "signal=15"),
			event(2100, "die", "exitCode=0"), inspect(2200, container("exited", 0))},
			message: "exit code 0", detail: "the client that asked was not seen"},
		"nobody looked": {steps: stopped, message: "exit code 0", detail: "nobody looked who was connected to Docker then"},
		"a reading about something else": {steps: append([]step{connected(-9000, "docker stop web")}, stopped...),
			message: "exit code 0", detail: "nobody looked who was connected to Docker then"},
		"failed": {steps: append([]step{func(l *Timeline) { l.Asked(askedReading{at: at(2000), taken: at(2000), err: errTooMany}) }}, stopped...),
			message: "exit code 0", detail: "too many requests came at once"},
		"off": {before: func(l *Timeline) { l.NoAskers = errNoTrace }, steps: stopped, message: "exit code 0", detail: "--no-trace was given"},
		"not seen here": {before: func(l *Timeline) { l.NoAskers = errors.New("no unix_diag") }, steps: stopped, message: "exit code 0",
			detail: "no unix_diag"},
		"by itself": {steps: []step{event(2100, "die", "exitCode=3"), inspect(2200, container("exited", 3))},
			message: "failed by itself, exit code 3", detail: "nobody asked Docker to end it"},
	} {
		l := NewTimeline("c0ffee", "web", false)
		l.AllClients = true
		if c.before != nil {
			c.before(l)
		}
		lines := play(l, append(startedRun(), c.steps...)...)
		line := lines[len(lines)-1]
		silent := !strings.Contains(c.message, "asked")
		if !strings.Contains(line.Message, c.message) || silent && strings.Contains(line.Message, "asked") {
			t.Errorf("%s: %s", name, line.Message)
		}
		var out bytes.Buffer
		if err := NewLog(&out, false).Write(&line); err != nil {
			t.Fatal(err)
		}
		read, err := document.DecodeWatchLine(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		got, ok := read.AskedBy.Get()
		if ok != (c.pid != 0) || ok && got.PID != int(c.pid) || !ok && !strings.HasPrefix(read.AskedBy.Detail(), c.detail) {
			t.Errorf("%s: %+v", name, read.AskedBy)
		}
		out.Reset()
		if err := NewLog(&out, true).Write(&line); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"alice", "watchtower", "portainer", "docker kill", "docker stop"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%s, redacted, has %s: %s", name, secret, out.String())
			}
		}
		if got := gjson.Get(out.String(), "asked_by.pid").Int(); got != c.pid {
			t.Errorf("%s, redacted: pid %d", name, got)
		}
	}
}

// The readings that are kept are bounded.
func TestAskedBounded(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for i := range keptAsked + 5 {
		l.Asked(askedReading{at: at(i)})
	}
	if len(l.asked) != keptAsked || !l.asked[0].at.Equal(at(5)) {
		t.Errorf("%d readings, from %v", len(l.asked), l.asked[0].at)
	}
}

// A line about a signal that did not end the container has who asked as well.
func TestAskedSurvived(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	lines := play(l, append(startedRun(), connected(2000, "docker kill -s HUP web"), event(2000, "kill", "signal=1"))...)
	last := lines[len(lines)-1]
	if actor, ok := last.AskedBy.Get(); !ok || actor.PID != 70 || !strings.Contains(last.Message, "; asked by docker kill (pid 70") {
		t.Errorf("%+v", last)
	}
	if strings.Contains(last.RedactedMessage, "alice") || !strings.Contains(last.RedactedMessage, "a process (pid 70)") {
		t.Error(last.RedactedMessage)
	}
}
