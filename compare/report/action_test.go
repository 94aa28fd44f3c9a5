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

// TestActionHeading checks that the heading of a forced stop, and of no other, says that docker reports success.
func TestActionHeading(t *testing.T) {
	for _, c := range []struct {
		kind string
		code value.Maybe[int]
		says bool
	}{
		{"forced", value.Known(0), true}, {"forced", value.Known(1), false}, {"graceful", value.Known(0), false}, {"forced",
			value.Absent[int](value.Failed, ""), false},
	} {
		var b strings.Builder
		d := document.ContainerAction{Name: "web", Verdict: value.Known(document.Verdict{Kind: value.Kind(c.kind)}),
			Command: document.Command{ExitCode: c.code}, Timing: document.ActionTiming{EffectMs: value.Known(1500.0)}}
		var p page
		actionHeading(&p, &d, "stop", "docker")
		if err := p.table(&b, TableOptions{}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), "web: "+c.kind+", after 1.50 s\n") ||
			strings.Contains(b.String(), "docker stop reports success") != c.says {
			t.Errorf("%v: %q", c, b.String())
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
