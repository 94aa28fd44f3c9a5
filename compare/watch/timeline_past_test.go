package watch

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

func past(ms int, signal string) dockercli.Event {
	return dockercli.Event{Action: "kill", ID: "c0ffee", Time: at(ms), Signal: signal}
}

// A watch that begins in the middle of a stop knows the stop signal from the daemon's history, or says what it does not know.
func TestPastSignals(t *testing.T) {
	runs := container("running", 0)
	runs.State.StartedAt = at(-300_000)
	ends := func(code int) dockercli.Container { return startedAt(-300_000, container("exited", code)) }
	for _, c := range []struct {
		name   string
		kills  []dockercli.Event
		oldest int // of the history
		steps  []step
		want   string
		says   string // in the last line
	}{
		{"forced", []dockercli.Event{past(-4000, "15")}, -400_000, []step{event(6030, "kill", "signal=9"), event(6100, "die", "exitCode=137"),
			inspect(6200, ends(137)), event(6300, "stop")}, "stop/forced=137", "the grace of 10s ran out"},
		{"in time", []dockercli.Event{past(-4000, "15")}, -400_000, []step{processExits(2000, 0), event(2010, "die", "exitCode=0"),
			inspect(2100, ends(0)), event(2200, "stop")}, "stop/graceful=0", "ended gracefully after 6.00 s"},
		{"another run's signal", []dockercli.Event{past(-301_000, "15")}, -400_000, []step{processExits(2000, 0),
			event(2010, "die", "exitCode=0"), inspect(2100, ends(0))}, "die/exited=0", "by itself"},
		{"a signal that it has survived", []dockercli.Event{past(-60_000, "1")}, -400_000, []step{processExits(2000, 0),
			event(2010, "die", "exitCode=0"), inspect(2100, ends(0))}, "die/exited=0", "by itself"},
		{"nothing is known from before", nil, 0, []step{event(6030, "kill", "signal=9"), event(6100, "die", "exitCode=137"),
			inspect(6200, ends(137)), event(6300, "stop")}, "stop/inconclusive=137", "its events from that time are lost"},
		{"nothing is known from before, and it ends soon", nil, 0, []step{processExits(2000, 0), event(2010, "die", "exitCode=0"),
			inspect(2100, ends(0))}, "die/inconclusive=0", "its events from that time are lost"},
		{"nothing is known from long before", nil, -60_000, []step{processExits(2000, 0), event(2010, "die", "exitCode=0"),
			inspect(2100, ends(0))}, "die/exited=0", "by itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", true)
			l.Inspection(&runs, at(0), at(0), false)
			l.PastSignals(c.kills, at(c.oldest), at(0))
			l.EventsRestored(true, at(100))
			catches(unix.SIGTERM)(l)
			got := play(l, c.steps...)
			if text(got) != c.want || !strings.Contains(got[len(got)-1].Message, c.says) {
				t.Errorf("got  %s\nwant %s\n%+v", text(got), c.want, got)
			}
		})
	}
}

// A restart policy that was turned off before the watch is known from the history as well.
func TestPastPolicyOff(t *testing.T) {
	runs, ends := withPolicy(container("running", 0), "always", ""), withPolicy(container("exited", 3), "always", "")
	runs.State.StartedAt, ends.State.StartedAt = at(-300_000), at(-300_000)
	l := NewTimeline("c0ffee", "web", true)
	l.Inspection(&runs, at(0), at(0), false)
	l.PastSignals([]dockercli.Event{past(-200_000, "23")}, at(-400_000), at(0))
	got := play(l, event(5000, "die", "exitCode=3"), inspect(5100, ends))
	if text(got) != "die/crashed=3" || !strings.Contains(got[0].Message, "its restart policy, always, was off") {
		t.Errorf("%+v", got)
	}
}

// TestNamespaceEnd checks the end of a container that shares the PID namespace of another one, which ended.
func TestNamespaceEnd(t *testing.T) {
	guest := func(status string, code int) dockercli.Container {
		c := container(status, code)
		c.HostConfig.PidMode = "container:beef"
		return c
	}
	owner := NewTimeline("beef", "web", false)
	others := map[string]*Timeline{"beef": owner}
	ownerRuns := func() {
		*owner = *NewTimeline("beef", "web", false)
		for _, s := range startedRun() {
			s(owner)
		}
	}
	for _, c := range []struct {
		name  string
		owner []step
		guest []step
		known bool // the other container is watched
		want  string
		says  string
	}{
		{"docker stop of the other", []step{event(1000, "kill", "signal=15"), processExits(1100, 0), event(1110, "die", "exitCode=0"),
			event(1200, "stop")}, []step{processExits(1090, 9), event(1110, "die", "exitCode=137"), inspect(1300, guest("exited", 137))}, true,
			"start die/killed=137", "killed: the PID namespace of web, which it shares, ended by docker stop"},
		{"docker kill of the other", []step{event(1000, "kill", "signal=9"), processExits(1100, 9), event(1110, "die", "exitCode=137")},
			[]step{processExits(1090, 9), event(1110, "die", "exitCode=137"), inspect(1300, guest("exited", 137))}, true,
			"start die/killed=137", "killed: the PID namespace of web, which it shares, ended after signal 9 of docker kill"},
		{"the other ends by itself", []step{processExits(1100, 9), event(1110, "die", "exitCode=137")},
			[]step{processExits(1090, 9), event(1110, "die", "exitCode=137"), inspect(1300, guest("exited", 137))}, true,
			"start die/killed=137", "killed: the PID namespace of web, which it shares, ended"},
		{"the other is ending, and held up", []step{func(l *Timeline) { l.Exiting(l.current.started, at(1095)) }},
			[]step{processExits(1090, 9), event(1110, "die", "exitCode=137"), inspect(1300, guest("exited", 137))}, true,
			"start die/killed=137", "killed: the PID namespace of web, which it shares, ended"},
		{"the other lives", nil, []step{processExits(1090, 9), event(1110, "die", "exitCode=137"), inspect(1300, guest("exited", 137))}, true,
			"start die/killed=137", "from outside Docker, or from dockerd itself"},
		{"the other ended later", []step{processExits(9000, 9), event(9010, "die", "exitCode=137")},
			[]step{processExits(1090, 9), event(1110, "die", "exitCode=137"), inspect(1300, guest("exited", 137))}, true,
			"start die/killed=137", "from outside Docker, or from dockerd itself"},
		{"the other is not watched", nil, []step{processExits(1090, 9), event(1110, "die", "exitCode=137"),
			inspect(1300, guest("exited", 137))}, false, "start die/killed=137", "or its PID namespace, which is another container's, ended"},
		{"docker stop of the other, and its own signal", []step{event(1000, "kill", "signal=15"), processExits(1100, 0),
			event(1110, "die", "exitCode=0"), event(1200, "stop")}, []step{event(900, "kill", "signal=15"), processExits(1090, 9),
			event(1110, "die", "exitCode=137"), inspect(1300, guest("exited", 137))}, true, "start kill/killed=137",
			"the PID namespace of web, which it shares, ended by docker stop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ownerRuns()
			for _, s := range c.owner {
				s(owner)
			}
			l := NewTimeline("c0ffee", "web", false)
			l.Others = func(id string) *Timeline {
				if !c.known {
					return nil
				}
				return others[id]
			}
			got := play(l, slices.Concat([]step{event(0, "start"), inspect(50, guest("running", 0)), guestCatches()}, c.guest)...)
			last := got[len(got)-1]
			if text(got) != c.want || !strings.Contains(last.Message, c.says) {
				t.Errorf("%s: %s", text(got), last.Message)
			}
			if secret := last.RedactedMessage + fmt.Sprint(last.RedactedBecause); c.owner != nil && strings.Contains(secret, "web") {
				t.Errorf("not redacted: %s", secret)
			}
		})
	}
}

// The container whose PID namespace ended may be removed before the end of the other one is written.
func TestNamespaceOwnerRemoved(t *testing.T) {
	var lines []Line
	write := func(l *Line) error { lines = append(lines, *l); return nil }
	w := newWatch(Options{Log: zerolog.Nop(), Write: write}, nil, &cgroupfs.Host{}, nil)
	w.started = true
	owner, guest := w.follow("beef", "db", false), w.follow("c0ffee", "web", false)
	shares := func(status string, code int) dockercli.Container {
		c := container(status, code)
		c.HostConfig.PidMode = "container:beef"
		return c
	}
	for _, s := range append(startedRun(), event(1000, "kill", "signal=15"), processExits(1100, 0), event(1110, "die", "exitCode=0"),
		inspect(1120, container("exited", 0)), event(1130, "stop"), event(1200, "destroy")) {
		s(owner)
	}
	for _, s := range []step{event(0, "start"), inspect(50, shares("running", 0)), processExits(1090, 9), event(1110, "die", "exitCode=137"),
		inspect(1120, shares("exited", 137))} {
		s(guest)
	}
	w.advance(owner, at(1300))
	if w.timelines["beef"] != nil {
		t.Fatal("the other container is not forgotten")
	}
	w.advance(guest, at(3000))
	w.releaseAll(at(3000))
	ended := func(l Line) bool {
		return strings.Contains(l.Message, "the PID namespace of web, which it shares, ended by docker stop")
	}
	if !slices.ContainsFunc(lines, ended) {
		t.Errorf("%+v", lines)
	}
}
