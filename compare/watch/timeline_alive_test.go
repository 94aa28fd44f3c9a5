package watch

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func held(l *Timeline) { l.ProcessHeld(l.current.started, 7) }

// An end that Docker reports while the pidfd shows that the main process lives is none. The real one is written when it comes, and
// none of Docker's signals has caused it.
func TestAliveWhateverDockerSays(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	c := finishedAt(13_000, container("exited", 255))
	for _, s := range append(startedRun(), held, event(1000, "kill", "signal=15"), event(2000, "kill", "signal=9"),
		event(13_000, "die", "exitCode=255"), event(13_010, "die", "exitCode=255"), event(13_020, "stop"), inspect(13_100, c)) {
		s(l)
		checkStates(l)
	}
	var all []Line
	for ms := 13_250; ms < 60_000; ms += 250 {
		all = append(all, l.Lines(at(ms))...)
		checkStates(l)
	}
	if got := text(all); got != "start die/runs-on" {
		t.Fatalf("%s: %+v", got, all)
	}
	line := all[1]
	if !strings.Contains(line.Message, "Docker says exited (255); its program runs on") || line.ExitCode != nil || line.Level != Warn ||
		len(line.Signals) != 2 {
		t.Errorf("%+v", line)
	}
	inspect(60_000, c)(l) // by a reconciliation
	if got := text(l.Lines(at(70_000))); got != "" {
		t.Errorf("again: %s", got)
	}
	if due, ok := l.Due(); ok {
		t.Errorf("due at %s", due)
	}
	processExits(80_000, 0)(l)
	l.WaitDone(l.current.started)
	all = nil
	for ms := 80_000; ms < 100_000; ms += 250 {
		all = append(all, l.Lines(at(ms))...)
		checkStates(l)
	}
	if got := text(all); got != "die/exited=0" || len(all[0].Signals) != 0 || !all[0].At.Equal(at(80_000)) {
		t.Errorf("the real end: %s: %+v", got, all)
	}
}

// After a removal the timeline stays until the real end; after another start it is not waited for.
func TestAliveAfterRemoval(t *testing.T) {
	alive := func() *Timeline {
		l := NewTimeline("c0ffee", "web", false)
		for _, s := range append(startedRun(), held, event(2000, "kill", "signal=9"), event(13_000, "die", "exitCode=255"),
			inspect(13_100, finishedAt(13_000, container("exited", 255)))) {
			s(l)
		}
		if got := text(l.Lines(at(22_000))); got != "start die/runs-on" {
			t.Fatal(got)
		}
		return l
	}
	l := alive()
	event(23_000, "destroy")(l)
	if got := text(l.Lines(at(25_000))); got != "destroy/removed" || l.Done() {
		t.Errorf("%s, done: %t", got, l.Done())
	}
	processExits(30_000, unix.WaitStatus(9))(l)
	l.WaitDone(l.current.started)
	if got := text(l.Lines(at(40_000))); got != "die/killed=137" || !l.Done() {
		t.Errorf("%s, done: %t", got, l.Done())
	}
	l = alive()
	event(23_000, "start")(l)
	if got := text(l.Lines(at(25_000))); got != "start" || len(l.earlier) != 0 {
		t.Errorf("%s, %d earlier runs", got, len(l.earlier))
	}
}

// A process whose end the kernel reports a moment later was not alive.
func TestEndReportedLate(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	steps := append(startedRun(), held, event(1000, "die", "exitCode=0"), inspect(1100, finishedAt(1000, container("exited", 0))))
	for _, s := range steps {
		s(l)
	}
	if got := text(l.Lines(at(3000))); got != "start" {
		t.Error(got)
	}
	processExits(3100, 0)(l)
	l.WaitDone(l.current.started)
	if got := text(l.Lines(at(3200))); got != "die/exited=0" {
		t.Error(got)
	}
}

// SIGKILL is not used up by the time that it takes: a frozen process ends of it after the thaw.
func TestSigkillTakesLong(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), held, event(1000, "kill", "signal=9")) {
		s(l)
	}
	if got := text(l.Lines(at(100_000))); got != "start kill" { // the second says that it has not ended yet
		t.Fatal(got)
	}
	processExits(101_000, 9)(l)
	l.WaitDone(l.current.started)
	event(101_010, "die", "exitCode=137")(l)
	inspect(101_100, finishedAt(101_000, container("exited", 137)))(l)
	all := l.Lines(at(115_000))
	if got := text(all); got != "kill/killed=137" || !strings.Contains(all[0].Message, "killed by request after 100.00 s") {
		t.Errorf("%s: %+v", got, all)
	}
}

// An end that comes long after Docker has reported one, and before that is written, is the real one: the signals before did not
// cause it.
func TestRealEndSoonAfterDockers(t *testing.T) {
	for _, c := range []struct {
		name  string
		delay int
		want  string
	}{
		{"the same end", 30, "start stop/forced=137"},
		{"another end", 3000, "start die/killed=137"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			die := 21_000
			var all []Line
			for _, s := range append(startedRun(), held, event(1000, "kill", "signal=15"), event(11_000, "kill", "signal=9"),
				event(die, "die", "exitCode=255"), event(die+10, "stop"), processExits(die+c.delay, 9),
				inspect(die+c.delay+50, finishedAt(die, container("exited", 255))), passTime(60_000, &all)) {
				s(l)
				checkStates(l)
			}
			if text(all) != c.want || !all[1].At.Equal(at(die)) && c.delay < 1000 || c.delay > 1000 && !all[1].At.Equal(at(die+c.delay)) {
				t.Errorf("%s: %+v", text(all), all)
			}
		})
	}
}
