package report

import (
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestMemoryChange checks when memory counts as returned, and when as kept.
func TestMemoryChange(t *testing.T) {
	const mib = 1 << 20
	gone := value.Absent[uint64](value.Vanished, "")
	there := value.Absent[int64](value.NotMeasured, "")
	for _, c := range []struct {
		memory document.ActionMemory
		before int // processes
		want   string
	}{
		{document.ActionMemory{BeforeBytes: value.Known[uint64](100 * mib), AfterBytes: gone, ReturnedBytes: value.Known[int64](70 * mib),
			CacheBytes: value.Known[int64](30 * mib)}, 1,
			"100 MiB → gone: 70 MiB returned to the host; up to 30 MiB of cache may stay until the host needs the memory"},
		{document.ActionMemory{BeforeBytes: value.Known[uint64](100 * mib), AfterBytes: gone, ReturnedBytes: value.Known[int64](100 * mib),
			CacheBytes: value.Known[int64](0)}, 1, "100 MiB → gone: 100 MiB returned to the host"},
		{document.ActionMemory{BeforeBytes: value.Known[uint64](100 * mib), AfterBytes: value.Known[uint64](100 * mib),
			ReturnedBytes: value.Known[int64](0), CacheBytes: there}, 1, "100 MiB → 100 MiB: kept"},
		{document.ActionMemory{BeforeBytes: value.Known[uint64](100 * mib), AfterBytes: value.Known[uint64](101 * mib),
			ReturnedBytes: value.Known[int64](-mib), CacheBytes: there}, 1, "100 MiB → 101 MiB: kept"},
		{document.ActionMemory{BeforeBytes: value.Known[uint64](100 * mib), AfterBytes: value.Known[uint64](60 * mib),
			ReturnedBytes: value.Known[int64](40 * mib), CacheBytes: there}, 1, "100 MiB → 60 MiB: 40 MiB returned"},
		{document.ActionMemory{BeforeBytes: gone, AfterBytes: value.Known[uint64](60 * mib),
			ReturnedBytes: value.Absent[int64](value.NotMeasured, ""), CacheBytes: there}, 0, "not running → 60 MiB"},
		{document.ActionMemory{BeforeBytes: gone, AfterBytes: gone, ReturnedBytes: there, CacheBytes: there}, 0, "not running"},
	} {
		d := document.ContainerAction{Memory: c.memory, Process: document.ActionProcess{Before: value.Known(c.before)}}
		if got := memoryChangeCell(&d); got != c.want {
			t.Errorf("%q, wanted %q", got, c.want)
		}
	}
}

// TestActionAnswer checks the result of an action in one line, and that the evidence is there only where it is asked for.
func TestActionAnswer(t *testing.T) {
	ms, code := value.Known(1500.0), value.Known[int]
	for _, c := range []struct {
		kind value.Kind
		how  string
		code value.Maybe[int]
		want string
	}{
		{value.Forced, "", code(137), "web  docker stop: forced after 1.50 s, exit code 137; unsaved data lost\n  the grace of 1s ran out\n"},
		{value.Graceful, "", code(0), "web  docker stop: graceful after 1.50 s, exit code 0\n"},
		{value.Killed, "the daemon", code(137), "web  docker stop: killed after 1.50 s, exit code 137; unsaved data lost\n  the daemon\n"},
		{value.RunsOn, "", code(137), "web  docker stop: runs-on after 1.50 s\n  The program runs on, although docker inspect says exited.\n"},
		{value.FailedStopping, "", value.Absent[int](value.Failed, ""),
			"web  docker stop: failed-stopping after 1.50 s\n  the grace of 1s ran out\n"},
	} {
		doc := &document.Action{Action: "stop", Containers: []document.ContainerAction{{Name: "web", Paste: "docker stop -- web",
			Verdict: value.Known(document.Verdict{Kind: c.kind, How: c.how,
				Because: []document.Observation{{Source: "docker stop", Value: "the grace of 1s ran out"}}}),
			Command: document.Command{ExitCode: code(0)}, ExitCode: c.code, State: document.State{Status: value.Known("exited")},
			Timing: document.ActionTiming{EffectMs: ms}, Fix: []string{"use `exec program`", "or wait"},
			Undo: document.Undo{Command: "docker start web", Effect: "a new process"}}}}
		want := c.want + "  fix:    use `exec program`\n  undo:   docker start web: a new process\n  -v shows 1 more fix and the evidence\n"
		checkTable(t, doc, want)
		var full strings.Builder
		if err := Table(&full, doc, TableOptions{Evidence: true}); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"or wait", "docker stop -- web: exit code 0", "[docker stop]"} {
			if !strings.Contains(full.String(), part) {
				t.Errorf("%s: no %q in %s", c.kind, part, &full)
			}
		}
		if says := strings.Contains(full.String(), "docker stop reports success"); says != (c.kind == value.Forced) ||
			strings.Contains(full.String(), "-v shows") {
			t.Errorf("%s: %s", c.kind, &full)
		}
	}
}

// TestStateChange checks that the exit codes of two runs are told apart.
func TestStateChange(t *testing.T) {
	events := func(names ...string) (all []document.Event) {
		for _, name := range names {
			all = append(all, document.Event{Action: name})
		}
		return all
	}
	for _, c := range []struct {
		name, status string
		now          value.Maybe[int]
		events       []document.Event
		want         string
	}{
		{"it ended", "exited", value.Known(0), events("kill", "die", "stop"), "running → exited, exit code 0"},
		{"it runs again", "running", value.Maybe[int]{}, events("kill", "die", "start"), "running → exit code 0 → running again"},
		{"the run after it ended, too", "exited", value.Known(137), events("kill", "die", "start", "kill", "die"),
			"running → exit code 0 → started again → exited, exit code 137"},
		{"Docker made a code up", "exited", value.Known(255), events("kill", "die"), "running → exited, exit code 0"},
	} {
		d := document.ContainerAction{StatusBefore: "running", ExitCode: value.Known(0), Events: c.events,
			State: document.State{Status: value.Known(c.status), ExitCode: c.now}}
		if got := stateChangeCell(&d); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestActionCause checks that a terminal shows up to two lines of why an action came to its result.
func TestActionCause(t *testing.T) {
	because := []document.Because{{Value: "docker stop sends no signal and cancels the pending restart: the container stays as it ended"}}
	doc := &document.Action{Action: "stop", DryRun: true, Containers: []document.ContainerAction{{Name: "web",
		Predicted: value.Known(document.Outcome{Outcome: value.Cancelled, Because: because})}}}
	var out strings.Builder
	if err := Table(&out, doc, TableOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	want := "cancels the pending restart: the container\n  stays as it ended\n"
	if !strings.Contains(out.String(), want) {
		t.Errorf("got\n%s", out.String())
	}
}

// TestLongNames checks that the results of containers with long names, as swarm makes them, do not leave the terminal.
func TestLongNames(t *testing.T) {
	verdict := value.Known(document.Verdict{Kind: value.Graceful})
	doc := &document.Action{Action: "stop", Containers: []document.ContainerAction{{Name: "web", Verdict: verdict},
		{Name: strings.Repeat("n", 70), Verdict: verdict}}}
	var out strings.Builder
	if err := Table(&out, doc, TableOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("n", 70) + "\n  graceful\n"
	if !strings.HasPrefix(out.String(), "web\n  graceful\n"+want) {
		t.Errorf("got\n%s", out.String())
	}
}
