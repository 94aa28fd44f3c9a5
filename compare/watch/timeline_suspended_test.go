package watch

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// A watch that did not run from 1 to 16 s learns only then that a run has ended, which docker kill ended at 4.1 s. The end is not
// dated to when it was learned: the next run started at 5 s.
func TestEndWhileSuspended(t *testing.T) {
	learned := func(ms int, n dockercli.Event) step {
		n.ID, n.Name = "c0ffee", "web"
		return func(l *Timeline) { l.Event(n, at(ms)) }
	}
	noticed := func(l *Timeline) {
		when, status := at(16_010), unix.WaitStatus(9)
		l.Sample(l.runs()[0].started, cgroupfs.Sample{At: when, Ended: &when}, nil, &status, when)
	}
	kill := learned(16_500, dockercli.Event{Action: "kill", Signal: "9", Time: at(4000)})
	die := learned(16_500, dockercli.Event{Action: "die", ExitCode: "137", Time: at(4100)})
	inspected := inspect(17_000, finishedAt(4100, container("exited", 137)))
	next := learned(30_000, dockercli.Event{Action: "start", Time: at(5000)})
	for _, c := range []struct {
		name  string
		steps []step
		want  string
		took  time.Duration // 0 for unknown
	}{
		{"Docker reports the end", []step{noticed, kill, die, inspected}, "start kill/killed=137 start", 100 * time.Millisecond},
		{"Docker reports it first", []step{kill, die, noticed, inspected}, "start kill/killed=137 start", 100 * time.Millisecond},
		{"Docker reports the signal, and not the end", []step{noticed, kill}, "start kill/killed=137 start", 0},
		{"Docker reports nothing", []step{noticed}, "start die/inconclusive=137 start", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, lines := NewTimeline("c0ffee", "web", false), []Line{}
			steps := append(startedRun(), passTime(2000, &lines), func(l *Timeline) { l.Suspended(at(1000), at(16_000)) })
			for _, s := range slices.Concat(steps, c.steps, []step{passTime(28_000, &lines), next}) {
				s(l)
			}
			lines = append(lines, play(l)...)
			slices.SortStableFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) })
			if got := text(lines); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			for _, line := range lines {
				if line.Action != "start" && (line.Duration == nil) != (c.took == 0) || line.Duration != nil && *line.Duration != c.took {
					t.Errorf("took %v, wanted %s: %s", line.Duration, c.took, line.Message)
				}
			}
		})
	}
}
