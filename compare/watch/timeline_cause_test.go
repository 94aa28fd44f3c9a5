package watch

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
)

// guestCatches records the dispositions of a first process in another PID namespace: the default action of a signal applies.
func guestCatches(caught ...unix.Signal) step {
	return func(l *Timeline) {
		s := &target.Dispositions{First: prediction.Process{PID: 42, Name: "nginx",
			Threads: []proc.Thread{{TID: 42, WaitKnown: true}}}}
		for _, c := range caught {
			s.First.Caught |= 1 << (c - 1)
		}
		l.Dispositions(l.current.started, s)
	}
}

func exiting(ms int) step {
	return func(l *Timeline) { l.Exiting(l.current.started, at(ms)) }
}

// A run whose main process is ending is asked about while a signal may take effect, and what holds it up is written once.
func TestHeldUp(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	var all []Line
	for _, s := range append(startedRun(), passTime(3000, new([]Line))) {
		s(l)
	}
	if _, wants := l.WantsExiting(at(3000)); wants {
		t.Error("nobody asked it to end")
	}
	event(4000, "kill", "signal=15")(l)
	if _, wants := l.WantsExiting(at(4500)); wants {
		t.Error("asked at once")
	}
	if key, wants := l.WantsExiting(at(5500)); !wants || !key.Equal(l.current.key()) {
		t.Error("not asked")
	}
	exiting(5500)(l)
	if _, wants := l.WantsExiting(at(6000)); wants {
		t.Error("asked again")
	}
	for ms := 6000; ms < 120_000; ms += 250 {
		all = append(all, l.Lines(at(ms))...)
	}
	if len(all) != 1 || !strings.Contains(all[0].Message, "has begun to end within 1.50 s of signal 15, and waits for other "+
		"processes of its PID namespace") {
		t.Errorf("%+v", all)
	}
}

// TestCause checks which signal, of whom, an end is put down to: one that seemed to have no effect is remembered, and one that came
// when the first process was ending already did not end it.
func TestCause(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []step
		want  string
		says  string // in the last line
	}{
		{"stopped, and shut down by reboot(2)", []step{event(1000, "kill", "signal=15"), processExits(2990, 9),
			event(3000, "die", "exitCode=129"), inspect(3100, container("exited", 129)), event(3200, "stop")}, "stop/graceful=129",
			"by reboot(2)"},
		{"the same, asked in between", []step{event(1000, "kill", "signal=15"), processExits(2990, 1), event(3000, "die", "exitCode=129"),
			inspect(3100, container("exited", 129)), event(3200, "stop")}, "stop/graceful=129", "by reboot(2)"},
		{"rebooted, and started by its policy", []step{processExits(990, 9), event(1000, "die", "exitCode=129"), event(1400, "start"),
			inspect(1500, startedAt(1390, container("running", 0)))}, "die/exited=129 start", "started"},
		{"rebooted, and removed", []step{processExits(990, 9), event(1000, "die", "exitCode=130"), event(1100, "destroy"),
			func(l *Timeline) { l.Inspection(nil, at(1300), at(1300), false) }}, "die/exited=130 destroy/removed", "removed"},
		{"a SIGKILL takes effect long after, as after a thaw", []step{event(1000, "kill", "signal=9"), passTime(60_000, new([]Line)),
			processExits(90_000, 9), event(90_010, "die", "exitCode=137"), inspect(90_100, container("exited", 137))}, "kill/killed=137",
			"killed by request after 89.0"},
		{"another signal takes effect long after", []step{guestCatches(), event(1000, "kill", "signal=10"), passTime(60_000, new([]Line)),
			processExits(90_000, 10), event(90_010, "die", "exitCode=138"), inspect(90_100, container("exited", 138))},
			"kill/terminated=138", "by the signal's default action"},
		{"SIGTERM long ago, which it handles, then an end", []step{event(1000, "kill", "signal=15"), passTime(60_000, new([]Line)),
			processExits(66_000, 0), event(66_010, "die", "exitCode=0"), inspect(66_100, container("exited", 0))}, "die/inconclusive=0",
			"whether SIGTERM, 65.01 s before, ended it"},
		{"SIGTERM long ago, which it does not handle", []step{catches(), event(1000, "kill", "signal=15"), passTime(60_000, new([]Line)),
			processExits(66_000, 0), event(66_010, "die", "exitCode=0"), inspect(66_100, container("exited", 0))}, "die/exited=0",
			"ended by itself"},
		{"ended on SIGTERM, and its PID namespace held up past SIGKILL", []step{event(1000, "kill", "signal=15"),
			event(11_000, "kill", "signal=9"), processExits(39_000, 0), event(39_010, "die", "exitCode=0"),
			inspect(39_100, container("exited", 0))}, "kill/graceful=0", "ended gracefully"},
		{"the same, held up so long that SIGTERM seemed to have no effect", []step{event(1000, "kill", "signal=15"),
			event(11_000, "kill", "signal=9"), passTime(42_000, new([]Line)), processExits(49_000, 0), event(49_010, "die", "exitCode=0"),
			inspect(49_100, container("exited", 0))}, "kill/graceful=0", "ended gracefully after 48.00 s"},
		{"the same, and it was seen to be ending", []step{event(1000, "kill", "signal=15"), exiting(1300), event(11_000, "kill", "signal=9"),
			processExits(49_000, 0), event(49_010, "die", "exitCode=0"), inspect(49_100, container("exited", 0))}, "kill/graceful=0",
			"ended gracefully within 300 ms, exit code 0; its PID namespace was held up for 47.70 s"},
		{"seen to be ending after docker kill -s TERM", []step{event(1000, "kill", "signal=15"), exiting(1300), passTime(45_000, new([]Line)),
			processExits(49_000, 0), event(49_010, "die", "exitCode=0"), inspect(49_100, container("exited", 0))}, "kill/graceful=0",
			"ended gracefully within 300 ms, exit code 0; its PID namespace was held up for 47.70 s"},
		{"a stop with another grace, or a kill in the middle of it", []step{event(1000, "kill", "signal=15"), event(4970, "kill", "signal=9"),
			event(5000, "die", "exitCode=137"), inspect(5100, container("exited", 137)), event(5200, "stop")}, "stop/killed=137",
			"SIGKILL 3.97 s after SIGTERM: a stop with a grace of 4 s, or a separate kill"},
		{"the event of SIGKILL comes late, and the process had ended in time", []step{event(1000, "kill", "signal=15"),
			processExits(11_100, 9), event(12_500, "kill", "signal=9"), event(12_510, "die", "exitCode=137"),
			inspect(12_600, container("exited", 137)), event(12_700, "stop")}, "stop/forced=137", "the grace of 10s ran out"},
		{"the grace runs out, and Docker answers nothing more", []step{event(1000, "kill", "signal=15"), processExits(11_020, 9),
			event(11_030, "kill", "signal=9"), event(11_100, "die", "exitCode=137")}, "stop/forced=137", "the grace of 10s ran out"},
		{"the same, and the daemon died before it sent the stop event", []step{event(1000, "kill", "signal=15"), processExits(11_020, 9),
			event(11_030, "kill", "signal=9"), event(11_100, "die", "exitCode=137"), func(l *Timeline) { l.EventsLost() },
			inspect(15_000, finishedAt(11_020, container("exited", 137)))}, "stop/forced=137", "the grace of 10s ran out"},
		{"the same, and SIGKILL came at another time", []step{event(1000, "kill", "signal=15"), processExits(5020, 9),
			event(5030, "kill", "signal=9"), event(5100, "die", "exitCode=137")}, "kill/killed=137", "killed by request"},
		{"SIGKILL comes late", []step{event(1000, "kill", "signal=15"), event(12_500, "kill", "signal=9"),
			event(12_510, "die", "exitCode=137"), inspect(12_600, container("exited", 137)), event(12_700, "stop")}, "stop/inconclusive=137",
			"whether SIGKILL, 11.50 s after SIGTERM, came late, after the grace of 10s, or from a stop with another grace"},
		{"another client's stop in the middle of a stop", []step{event(1000, "kill", "signal=15"), event(8000, "kill", "signal=15"),
			event(11_030, "kill", "signal=9"), event(11_100, "die", "exitCode=137"), inspect(11_200, container("exited", 137)),
			event(11_300, "stop")}, "stop/forced=137", "the grace of 10s ran out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			for _, s := range append(startedRun(), append([]step{passTime(900, new([]Line))}, c.steps...)...) {
				s(l)
				checkStates(l)
			}
			got := slices.DeleteFunc(l.Lines(at(150_000)), func(l Line) bool { return l.Action == "start" && l.At.Before(at(900)) })
			if text(got) != c.want {
				t.Fatalf("got  %s\nwant %s", text(got), c.want)
			}
			if last := got[len(got)-1]; !strings.Contains(last.Message, c.says) {
				t.Errorf("%q does not say %q", last.Message, c.says)
			}
		})
	}
}

// An unpause under a frozen ancestor resumes nothing. When the ancestor is thawed, that is written.
func TestUnpauseUnderFrozenAncestor(t *testing.T) {
	sample := func(ms int, frozen uint64, above string) step {
		return func(l *Timeline) {
			s := cgroupfs.Sample{At: at(ms), Memory: figure.Number(4096), OOMKill: figure.Number(0), Freezer: cgroupfs.Freezer{
				Requested: figure.Number(frozen), Frozen: figure.Number(frozen), By: above, Above: above}}
			l.Sample(l.current.started, s, map[string]string{"frozen": "freezer.state"}, nil, at(ms))
		}
	}
	var all []Line
	pass := func(ms int) step { return passTime(ms, &all) }
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"frozen on", []step{event(5000, "unpause"), sample(5001, 1, "/docker"), pass(9000), sample(10_000, 0, "")},
			"start pause/paused unpause/frozen-outside-docker thaw/resumed"},
		{"frozen on, and ended", []step{event(5000, "unpause"), sample(5001, 1, "/docker"), pass(9000),
			event(10_000, "kill", "signal=9"), event(10_100, "die", "exitCode=137"), inspect(10_200, container("exited", 137))},
			"start pause/paused unpause/frozen-outside-docker kill/killed=137"},
		{"paused again at once", []step{event(5000, "unpause"), sample(5001, 1, ""), pass(5002), event(5003, "pause"),
			pass(9000), event(10_000, "unpause"), sample(10_001, 0, "")},
			"start pause/paused unpause/resumed pause/paused unpause/resumed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			all = nil
			for _, s := range append(append(startedRun(), passTime(900, new([]Line)), event(1000, "pause"), sample(1001, 1, "")), c.steps...) {
				s(l)
				checkStates(l)
			}
			all = append(all, l.Lines(at(60_000))...)
			if text(all) != c.want {
				t.Errorf("%s: %+v", text(all), all)
			}
		})
	}
}
