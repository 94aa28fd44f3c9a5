package watch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/dockercli"
)

// t0 is the time zero of these tests.
var t0 = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }

// step is one input to a timeline.
type step func(l *Timeline)

func event(ms int, action string, attributes ...string) step {
	n := dockercli.Event{Action: action, ID: "c0ffee", Time: at(ms), Name: "web"}
	for _, a := range attributes {
		key, value, _ := strings.Cut(a, "=")
		switch key {
		case "signal":
			n.Signal = value
		case "exitCode":
			n.ExitCode = value
		}
	}
	return func(l *Timeline) { l.Event(n, at(ms)) }
}

func container(status string, code int, labels ...string) dockercli.Container {
	c := dockercli.Container{ID: "c0ffee", Name: "/web"}
	c.State = dockercli.State{Status: status, ExitCode: code, StartedAt: at(-10), Running: status == "running" || status == "paused",
		Paused: status == "paused"}
	if c.State.Running {
		c.State.Pid = 42
	} else {
		c.State.FinishedAt = at(1 << 30)
	}
	c.Config.Labels = dockercli.Keys{}
	for _, l := range labels {
		c.Config.Labels[l] = ""
	}
	return c
}

// startedAt returns the container in a run that started at a time.
func startedAt(ms int, c dockercli.Container) dockercli.Container {
	c.State.StartedAt = at(ms)
	return c
}

// finishedAt returns the container, ended at a time.
func finishedAt(ms int, c dockercli.Container) dockercli.Container {
	c.State.FinishedAt = at(ms)
	return c
}

func inspect(ms int, c dockercli.Container) step {
	return func(l *Timeline) { l.Inspection(&c, at(ms), at(ms), false) }
}

// reconciled is an inspection after a time in which events may have been missed.
func reconciled(ms int, c *dockercli.Container) step {
	return func(l *Timeline) { l.Inspection(c, at(ms), at(ms), true) }
}

// freezerSample is a sample of the current run's cgroup.
func freezerSample(ms int, frozen, ooms uint64) step {
	return func(l *Timeline) {
		s := cgroupfs.Sample{At: at(ms), OOMKill: figure.Number(ooms), Memory: figure.Number(4096),
			Freezer: cgroupfs.Freezer{Requested: figure.Number(frozen), Frozen: figure.Number(frozen)}}
		l.Sample(l.current.started, s, map[string]string{"oom_kill": "memory.events: oom_kill"}, nil, at(ms))
	}
}

func catches(caught ...unix.Signal) step {
	return func(l *Timeline) {
		s := &target.Dispositions{First: prediction.Process{PID: 42, Name: "nginx", NamespaceInit: true,
			Threads: []proc.Thread{{TID: 42, WaitKnown: true}}}}
		for _, c := range caught {
			s.First.Caught |= 1 << (c - 1)
		}
		l.Dispositions(l.current.started, s)
	}
}

func processExits(ms int, status unix.WaitStatus) step {
	return func(l *Timeline) {
		when := at(ms)
		l.Sample(l.current.started, cgroupfs.Sample{At: when, Ended: &when}, nil, &status, when)
	}
}

// play passes steps to a timeline, lets a minute pass, and returns the lines.
func play(l *Timeline, steps ...step) (all []Line) {
	for _, s := range steps {
		s(l)
		checkStates(l)
	}
	for ms := 0; ms <= 60_000; ms += 250 {
		all = append(all, l.Lines(at(60_000+ms))...)
		checkStates(l)
	}
	slices.SortStableFunc(all, func(a, b Line) int { return a.At.Compare(b.At) })
	return all
}

func text(lines []Line) string {
	var all []string
	for _, l := range lines {
		one := l.Action
		if l.Verdict != "" {
			one += "/" + string(l.Verdict)
		}
		if l.ExitCode != nil {
			one += "=" + strconv.Itoa(*l.ExitCode)
		}
		all = append(all, one)
	}
	return strings.Join(all, " ")
}

// startedRun are the steps of a run that starts at 0, while it is watched.
func startedRun(labels ...string) []step {
	return []step{event(0, "start"), inspect(50, container("running", 0, labels...)), catches(unix.SIGTERM)}
}

func TestTimeline(t *testing.T) {
	run := startedRun()
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"stop in time", []step{event(1000, "kill", "signal=15"), event(1300, "die", "exitCode=0"), inspect(1400, container("exited", 0)),
			event(1500, "stop")}, "start stop/graceful=0"},
		{"stop before die", []step{event(1000, "kill", "signal=15"), event(1290, "stop"), event(1300, "die", "exitCode=0"),
			inspect(1400, container("exited", 0))}, "start stop/graceful=0"},
		{"die before kill", []step{event(1300, "die", "exitCode=0"), event(1301, "kill", "signal=15"), inspect(1400, container("exited", 0)),
			event(1500, "stop")}, "start stop/graceful=0"},
		{"forced", []step{event(1000, "kill", "signal=15"), event(11000, "kill", "signal=9"), event(11100, "die", "exitCode=137"),
			inspect(11200, container("exited", 137)), event(11300, "stop")}, "start stop/forced=137"},
		{"SIGTERM, then SIGKILL, and no stop", []step{event(1000, "kill", "signal=15"), event(4000, "kill", "signal=9"),
			event(4100, "die", "exitCode=137"), inspect(4200, container("exited", 137))}, "start kill/killed=137"},
		{"kill", []step{event(1000, "kill", "signal=9"), event(1100, "die", "exitCode=137"), inspect(1200, container("exited", 137))},
			"start kill/killed=137"},
		{"by itself, after a signal that the kernel drops", []step{catches(), event(1000, "kill", "signal=15"),
			event(29_000, "die", "exitCode=0"), inspect(29_100, container("exited", 0))}, "start die/exited=0"},
		{"failed by itself, after a signal that the kernel drops", []step{catches(), event(1000, "kill", "signal=15"),
			event(29_000, "die", "exitCode=3"), inspect(29_100, container("exited", 3))}, "start die/crashed=3"},
		{"crashed in its handler", []step{event(1000, "kill", "signal=15"), processExits(1200, 11), event(1210, "die", "exitCode=139"),
			inspect(1300, container("exited", 139))}, "start kill/crashed=139"},
		{"stopped, and ended by itself within the grace", []step{catches(), event(1000, "kill", "signal=15"), event(5000, "die", "exitCode=0"),
			event(5010, "stop"), inspect(5100, container("exited", 0))}, "start stop/exited=0"},
		{"by itself", []step{event(1000, "die", "exitCode=0"), inspect(1100, container("exited", 0))}, "start die/exited=0"},
		{"failed", []step{event(1000, "die", "exitCode=3"), inspect(1100, container("exited", 3))}, "start die/crashed=3"},
		{"crashed on a signal, the kernel says so", []step{processExits(990, 11), event(1000, "die", "exitCode=139"),
			inspect(1100, container("exited", 139))}, "start die/crashed=139"},
		{"SIGKILL from outside Docker", []step{processExits(990, 9), event(1000, "die", "exitCode=137"), inspect(1100, container("exited", 137))},
			"start die/killed=137"},
		{"OOM", []step{event(1000, "oom"), event(1010, "die", "exitCode=137"), inspect(1100, container("exited", 137))},
			"start die/oom-killed=137"},
		{"OOM by the kernel's count", []step{freezerSample(100, 0, 3), freezerSample(1000, 0, 4), event(1010, "die", "exitCode=137"),
			inspect(1100, container("exited", 137))}, "start die/oom-killed=137"},
		{"OOM of a child", []step{freezerSample(100, 0, 0), freezerSample(1000, 0, 1)}, "start oom"},
		{"rm --force", []step{event(1000, "kill", "signal=9"), event(1100, "die", "exitCode=137"), event(1200, "destroy"),
			func(l *Timeline) { l.Inspection(nil, at(1300), at(1300), false) }}, "start kill/killed=137 destroy/removed"},
		{"pause and unpause", []step{event(1000, "pause"), freezerSample(1001, 1, 0), event(5000, "unpause"), freezerSample(5001, 0, 0)},
			"start pause/paused unpause/resumed"},
		{"the kernel before Docker", []step{freezerSample(990, 1, 0), event(1000, "pause"), freezerSample(1001, 1, 0), freezerSample(4990, 0, 0),
			event(5000, "unpause")}, "start pause/paused unpause/resumed"},
		{"unconfirmed", []step{event(1000, "pause"), freezerSample(1001, 0, 0)}, "start pause/pause-unconfirmed"},
		{"an inspection asked for during the pause, answered after it", []step{event(1000, "pause"), freezerSample(1001, 1, 0),
			event(2000, "unpause"), freezerSample(2001, 0, 0), passTime(3500, new([]Line)), func(l *Timeline) {
				c := container("paused", 0)
				l.Inspection(&c, at(1500), at(3600), true)
			}}, ""},
		{"killed before the kernel could be asked", []step{freezerSample(100, 0, 0), event(1000, "pause"), event(1050, "kill", "signal=9"),
			freezerSample(1060, 0, 0), event(1100, "die", "exitCode=137"), inspect(1200, container("exited", 137))},
			"start pause/inconclusive kill/killed=137"},
		{"ended before the kernel could be asked", []step{freezerSample(100, 0, 0), event(1000, "pause"), processExits(1050, 9),
			event(1100, "die", "exitCode=137"), inspect(1200, container("exited", 137))}, "start pause/inconclusive die/killed=137"},
		{"frozen outside Docker", []step{freezerSample(100, 0, 0), freezerSample(1000, 1, 0), inspect(2500, container("running", 0))},
			"start freeze/frozen-outside-docker"},
		{"frozen for an instant, as by runc update on v1", []step{freezerSample(100, 0, 0), freezerSample(1000, 1, 0), freezerSample(1020, 0, 0)},
			"start"},
		{"stopped while paused", []step{event(1000, "pause"), freezerSample(1001, 1, 0), event(2000, "kill", "signal=15"), event(2010, "unpause"),
			event(2100, "die", "exitCode=0"), inspect(2200, container("exited", 0)), event(2300, "stop")},
			"start pause/paused unpause/resumed stop/graceful=0"},
		{"killed while paused", []step{event(1000, "pause"), freezerSample(1001, 1, 0), event(2000, "kill", "signal=9"),
			event(2100, "die", "exitCode=137"), inspect(2200, container("exited", 137))}, "start pause/paused kill/killed=137"},
		{"HUP before the labels were known", []step{event(10, "kill", "signal=1"), inspect(60, container("running", 0))}, "start kill"},
		{"HUP, outlived", []step{event(1000, "kill", "signal=1")}, "start kill"},
		{"HUP long ago, then by itself", []step{event(1000, "kill", "signal=1"), func(l *Timeline) { l.Lines(at(5000)) },
			event(9000, "die", "exitCode=0"), inspect(9100, container("exited", 0))}, "die/exited=0"},
		{"HUP long ago, then a stop in time", []step{event(1000, "kill", "signal=1"), passTime(5000, new([]Line)),
			event(20000, "kill", "signal=15"), event(20300, "die", "exitCode=0"), event(20400, "stop"), inspect(20500, container("exited", 0))},
			"stop/graceful=0"},
		{"HUP soon after the signal of a stop that is forced", []step{event(1000, "kill", "signal=15"), event(2000, "kill", "signal=1"),
			event(11000, "kill", "signal=9"), event(11100, "die", "exitCode=137"), inspect(11200, container("exited", 137)), event(11300, "stop")},
			"start stop/forced=137"},
		{"HUP in the middle of a stop that is forced", []step{event(1000, "kill", "signal=15"), event(5000, "kill", "signal=1"),
			event(11000, "kill", "signal=9"), event(11100, "die", "exitCode=137"), inspect(11200, container("exited", 137)), event(11300, "stop")},
			"start stop/forced=137"},
		{"the program drops its handler as the signal comes", []step{event(1000, "kill", "signal=15"), catches(),
			event(1300, "die", "exitCode=0"), inspect(1400, container("exited", 0)), event(1500, "stop")}, "start stop/graceful=0"},
		{"a stop between two starts", []step{event(1000, "die", "exitCode=3"), inspect(1100, container("restarting", 3)), event(5000, "stop")},
			"start die/crashed=3 stop"},
		{"a restart between two starts", []step{event(1000, "die", "exitCode=3"), inspect(1100, container("restarting", 3)), event(5000, "stop"),
			event(5100, "start"), event(5110, "restart"), inspect(5200, container("running", 0))}, "start die/crashed=3 restart/restarted"},
		{"restart", []step{event(1000, "kill", "signal=15"), event(1100, "die", "exitCode=0"), event(1200, "stop"), event(1300, "start"),
			event(1310, "restart"), inspect(1400, container("running", 0))}, "start stop/graceful=0 restart/restarted"},
		{"restart, stop before die", []step{event(1000, "kill", "signal=15"), event(1090, "stop"), event(1100, "die", "exitCode=0"),
			event(1300, "start"), event(1310, "restart"), inspect(1400, container("running", 0))}, "start stop/graceful=0 restart/restarted"},
		{"die after the next start", []step{event(1000, "kill", "signal=15"), event(1300, "start"),
			func(l *Timeline) { event(1100, "die", "exitCode=0")(l) }, event(1200, "stop"), event(1310, "restart"),
			inspect(1400, container("running", 0))}, "start stop/graceful=0 restart/restarted"},
		{"the clock was set back an hour", []step{event(-3_600_000, "kill", "signal=9"), event(-3_599_900, "die", "exitCode=137"),
			inspect(1200, container("exited", 137))}, "kill/killed=137 start"},
		{"the end was missed, inspect knows", []step{reconciled(5000, ptr(container("exited", 3)))}, "start die/inconclusive=3"},
		{"Docker does not answer", []step{processExits(1000, 9)}, "start die/inconclusive=137"},
		{"Docker does not answer, and the kernel reports a crash", []step{processExits(1000, 11)}, "start die/crashed=139"},
		{"Docker does not answer after its signal", []step{event(990, "kill", "signal=15"), processExits(1000, 0)}, "start kill/graceful=0"},
		{"an inspection after another start, which failed", []step{processExits(1000, 0), event(1050, "kill", "signal=15"),
			event(1100, "die", "exitCode=0"), inspect(9000, container("exited", 127)), event(1200, "stop")}, "start stop/graceful=0"},
		{"Docker stops answering during a stop, or after a signal and a kill", []step{event(1000, "kill", "signal=15"),
			event(2100, "kill", "signal=9"), processExits(2110, 9)}, "start kill/inconclusive=137"},
		{"Docker stops answering during a stop whose grace ran out", []step{event(1000, "kill", "signal=15"), event(11_010, "kill", "signal=9"),
			processExits(11_020, 9)}, "start stop/forced=137"},
		{"killed long after a stop that never ended, with events lost in between", []step{event(1000, "kill", "signal=15"),
			func(l *Timeline) { l.EventsLost() }, func(l *Timeline) { l.EventsRestored(false, at(9000)) }, event(22_980, "kill", "signal=9"),
			processExits(22_990, 9), event(23_000, "die", "exitCode=137"), inspect(23_100, container("exited", 137))},
			"start kill/inconclusive=137"},
		{"the daemon shuts down and stops what had just ended by itself", []step{processExits(1000, 3<<8), event(1010, "die", "exitCode=3"),
			event(1020, "stop"), inspect(1100, container("exited", 3))}, "start die/crashed=3"},
		{"Docker does not answer after the stop signal, and another process sends SIGKILL", []step{event(1000, "kill", "signal=15"),
			processExits(28_000, 9)}, "start kill/inconclusive=137"},
		{"Docker answers, and does not report the end", []step{processExits(1000, 9), inspect(2500, container("running", 0))},
			"start die/killed=137"},
		{"Docker reports a signal long after the end, which it may have sent before, as while its runtime hangs", []step{
			processExits(1000, 9), passTime(20_000, new([]Line)), event(21_000, "kill", "signal=9"), event(21_010, "die", "exitCode=137"),
			inspect(21_100, container("exited", 137))}, "confirm/inconclusive=137"},
		{"Docker says it runs, and sends a signal long after the end", []step{processExits(1000, 9), inspect(2500, container("running", 0)),
			event(7000, "kill", "signal=9"), event(7010, "die", "exitCode=137"), inspect(7100, container("exited", 137))},
			"start die/killed=137"},
		{"docker events stall, docker inspect shows the end twice, and the events come late", []step{processExits(1000, 9),
			inspect(1100, container("exited", 137)), passTime(20_000, new([]Line)), reconciled(21_000, ptr(container("exited", 137))),
			passTime(40_000, new([]Line)), event(990, "kill", "signal=9"), event(1010, "die", "exitCode=137"),
			inspect(40_100, container("exited", 137))}, "confirm/killed=137"},
		{"Docker confirms the end late", []step{processExits(1000, 3<<8), passTime(20_000, new([]Line)), event(25_000, "die", "exitCode=3"),
			inspect(25_100, container("exited", 3))}, "confirm/crashed=3"},
		{"Docker reports the stop late", []step{processExits(1000, 0), passTime(20_000, new([]Line)), event(990, "kill", "signal=15"),
			event(25_000, "die", "exitCode=0"), event(25_010, "stop"), inspect(25_100, container("exited", 0))}, "confirm/graceful=0"},
		{"Docker reports the forced stop late", []step{processExits(11_110, 9), passTime(22_000, new([]Line)), event(1000, "kill", "signal=15"),
			event(11_100, "kill", "signal=9"), event(25_000, "die", "exitCode=137"), inspect(25_100, container("exited", 137)),
			passTime(27_000, new([]Line)), event(28_000, "stop")}, "confirm/forced=137"},
		{"events are lost right after the die event", []step{event(1000, "die", "exitCode=3"), func(l *Timeline) { l.EventsLost() },
			inspect(1100, container("exited", 3))}, "start die/crashed=3"},
		{"Docker confirms the end late, and starts it again", []step{processExits(1000, 3<<8), passTime(20_000, new([]Line)),
			event(25_000, "die", "exitCode=3"), event(25_100, "start"), inspect(25_200, container("running", 0))}, "confirm/crashed=3 start"},
		{"Docker confirms the end late, and it is removed", []step{processExits(1000, 3<<8), passTime(20_000, new([]Line)),
			event(25_000, "die", "exitCode=3"), event(25_100, "destroy"), func(l *Timeline) { l.Inspection(nil, at(25_200), at(25_200), false) }},
			"confirm/crashed=3 destroy/removed"},
		{"the die event is late, and inspect even later", []step{processExits(1000, 3<<8), event(9500, "die", "exitCode=3"),
			passTime(9600, new([]Line)), inspect(9700, container("exited", 3))}, ""},
		{"inspect shows the end of the next run first", []step{processExits(1000, 3<<8), passTime(20_000, new([]Line)),
			inspect(25_000, startedAt(22_000, container("exited", 0)))}, "start die/inconclusive=0"},
		{"inspect shows the next run, and the events are late", []step{processExits(1000, 9),
			inspect(1600, startedAt(1400, container("running", 0))), event(990, "kill", "signal=9"), event(1010, "die", "exitCode=137"),
			event(1401, "start")}, "start kill/killed=137 start"},
		{"inspect shows the next run, and the events are lost", []step{processExits(1000, 9),
			inspect(1600, startedAt(1400, container("running", 0)))}, "start die/inconclusive=137 start"},
		{"the next run's die event comes first", []step{processExits(1000, 3<<8), passTime(10_000, new([]Line)),
			event(15_000, "die", "exitCode=4"), func(l *Timeline) {
				c := startedAt(4000, container("running", 0))
				l.Inspection(&c, at(14_900), at(15_100), false)
			}}, "start die/inconclusive=4"},
		{"the stop event comes after inspect shows the next start", []step{event(1000, "kill", "signal=15"), processExits(1100, 0),
			event(1110, "die", "exitCode=0"), inspect(1120, container("exited", 0)), passTime(3000, new([]Line)),
			reconciled(3000, ptr(startedAt(1300, container("running", 0)))), event(1120, "stop"), event(1310, "start"), event(5000, "die",
				"exitCode=3"),
			inspect(5100, startedAt(1300, container("exited", 3)))}, "start die/crashed=3"},
		{"the start event is lost, and inspect shows whose signal it was", []step{processExits(1000, 0), event(3000, "kill", "signal=9"),
			event(3010, "die", "exitCode=137"), inspect(3100, finishedAt(3009, startedAt(2000, container("exited", 137))))},
			"start die/inconclusive=0 start kill/killed=137"},
		{"inspect shows the third run before the second start event", []step{reconciled(5000, ptr(startedAt(4000, container("running", 0)))),
			event(1000, "die", "exitCode=3"), event(2000, "start"), event(3000, "die", "exitCode=4"), event(4001, "start")},
			"start die/crashed=3 start die/crashed=4 start"},
		{"inspect shows an end before the start event", []step{event(1000, "die", "exitCode=3"),
			reconciled(5000, ptr(finishedAt(4500, startedAt(4000, container("exited", 4))))), event(4001, "start"),
			event(4501, "die", "exitCode=4")}, "start die/crashed=3 start die/crashed=4"},
		{"the die event comes after inspect shows the next run", []step{processExits(1000, 3<<8), passTime(20_000, new([]Line)),
			reconciled(25_000, ptr(startedAt(24_500, container("running", 0)))), event(24_000, "die", "exitCode=3"), event(24_510, "start"),
			inspect(25_300, startedAt(24_500, container("running", 0)))}, "confirm/crashed=3 start"},
		{"two runs have ended before the first die event", []step{reconciled(5000, ptr(startedAt(4000, container("running", 0)))),
			reconciled(5500, ptr(startedAt(5200, container("running", 0)))), event(3000, "die", "exitCode=3"), event(5100, "die", "exitCode=4")},
			"start die/crashed=3 start die/inconclusive=4 start"},
		{"frozen while docker inspect does not answer, as while docker pause waits for its runtime", []step{freezerSample(100, 0, 0),
			freezerSample(1000, 1, 0)}, "start freeze/inconclusive"},
		{"thawed while docker inspect does not answer, as while docker unpause waits for its runtime", []step{event(1000, "pause"),
			freezerSample(1001, 1, 0), passTime(4000, new([]Line)), freezerSample(5000, 0, 0)}, "thaw/inconclusive"},
		{"the end was missed, and comes late", []step{reconciled(5000, ptr(container("exited", 0))), event(4900, "kill", "signal=15"),
			event(4950, "die", "exitCode=0"), event(4960, "stop")}, "start stop/graceful=0"},
		{"removed, and only the kernel reported the end", []step{processExits(1000, 9), event(1500, "destroy"), passTime(3000, new([]Line))},
			"die/inconclusive=137 destroy/removed"},
		{"removed meanwhile", []step{reconciled(5000, nil)}, "start die/inconclusive destroy/removed"},
		{"paused meanwhile", []step{reconciled(5000, ptr(container("paused", 0))), freezerSample(5001, 1, 0)}, "start pause/paused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := play(NewTimeline("c0ffee", "web", false), append(slices.Clone(run), c.steps...)...)
			if text(got) != c.want {
				t.Errorf("got  %s\nwant %s", text(got), c.want)
			}
			for _, l := range got {
				if l.Verdict != "" && len(l.Because) == 0 {
					t.Errorf("%s has a verdict without evidence", l.Action)
				}
				if l.Message == "" || l.Level == "" {
					t.Errorf("%s has no message or level", l.Action)
				}
			}
		})
	}
}

// TestKernelFirst checks that an end that the kernel reports is written once and within seconds, with the kernel's time,
// whatever Docker does; and that an end that Docker reports late has the kernel's time as well.
func TestKernelFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []step
		by    int // when it must be written, in milliseconds
	}{
		{"Docker does not answer", []step{processExits(1000, 9)}, 8000},
		{"Docker says it runs", []step{processExits(1000, 9), inspect(2500, container("running", 0))}, 10_000},
		{"the die event is late", []step{processExits(1000, 9), event(3000, "die", "exitCode=137"), inspect(3100, container("exited", 137))},
			10_000},
		{"a forced stop, and late events", []step{event(-9000, "kill", "signal=15"), event(990, "kill", "signal=9"), processExits(1000, 9),
			event(8500, "die", "exitCode=137"), inspect(8600, container("exited", 137))}, 10_750},
		{"the die event is late, and inspect hangs", []step{processExits(1000, 9), event(5000, "die", "exitCode=137")}, 9500},
		{"inspect is first", []step{processExits(1000, 9), inspect(1500, container("exited", 137))}, 8000},
		{"the watch is to end", []step{processExits(1000, 9), func(l *Timeline) { l.Flush(at(1100)) }}, 1100},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			for _, s := range append(startedRun(), c.steps...) {
				s(l)
			}
			lines := slices.DeleteFunc(l.Lines(at(c.by)), func(l Line) bool { return l.Action == "start" || l.Action == "destroy" })
			if len(lines) != 1 || lines[0].Verdict == "" || !lines[0].At.Equal(at(1000)) {
				t.Errorf("%d lines: %+v", len(lines), lines)
			}
			if more := l.Lines(at(c.by + 60_000)); len(more) > 0 {
				t.Errorf("more lines: %+v", more)
			}
		})
	}
}

// TestFinished checks that an end has inspect's time if the die event is late and the kernel did not report the end.
func TestFinished(t *testing.T) {
	for _, c := range []struct {
		name     string
		finished int
		code     int
		want     int // when the line says that it ended
	}{
		{"the runtime's time", 1000, 3, 1000},
		{"a time that the daemon made up when it started", 7500, 3, 7000},
		{"an earlier run's", -500, 3, 7000},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			for _, s := range append(startedRun(), event(7000, "die", "exitCode=3"),
				inspect(7100, finishedAt(c.finished, container("exited", c.code)))) {
				s(l)
			}
			lines := slices.DeleteFunc(l.Lines(at(60_000)), func(l Line) bool { return l.Action != "die" })
			if len(lines) != 1 || !lines[0].At.Equal(at(c.want)) {
				t.Errorf("%+v", lines)
			}
		})
	}
}

// TestProcessFound checks that a process belongs to the run whose start event came, and not if it is the next run's; and that
// the run keeps its key when Docker reports when it started.
func TestProcessFound(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	event(0, "start")(l)
	if began, ok := l.ProcessFound(at(400), 43, at(500)); ok {
		t.Errorf("the next run's process was taken for that of the run of %v", began)
	}
	if began, ok := l.ProcessFound(at(-20), 42, at(500)); !ok || !began.Equal(at(0)) {
		t.Errorf("%v, %t", began, ok)
	}
	l = NewTimeline("c0ffee", "web", false)
	event(100, "kill", "signal=1")(l) // of a run that started before the watch
	began, ok := l.ProcessFound(at(-20), 42, at(500))
	inspect(600, container("running", 0))(l)
	when, status := at(700), unix.WaitStatus(9)
	l.Sample(began, cgroupfs.Sample{At: when, Ended: &when}, nil, &status, when)
	if got := text(l.Lines(at(15_000))); !ok || got != "kill/inconclusive=137" {
		t.Errorf("%t, %s", ok, got)
	}
	if attached, pid, _ := l.Running(); pid != 0 && !attached.Equal(began) {
		t.Errorf("its key is %v, and was %v", attached, began)
	}
}

// TestEventsLost checks that no verdict rests on the absence of a signal while events may be missing, and for as long after as
// a stop may take.
func TestEventsLost(t *testing.T) {
	lost := func(l *Timeline) { l.EventsLost() }
	restored := func(ms int, complete bool) step { return func(l *Timeline) { l.EventsRestored(complete, at(ms)) } }
	long := 120_000
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"all came again", []step{lost, restored(500, true), processExits(990, 9), event(1000, "die", "exitCode=137"),
			inspect(1100, container("exited", 137))}, "start die/killed=137"},
		{"events are lost", []step{lost, restored(500, false), processExits(990, 9), event(1000, "die", "exitCode=137"),
			inspect(1100, container("exited", 137))}, "start die/inconclusive=137"},
		{"events are lost, and a SIGKILL is reported", []step{lost, restored(500, false), event(980, "kill", "signal=9"), processExits(990, 9),
			event(1000, "die", "exitCode=137"), inspect(1100, container("exited", 137))}, "start kill/killed=137"},
		{"not known yet", []step{lost, processExits(990, 0), event(1000, "die", "exitCode=0"), inspect(1100, container("exited", 0))},
			"start die/inconclusive=0"},
		{"events were lost a while ago, and SIGKILL takes no time", []step{lost, restored(500, false), processExits(27_000, 9),
			event(27_010, "die", "exitCode=137"), inspect(27_100, container("exited", 137))}, "start die/killed=137"},
		{"events were lost a while ago, and a handler takes its time", []step{lost, restored(500, false), processExits(27_000, 3<<8),
			event(27_010, "die", "exitCode=3"), inspect(27_100, container("exited", 3))}, "start die/inconclusive=3"},
		{"events were lost a while ago, and SIGKILL waits for a thaw", []step{lost, restored(500, false), event(600, "pause"),
			processExits(27_000, 9), event(27_010, "die", "exitCode=137"), inspect(27_100, container("exited", 137))},
			"start pause/inconclusive die/inconclusive=137"},
		{"events were lost long ago", []step{lost, restored(500, false), passTime(60_000, new([]Line)), event(long, "die", "exitCode=0"),
			inspect(long+100, container("exited", 0))}, "die/exited=0"},
		{"and started again", []step{lost, restored(500, false), event(1000, "die", "exitCode=3"), inspect(1100, container("exited", 3)),
			event(2000, "start"), inspect(2100, startedAt(1990, container("running", 0))), event(3000, "die", "exitCode=0"),
			inspect(3100, startedAt(1990, container("exited", 0)))}, "start die/inconclusive=3 start die/exited=0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			for _, s := range append(startedRun(), c.steps...) {
				s(l)
			}
			if got := text(l.Lines(at(long + 60_000))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestFlush checks that Docker's confirmation of an end is written when the watch ends.
func TestFlush(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), processExits(1000, 3<<8), passTime(20_000, new([]Line)), event(25_000, "die", "exitCode=3"),
		func(l *Timeline) { l.Flush(at(25_010)) }) {
		s(l)
	}
	lines := l.Lines(at(25_010))
	if got := text(lines); got != "confirm/crashed=3" || !lines[0].EndedAt.Equal(at(1000)) {
		t.Error(got, lines)
	}
}

// TestCancelledRestart checks that a stop between two starts is written soon and once, and that Docker is asked again.
func TestCancelledRestart(t *testing.T) {
	between := container("restarting", 3)
	between.State.Running = true // as Docker says it
	var written []Line
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), event(1000, "die", "exitCode=3"), inspect(1100, between), passTime(3000, &written),
		event(5000, "stop")) {
		s(l)
	}
	due, ok := l.Due()
	if !ok || due.After(at(5000+5000)) || !l.wantsInspect {
		t.Fatalf("due %v, %t; wants an inspection: %t", due, ok, l.wantsInspect)
	}
	written = append(written, l.Lines(due)...)
	if text(written) != "start die/crashed=3 stop" {
		t.Error(text(written))
	}
	if _, ok := l.Due(); ok {
		t.Error("more is due")
	}
	for name, steps := range map[string][]step{
		"removed at once": append(startedRun(), event(1000, "die", "exitCode=3"), inspect(1100, between), passTime(3000, &written),
			event(5000, "stop"), event(5100, "destroy")),
		"restarting as the watch begins": {inspect(1100, between), event(5000, "stop"), event(5100, "destroy")},
	} {
		if got := text(play(NewTimeline("c0ffee", "web", true), steps...)); got != "stop destroy/removed" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestLateStart checks that a start is written once if inspect shows it before its event comes.
func TestLateStart(t *testing.T) {
	again := container("running", 0)
	again.State.StartedAt = at(4500)
	var written []Line
	steps := append(startedRun(), event(1000, "die", "exitCode=0"), inspect(1100, container("exited", 0)), passTime(3000, &written),
		reconciled(5000, &again), passTime(7000, &written), event(4500, "start"))
	written = append(written, play(NewTimeline("c0ffee", "web", false), steps...)...)
	if text(written) != "start die/exited=0 start" {
		t.Error(text(written))
	}
}

// TestOldSignals checks that signals that a container survived are no part of a later stop, neither of its duration nor of its signals;
// and that not all signals are kept if one is sent every minute.
func TestOldSignals(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range startedRun() {
		s(l)
	}
	for n := range 1000 {
		ms := 10_000 + 60_000*n
		event(ms, "kill", "signal=1")(l)
		l.Lines(at(ms + 5000))
	}
	if n := len(l.current.signals); n > keptSignals {
		t.Errorf("%d signals are kept", n)
	}
	end := 70_000_000
	event(end, "kill", "signal=15")(l)
	event(end+10_000, "kill", "signal=9")(l)
	event(end+10_100, "die", "exitCode=137")(l)
	inspect(end+10_200, container("exited", 137))(l)
	event(end+10_300, "stop")(l)
	got := l.Lines(at(end + 60_000))
	if text(got) != "stop/forced=137" || !slices.Equal(got[0].Signals, []unix.Signal{15, 9}) || got[0].Duration == nil ||
		*got[0].Duration > 11*time.Second {
		t.Errorf("%s, signals %v, %v", text(got), got[0].Signals, got[0].Duration)
	}
}

func ptr[T any](v T) *T { return &v }

// TestGrace checks how long the stop signal may take before it counts as outlived: a bit longer than the container's own grace,
// or the daemon's, or Docker's default; for ever if that has no end. A docker stop with a longer grace may still be waiting.
func TestGrace(t *testing.T) {
	const waiting = "signal 15 was sent, and it has not ended yet; a docker stop may be waiting"
	for _, c := range []struct {
		name        string
		own, daemon *int
		due         int // seconds after the signal; 0 for never
	}{
		{"Docker's", nil, nil, 40},
		{"the daemon's", nil, ptr(25), 55},
		{"its own", ptr(5), ptr(25), 35},
		{"its own, none at all", ptr(0), ptr(25), 30},
		{"its own, without end", ptr(-1), nil, 0},
		{"the daemon's, without end", nil, ptr(-1), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			l.DaemonGrace = c.daemon
			runs := container("running", 0)
			runs.Config.StopTimeout = c.own
			for _, s := range []step{event(0, "start"), inspect(50, runs), passTime(2000, new([]Line)), event(10_000, "kill", "signal=15")} {
				s(l)
			}
			due := 10_000 + 1000*c.due
			if c.due == 0 {
				due = 1 << 30
			}
			if early := l.Lines(at(due - 1)); len(early) > 0 {
				t.Errorf("written too early: %+v", early)
			}
			if _, ok := l.Due(); ok != (c.due != 0) {
				t.Errorf("something is due: %t", ok)
			}
			if c.due == 0 {
				return
			}
			if got := l.Lines(at(due)); text(got) != "kill" || got[0].Message != waiting {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestGraceWithoutEnd checks a docker stop without a time limit, which may take days: a signal so long ago is no part of an end
// that no stop event belongs to, and not all signals are kept if one is sent again and again.
func TestGraceWithoutEnd(t *testing.T) {
	const day = 86_400_000
	endless := func(status string, code int) dockercli.Container {
		c := container(status, code)
		c.Config.StopTimeout = ptr(-1)
		return c
	}
	for _, c := range []struct {
		name  string
		steps []step
		want  string
		grace string // part of the evidence
	}{
		{"a stop", []step{event(day, "die", "exitCode=0"), inspect(day+100, endless("exited", 0)), event(day+200, "stop")}, "stop/graceful=0",
			""},
		{"SIGKILL in the end, by hand", []step{event(day, "kill", "signal=9"), event(day+100, "die", "exitCode=137"),
			inspect(day+200, endless("exited", 137))}, "kill/killed=137", ""},
		{"by itself", []step{event(day, "die", "exitCode=0"), inspect(day+100, endless("exited", 0))}, "die/exited=0", ""},
		{"a stop that was given a grace", []step{event(31_000, "kill", "signal=9"), event(31_100, "die", "exitCode=137"),
			inspect(31_200, endless("exited", 137)), event(31_300, "stop")}, "stop/killed=137", "a stop with a grace of 30 s, or a separate kill"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			steps := append([]step{event(0, "start"), inspect(50, endless("running", 0)), catches(unix.SIGTERM), passTime(900, new([]Line)),
				event(1000, "kill", "signal=15")}, c.steps...)
			for _, s := range steps {
				s(l)
			}
			got := l.Lines(at(2 * day))
			if text(got) != "start "+c.want || !strings.Contains(fmt.Sprint(got[1].Because), c.grace) {
				t.Errorf("%+v", got)
			}
		})
	}
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range []step{event(0, "start"), inspect(50, endless("running", 0))} {
		s(l)
	}
	for n := range 1000 {
		event(10_000+60_000*n, "kill", "signal=15")(l)
		l.Lines(at(10_000 + 60_000*n))
	}
	if n := len(l.current.signals); n > keptSignals {
		t.Errorf("%d signals are kept", n)
	}
}

// TestAnyOrder checks that the events of a stop give the same lines in any order.
func TestAnyOrder(t *testing.T) {
	events := []step{event(1000, "kill", "signal=15"), event(11_000, "kill", "signal=9"), event(11_100, "die", "exitCode=137"),
		event(11_200, "stop")}
	want := "start stop/forced=137"
	n := 0
	permute(events, func(order []step) {
		n++
		l := NewTimeline("c0ffee", "web", false)
		got := play(l, append(append(startedRun(), order...), inspect(11_300, container("exited", 137)))...)
		if text(got) != want {
			t.Errorf("order %d: got %s, want %s", n, text(got), want)
		}
	})
	if n != 24 {
		t.Fatalf("%d orders", n)
	}
}

func permute(all []step, each func([]step)) {
	var walk func(k int)
	walk = func(k int) {
		if k == len(all) {
			each(slices.Clone(all))
			return
		}
		for i := k; i < len(all); i++ {
			all[k], all[i] = all[i], all[k]
			walk(k + 1)
			all[k], all[i] = all[i], all[k]
		}
	}
	walk(0)
}

// TestLabelsDecideNothing checks that labels that replace attributes of the events do not change a verdict.
func TestLabelsDecideNothing(t *testing.T) {
	steps := append(startedRun("signal", "exitCode"), event(1000, "kill", "signal=9"), event(1100, "die", "exitCode=0"),
		inspect(1200, container("exited", 3, "signal", "exitCode")), event(1300, "stop"))
	if got := text(play(NewTimeline("c0ffee", "web", false), steps...)); got != "start stop/failed-stopping=3" {
		t.Errorf("got %s", got)
	}
	// A stop with another grace than the container's: two signals, whatever their numbers.
	steps = append(startedRun("signal"), event(1000, "kill", "signal=1"), event(2000, "kill", "signal=1"), event(2100, "die", "exitCode=137"),
		inspect(2200, container("exited", 137, "signal")), event(2300, "stop"))
	if got := text(play(NewTimeline("c0ffee", "web", false), steps...)); got != "start stop/killed=137" {
		t.Errorf("got %s", got)
	}
	gone := func(l *Timeline) { l.Inspection(nil, at(1300), at(1300), false) }
	// It is removed before inspect answers: its start event shows whether a label replaces the exit code.
	if got := text(play(NewTimeline("c0ffee", "web", false), event(0, "start"), event(1100, "die", "exitCode=3"), event(1200, "destroy"),
		gone)); got != "start die/crashed=3 destroy/removed" {
		t.Errorf("got %s", got)
	}
	if got := text(play(NewTimeline("c0ffee", "web", false), event(0, "start", "exitCode=0"), event(1100, "die", "exitCode=0"),
		event(1200, "destroy"), gone)); got != "start die/inconclusive destroy/removed" {
		t.Errorf("got %s", got)
	}
	// No exit code is better than the label's.
	steps = append(startedRun("exitCode"), event(1100, "die", "exitCode=0"), event(1200, "destroy"),
		func(l *Timeline) { l.Inspection(nil, at(1300), at(1300), false) })
	if got := text(play(NewTimeline("c0ffee", "web", false), steps...)); got != "start die/inconclusive destroy/removed" {
		t.Errorf("got %s", got)
	}
}

func TestRecentEvents(t *testing.T) {
	var s recentEvents
	n := &dockercli.Event{Action: "die", ID: "a", Time: at(1)}
	other := *n
	other.Action = "stop"
	if !s.add(keyOf(n)) || s.add(keyOf(n)) || !s.add(keyOf(&other)) {
		t.Error("an event is not new once, and only once")
	}
	for i := range 3 * recentLimit {
		s.add(eventKey{nano: int64(i)})
	}
	if len(s.keys) != recentLimit || len(s.ring) != recentLimit {
		t.Errorf("%d keys and %d in the ring are kept, wanted %d", len(s.keys), len(s.ring), recentLimit)
	}
}

// TestSince checks the forms that docker events takes: see moby, api/types/time, GetTimestamp.
func TestSince(t *testing.T) {
	now := at(0).In(time.FixedZone("", 2*60*60))
	for text, want := range map[string]time.Time{"10m": now.Add(-10 * time.Minute), "1700000000": time.Unix(1700000000, 0), "": {},
		"2026-05-20T11:00:00Z":      now.Add(-time.Hour),
		"2026-05-20T11:00:00+02:00": now.Add(-3 * time.Hour),
		"2026-05-20T11:30:00.5":     now.Add(-2*time.Hour - 29*time.Minute - 59500*time.Millisecond),
		"2026-05-20T11:00:00":       now.Add(-3 * time.Hour),
		"2026-05-20T11:30":          now.Add(-2*time.Hour - 30*time.Minute),
		"2026-05-20T11:30Z":         now.Add(-30 * time.Minute),
		"2026-05-20T11":             now.Add(-3 * time.Hour),
		"2026-05-20T11-01:00":       now,
		"2026-05-20":                now.Add(-14 * time.Hour),
		"2026-05-20Z":               now.Add(-12 * time.Hour),
		"2026-05-20+01:00":          now.Add(-13 * time.Hour),
	} {
		if got, err := ParseTime("--since", text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, wanted %v: %v", text, got, want, err)
		}
	}
	for _, text := range []string{"yesterday", "-5m", "-3", "NaN", "9300000000", "99999999999", "2026-05", "2026-05-20 11:00", "2026-02-30",
		"2026/05/20"} {
		if _, err := ParseTime("--since", text, now); err == nil {
			t.Errorf("%q is no moment", text)
		}
	}
}

// jsonLine is an event as docker prints it, with the labels of an orchestrator.
func jsonLine(i int, action, extra string) []byte {
	return fmt.Appendf(nil, `{"status":"%[2]s","id":"%064[1]x","from":"registry.example/team/app:1.2.3","Type":"container","Action":"%[2]s",`+
		`"Actor":{"ID":"%064[1]x","Attributes":{"com.docker.compose.project":"shop","com.docker.compose.service":"web",`+
		`"image":"registry.example/team/app:1.2.3","maintainer":"somebody",%[4]s"name":"web-%[1]d"}},`+
		`"scope":"local","time":1716212345,"timeNano":%[3]d}`,
		i, action, t0.UnixNano()+int64(i)*1000, extra)
}

// BenchmarkParseAndJudge parses lines and passes them to the timelines of their containers: 8 events each, with a stop that is
// written. It reports lines per second.
func BenchmarkParseAndJudge(b *testing.B) {
	const containers = 1000
	var lines [][]byte
	for i := range containers {
		for _, e := range []struct{ action, extra string }{{"create", ""}, {"start", ""}, {"pause", ""}, {"unpause", ""},
			{"kill", `"signal":"15",`}, {"die", `"exitCode":"0",`}, {"stop", ""}, {"destroy", ""}} {
			lines = append(lines, jsonLine(i, e.action, e.extra))
		}
	}
	b.ReportAllocs()
	written := 0
	n := 0
	for b.Loop() {
		w := newWatch(Options{Write: func(*Line) error { written++; return nil }}, nil, &cgroupfs.Host{}, nil)
		now := t0
		for _, line := range lines {
			event, err := dockercli.ParseEvent(line)
			if err != nil {
				b.Fatal(err)
			}
			now = now.Add(time.Second)
			w.event(&event, now)
			n++
		}
		for _, l := range w.timelines {
			for _, line := range l.Lines(now.Add(time.Hour)) {
				w.write(&line)
			}
		}
	}
	if written < containers {
		b.Fatalf("%d lines written", written)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}
