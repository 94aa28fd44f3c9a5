package report

import (
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// psLine returns a container that uses nothing out of the ordinary.
func psLineOf(name, state, status string, drift ...document.FindingKind) document.PsLine {
	m := value.Known(uint64(1 << 20))
	return document.PsLine{Name: name, Docker: document.PsState{State: state, Status: status}, Drift: drift,
		FrozenMs: value.Absent[float64](value.NotMeasured, "it is not frozen"),
		CPU:      document.PsCPU{Percent: value.Known(1.5), WindowMs: value.Known(2000.0), Since: document.SinceEarlier},
		Memory: document.PsMemory{CurrentBytes: m, AnonBytes: m, FileBytes: m, ShmemBytes: value.Known(uint64(0)), KernelBytes: m,
			SwapBytes: m, LimitBytes: value.Absent[uint64](value.Max, "there is no limit")}}
}

func psTable(t *testing.T, p *document.Ps, width int) string {
	t.Helper()
	var b strings.Builder
	if err := Table(&b, p, TableOptions{Width: width}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A terminal of 80 columns shows one line a container, with the name whole; a wider one shows more columns.
func TestPsWidths(t *testing.T) {
	p := &document.Ps{Host: document.PsHost{CgroupVersion: 2, Kernel: "7.2"},
		Containers: []document.PsLine{psLineOf("team-service-with-a-quite-long-name-1", "running", "Up 2 hours"),
			psLineOf("db", "paused", "Up 1 hour (Paused)")}}
	for width, want := range map[int]string{
		80:  "NAME STATE CPU MEMORY LIMIT FINDING",
		100: "NAME STATE CPU MEMORY LIMIT ANON FILE SHMEM FINDING",
		0:   "NAME STATE CPU MEMORY LIMIT ANON FILE SHMEM KERNEL SWAP FINDING",
	} {
		out := psTable(t, p, width)
		lines := strings.Split(out, "\n")
		if header := strings.Join(strings.Fields(lines[2]), " "); header != want {
			t.Errorf("%d columns: %s\n%s", width, header, out)
		}
		if !strings.HasPrefix(lines[4], "team-service-with-a-quite-long-name-1  running ") || !strings.HasPrefix(lines[5], "db ") ||
			!strings.HasPrefix(lines[6], "2 containers ") {
			t.Errorf("%d columns: more than a line a container:\n%s", width, out)
		}
		for _, line := range lines {
			if n := len([]rune(line)); width > 0 && n > width {
				t.Errorf("%d columns: a line of %d: %s", width, n, line)
			}
		}
	}
}

// TestPsLongNames checks that a name is never broken: one that leaves too little for the other columns has a line of its own.
func TestPsLongNames(t *testing.T) {
	p := &document.Ps{Host: document.PsHost{CgroupVersion: 2, Kernel: "7.2"}, Containers: []document.PsLine{
		psLineOf("team-service-with-a-name-so-long-that-little-is-left-1", "restarting", "Restarting (1) 5 seconds ago"),
		psLineOf("db", "running", "Up 1 hour", "no-memory-limit")}}
	_, got, _ := strings.Cut(psTable(t, p, 80), "\n\n")
	got = strings.ReplaceAll(got, "─", "")
	want := `NAME          STATE                      CPU  MEMORY  LIMIT  FINDING

team-service-with-a-name-so-long-that-little-is-left-1
              restarting, exit code 1  1.5 %   1 MiB   none
db            running                  1.5 %   1 MiB   none  no-memory-limit
2 containers                               –       –
`
	if got != want {
		t.Errorf("got\n%s\nwanted\n%s", got, want)
	}
}

// withEnd returns a container whose last run ended four minutes before noon, or whose start failed.
func withEnd(l document.PsLine, verdict value.Kind, startError string) document.PsLine {
	l.LastEnd = value.Known(document.LastEnd{Verdict: verdict, EndedAt: value.Known("2026-05-20T11:56:00Z"), StartError: startError})
	return l
}

// With containers that ended, 80 columns show how, also without color, on one line each.
func TestPsLastEnds(t *testing.T) {
	failed := psLineOf("asked-in-vain", "dead", "Dead")
	failed.LastEnd = value.Absent[document.LastEnd](value.Failed, "no answer")
	p := &document.Ps{Host: document.PsHost{Origin: document.Origin{ReportedAt: "2026-05-20T12:00:00Z"}, CgroupVersion: 2, Kernel: "7.2"},
		Containers: []document.PsLine{psLineOf("web", "running", "Up 2 hours"), failed,
			withEnd(psLineOf("shop-backend-1", "exited", "Exited (137) 4 minutes ago"), value.Inconclusive, ""),
			withEnd(psLineOf("shop-worker-1", "exited", "Exited (3) 4 minutes ago"), value.Crashed, ""),
			withEnd(psLineOf("shop-cron-1", "created", "Created"), "", "no such file")}}
	out := psTable(t, p, 80)
	lines := strings.Split(out, "\n")
	for i, want := range map[int]string{2: "LAST END", 4: "MiB", 5: "failed", 6: "inconclusive 4 min", 7: "crashed 4 min", 8: "not started"} {
		if !strings.HasSuffix(lines[i], want) || len([]rune(lines[i])) > 80 {
			t.Errorf("line %d does not end with %q:\n%s", i, want, out)
		}
	}
	if !strings.HasPrefix(lines[6], "shop-backend-1  Exited (137)  ") || strings.Contains(out, "FINDING") {
		t.Error(out)
	}
	p.Containers[0].Drift = []document.FindingKind{document.FrozenOutsideDocker}
	if out := psTable(t, p, 120); !strings.Contains(out, "FINDING") {
		t.Error(out)
	}
}

// The state is in words only where it is out of the ordinary.
func TestPsStateCell(t *testing.T) {
	frozen := func(l document.PsLine, ms float64) document.PsLine {
		l.FrozenMs = value.Known(ms)
		return l
	}
	for _, c := range []struct {
		line document.PsLine
		want string
	}{
		{psLineOf("a", "running", "Up 2 hours"), "running"},
		{psLineOf("a", "running", "Up 2 hours (unhealthy)"), "unhealthy"},
		{psLineOf("a", "running", "Up 2 seconds (health: starting)"), "health: starting"},
		{frozen(psLineOf("a", "paused", "Up 2 hours (Paused)"), 4.6*60_000), "paused 4 min"},
		{psLineOf("a", "paused", "Up 2 hours (Paused)"), "paused"},
		{frozen(psLineOf("a", "running", "Up 2 hours", "frozen-outside-docker"), 3*24*3_600_000), "FROZEN outside Docker 3 d"},
		{psLineOf("a", "exited", "Exited (137) 3 minutes ago"), "Exited (137) 3 minutes ago"},
		{psLineOf("a", "restarting", "Restarting (1) 5 seconds ago"), "restarting, exit code 1"},
		{psLineOf("a", "restarting", "Restarting"), "Restarting"},
		{withEnd(psLineOf("a", "exited", "Exited (137) 3 minutes ago"), "killed", ""), "Exited (137)"},
		{withEnd(psLineOf("a", "dead", "Dead"), "killed", ""), "Dead"},
		{withEnd(psLineOf("a", "exited", "Exited (0) 3 minutes ago"), "", "no"), "Exited (0) 3 minutes ago"},
	} {
		if got := psStateCell(&c.line, "2026-05-20T12:00:00Z"); got != c.want {
			t.Errorf("%+v: %q, wanted %q", c.line.Docker, got, c.want)
		}
	}
}

// What the machine has is split into parts that add up, or not told.
func TestHostMemoryLine(t *testing.T) {
	known := func(n uint64) value.Maybe[uint64] { return value.Known(n << 20) }
	p := &document.Ps{Total: document.PsTotal{CurrentBytes: known(200), FileBytes: known(50)}}
	p.Host.Memory = document.PsHostMemory{TotalBytes: known(1000), FreeBytes: known(400), PageCacheBytes: known(300)}
	const want = "host: 1000 MiB · these containers 200 MiB · other page cache 250 MiB · other 150 MiB · free 400 MiB"
	if got := hostMemoryLine(p); got != want {
		t.Errorf("%s, wanted %s", got, want)
	}
	p.Total.FileBytes = known(500) // more than there is
	if got := hostMemoryLine(p); got != "" {
		t.Errorf("%s", got)
	}
}

// Over which time CPU use was measured is said, and not over a median of different things.
func TestCPUSince(t *testing.T) {
	line := func(since string, ms float64) document.PsLine {
		l := psLineOf("a", "running", "Up")
		l.CPU.Since, l.CPU.WindowMs = since, value.Known(ms)
		return l
	}
	early, start, window := line(document.SinceEarlier, 90_000), line(document.SinceStart, 5_000), line(document.SinceWindow, 2_000)
	for want, lines := range map[string][]document.PsLine{
		" · CPU since the last ps, 1 min ago":                     {early, early},
		" · CPU since the last ps, 1 min ago, or since the start": {early, start},
		" · CPU since the start":                                  {start},
		" · CPU over 2 s":                                         {window},
		"":                                                        {},
	} {
		if got := cpuSince(&document.Ps{Containers: lines}); got != want {
			t.Errorf("%q, wanted %q", got, want)
		}
	}
}
