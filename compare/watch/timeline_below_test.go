package watch

import (
	"strings"
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
)

// foundBelow is a reading of the frozen cgroups below that of the current run.
func foundBelow(ms, version int, paths ...string) step {
	return func(l *Timeline) {
		var found []cgroupfs.FrozenBelow
		for n, p := range paths {
			found = append(found, cgroupfs.FrozenBelow{Path: p, Frozen: figure.Number(1), Members: []int{43 + n}})
		}
		l.Below(l.current.started, version, found, at(ms))
	}
}

// A cgroup below the container's own that is frozen is written once, with its path and the command that thaws it, and so is its thaw.
func TestFrozenBelow(t *testing.T) {
	for _, c := range []struct {
		name    string
		version int
		steps   []step
		want    string // the lines after the start
		message string // of the first one
	}{
		{"v2", 2, []step{foundBelow(1000, 2, "/cg/in"), foundBelow(2000, 2, "/cg/in"), foundBelow(5000, 2)}, "freeze/frozen-below thaw/resumed",
			"a cgroup below its own is frozen: /cg/in (43). Its processes act on no signal but SIGKILL; to thaw it: echo 0 > /cg/in/cgroup.freeze"},
		{"v1", 1, []step{foundBelow(1000, 1, "/cg/in")}, "freeze/frozen-below",
			"a cgroup below its own is frozen: /cg/in (43). Its processes take no signal, not even SIGKILL; to thaw it: " +
				"echo THAWED > /cg/in/freezer.state"},
		{"several", 2, []step{foundBelow(1000, 2, "/cg/a", "/cg/b c"), foundBelow(2000, 2, "/cg/b c")}, "freeze/frozen-below thaw/resumed",
			"cgroups below its own are frozen: /cg/a (43), '/cg/b c' (44). Their processes act on no signal but SIGKILL; to thaw them: " +
				"echo 0 > /cg/a/cgroup.freeze; echo 0 > '/cg/b c/cgroup.freeze'"},
		{"another one", 2, []step{foundBelow(1000, 2, "/cg/a"), foundBelow(2000, 2, "/cg/a", "/cg/b")},
			"freeze/frozen-below freeze/frozen-below", "/cg/a"},
		{"none", 2, []step{foundBelow(1000, 2)}, "", ""},
		{"under a pause", 2, []step{event(900, "pause"), freezerSample(950, 1, 0), foundBelow(3000, 2, "/cg/in"), event(12_000, "unpause"),
			freezerSample(12_050, 0, 0)}, "pause/paused freeze/frozen-below unpause/resumed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			var all []Line
			for n, s := range append(startedRun(), c.steps...) {
				s(l)
				checkStates(l)
				all = append(all, l.Lines(at(1000+100*n))...)
			}
			all = append(all, l.Lines(at(30_000))...)
			if got := text(all); got != strings.TrimSpace("start "+c.want) {
				t.Fatalf("%s: %+v", got, all)
			}
			if c.message != "" && !strings.Contains(all[1].Message, c.message) {
				t.Errorf("%s\nwant %s", all[1].Message, c.message)
			}
		})
	}
}

// What a signal is waiting for is said with it, and what is frozen below is looked at while a signal may take effect.
func TestSignalHeldBelow(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), held) {
		s(l)
	}
	if l.WantsBelow(at(900)) {
		t.Error("no signal was sent, and nothing is frozen")
	}
	event(1000, "kill", "signal=9")(l)
	if l.WantsBelow(at(1500)) || !l.WantsBelow(at(2500)) {
		t.Error("it is to be looked at a second after the signal")
	}
	foundBelow(2500, 1, "/cg/in")(l)
	all := l.Lines(at(100_000))
	if got := text(all); got != "start freeze/frozen-below kill" || !strings.HasSuffix(all[2].Message,
		"it has not ended yet: /cg/in, below its cgroup, is frozen") {
		t.Fatalf("%s: %+v", got, all)
	}
	if !l.WantsBelow(at(100_000)) {
		t.Error("its thaw is to be seen")
	}
	foundBelow(101_000, 1)(l)
	if got := text(l.Lines(at(102_000))); got != "thaw/resumed" {
		t.Error(got)
	}
}

// What was frozen below ends with the run.
func TestFrozenBelowEnds(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), held, foundBelow(500, 2, "/cg/in"), event(1000, "kill", "signal=9"), processExits(1100, 9)) {
		s(l)
	}
	l.WaitDone(l.current.started)
	for _, s := range []step{event(1110, "die", "exitCode=137"), inspect(1200, finishedAt(1100, container("exited", 137))),
		foundBelow(1300, 2)} {
		s(l)
	}
	if got := text(l.Lines(at(30_000))); got != "start freeze/frozen-below kill/killed=137" {
		t.Error(got)
	}
}
