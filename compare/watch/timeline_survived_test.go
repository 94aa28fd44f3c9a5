package watch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/dockercli"
)

// withPolicy returns the container with a restart policy and a stop signal; "" for none.
func withPolicy(c dockercli.Container, policy, stopSignal string) dockercli.Container {
	c.HostConfig.RestartPolicy.Name, c.Config.StopSignal = policy, stopSignal
	return c
}

// lines lets a timeline run as the loop does, up to a time, and passes it the steps when they are due.
func runUntil(l *Timeline, from, until int, steps map[int]step) (all []Line) {
	for ms := from; ms <= until; ms++ {
		if s := steps[ms]; s != nil {
			s(l)
		}
		if ms%250 == 0 {
			all = append(all, l.Lines(at(ms))...)
		}
	}
	return all
}

// 500 signals within 15 s are a line at once, and a count after a minute or when something else happens.
func TestFlood(t *testing.T) {
	flood := func(end int) map[int]step {
		steps := map[int]step{}
		for n := range 500 {
			steps[10_000+30*n] = event(10_000+30*n, "kill", "signal=23")
		}
		steps[end] = event(end, "die", "exitCode=0")
		steps[end+50] = inspect(end+50, container("exited", 0))
		return steps
	}
	for _, c := range []struct {
		name string
		end  int
		want []string
	}{
		{"a minute passes", 100_000, []string{"signal 23 was sent, and it keeps running",
			"signal 23 was sent 499 more times within 14.94 s, and it keeps running", "ended by itself, exit code 0"}},
		{"it ends before", 40_000, []string{"signal 23 was sent, and it keeps running",
			"signal 23 was sent 499 more times within 14.94 s, and it keeps running", "ended by itself, exit code 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			for _, s := range append(startedRun(), passTime(5000, new([]Line))) {
				s(l)
			}
			lines := runUntil(l, 5000, c.end+20_000, flood(c.end))
			var said []string
			total := 0
			for _, line := range lines {
				said = append(said, line.Message)
				total += line.Count
			}
			if !slices.Equal(said, c.want) || total != 500 {
				t.Errorf("%d signals in %q", total, said)
			}
			if !slices.IsSortedFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) }) {
				t.Errorf("not in the order of time: %v", lines)
			}
		})
	}
}

// A watch that ends says what it has counted.
func TestFloodAtTheEndOfTheWatch(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), event(1000, "kill", "signal=23"), passTime(4000, new([]Line)), event(5000, "kill", "signal=23"),
		event(5001, "kill", "signal=12"), passTime(7000, new([]Line)), event(8000, "kill", "signal=12"), event(9000, "kill", "signal=23"),
		passTime(12_000, new([]Line))) {
		s(l)
	}
	if due, ok := l.Due(); !ok || due.After(at(3000).Add(survivedInterval+2*time.Second)) {
		t.Errorf("the count is due %v, %t", due, ok)
	}
	l.Flush(at(12_100))
	var said []string
	for _, line := range l.Lines(at(12_100)) {
		said = append(said, line.Message)
	}
	if want := []string{"signal 23 was sent 2 more times within 4.00 s, and it keeps running"}; !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
}

// The first line about a signal that turns the restart policy off says so, and so does the end of the run. A start turns it on.
func TestPolicyOff(t *testing.T) {
	for _, c := range []struct {
		name, policy, stopSignal string
		signal                   int
		off                      bool
	}{
		{"always, no stop signal", "always", "", 23, true},
		{"on-failure, no stop signal", "on-failure", "", 23, true},
		{"always, another stop signal", "always", "SIGTERM", 23, false},
		{"always, the stop signal", "always", "SIGUSR1", 10, true},
		{"unless-stopped", "unless-stopped", "SIGTERM", 23, true},
		{"none", "no", "", 23, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			runs, ends := withPolicy(container("running", 0), c.policy, c.stopSignal), withPolicy(container("exited", 3), c.policy, c.stopSignal)
			again := withPolicy(startedAt(195_000, container("exited", 3)), c.policy, c.stopSignal)
			kill := event(5000, "kill", fmt.Sprintf("signal=%d", c.signal))
			var all []Line
			for _, s := range []step{event(0, "start"), inspect(50, runs), catches(), kill, passTime(90_000, &all),
				event(91_000, "kill", fmt.Sprintf("signal=%d", c.signal)), passTime(160_000, &all), event(190_000, "die", "exitCode=3"),
				inspect(190_100, ends), event(195_000, "start"), event(197_000, "die", "exitCode=3"), inspect(197_100, again),
				passTime(220_000, &all)} {
				s(l)
			}
			off := "; its restart policy, " + c.policy + ", is off until it is started again"
			wasOff := "; its restart policy, " + c.policy + ", was off"
			var said []string
			for _, line := range all {
				said = append(said, line.Message)
				if strings.Contains(line.Message, "restart policy") && !strings.Contains(fmt.Sprint(line.Because), "moby") {
					t.Errorf("%s: %v", line.Message, line.Because)
				}
			}
			text := strings.Join(said, "\n")
			if n := strings.Count(text, off); n != map[bool]int{true: 1}[c.off] {
				t.Errorf("said %d times:\n%s", n, text)
			}
			if n := strings.Count(text, wasOff); n != map[bool]int{true: 1}[c.off] {
				t.Errorf("said %d times:\n%s", n, text)
			}
		})
	}
}

// A signal that has nothing to do with the end does not hide the one that has, and not the time that it took.
func TestFloodBeforeTheEnd(t *testing.T) {
	var flood []step
	for n := range 30 {
		flood = append(flood, event(9000+30*n, "kill", "signal=23"))
	}
	for _, c := range []struct {
		name  string
		steps []step
		want  string
		says  string
	}{
		{"SIGTERM", []step{event(10_000, "kill", "signal=15"), processExits(10_300, 0), event(10_310, "die", "exitCode=0"),
			inspect(10_400, container("exited", 0))}, "kill/graceful=0", "ended gracefully after 300 ms"},
		{"SIGKILL", []step{event(10_000, "kill", "signal=9"), processExits(10_030, 9), event(10_040, "die", "exitCode=137"),
			inspect(10_400, container("exited", 137))}, "kill/killed=137", "killed by request after 30.0 ms"},
		{"nothing", []step{processExits(10_300, 0), event(10_310, "die", "exitCode=0"), inspect(10_400, container("exited", 0))},
			"die/exited=0", "ended by itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			var all []Line
			for _, s := range slices.Concat(startedRun(), []step{passTime(5000, new([]Line))}, flood, c.steps, []step{passTime(90_000, &all)}) {
				s(l)
			}
			if len(all) != 1 || text(all) != c.want || !strings.Contains(all[0].Message, c.says) || len(all[0].Because) > 12 {
				t.Errorf("%s: %+v", text(all), all)
			}
		})
	}
}

// TestSurvivedInThePast checks that a signal that a run outlived had no part in its end, also if both are learned at once.
func TestSurvivedInThePast(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	now := at(600_000)
	for _, e := range []dockercli.Event{{Action: "start", Time: at(0)}, {Action: "kill", Time: at(1000), Signal: "1"},
		{Action: "die", Time: at(300_000), ExitCode: "1"}} {
		e.ID = "c0ffee"
		l.Event(e, now)
	}
	ended := container("exited", 1)
	ended.State.FinishedAt = at(300_000)
	l.Inspection(&ended, now, now, false)
	if got := text(l.Lines(now.Add(maxEndWait))); got != "start kill die/crashed=1" {
		t.Error(got)
	}
}
