package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// explained returns the document of a run with some observations.
func explained(observations int) *document.Why {
	r := document.WhyRun{StartedAt: value.Known("2026-05-20T12:00:00Z"), EndedAt: value.Known("2026-05-20T12:00:09Z"),
		UptimeMs: value.Known(9000.0), ExitCode: value.Known(3), Means: "the program's own, a failure", Next: []string{"docker logs web"},
		Verdict: document.WhyVerdict{Kind: value.Crashed, Confidence: value.Certain}}
	for n := range observations {
		r.Verdict.Because = append(r.Verdict.Because, document.WhyBecause{Source: "docker events", Value: fmt.Sprint("signal ", n),
			At: value.Known("2026-05-20T12:00:08Z")})
	}
	host := document.Host{Engine: "docker", EngineVersion: "26.1", CgroupVersion: 2, CgroupDriver: "systemd", Kernel: "6.1"}
	return &document.Why{Host: host,
		Containers: []document.WhyContainer{{Name: "web", ID: strings.Repeat("c0ffee", 10), Runs: []document.WhyRun{r}}}}
}

// TestWhyTable checks that a table begins with the answer, and that a brief one has the last observations and says how to see the others.
func TestWhyTable(t *testing.T) {
	const before = `web (c0ffeec0ffee): crashed (certain)
  exit code  3 (the program's own, a failure)
  ran        from 2026-05-20 12:00:00 UTC to 2026-05-20 12:00:09 UTC: 9.00 s
`
	checkTable(t, explained(1), before+`  because    signal 0, 12:00:08.000  [docker events]
  next       docker logs web
`)
	checkTable(t, explained(7), before+`  because    signal 3, 12:00:08.000  [docker events]
             signal 4, 12:00:08.000  [docker events]
             signal 5, 12:00:08.000  [docker events]
             signal 6, 12:00:08.000  [docker events]
  next       docker logs web
  -v shows 3 more observations
`)
	var all bytes.Buffer
	if err := Table(&all, explained(7), TableOptions{Evidence: true}); err != nil {
		t.Fatal(err)
	}
	text := all.String()
	if strings.Count(text, "[docker events]") != 7 || strings.Contains(text, "-v shows") || !strings.HasPrefix(text, before) ||
		!strings.HasSuffix(text, "\nHost\n  Docker 26.1 · cgroup v2, systemd driver · kernel 6.1\n") {
		t.Error(text)
	}
}

// TestWhySince checks that a list fits a terminal with long names, and that a brief table explains the last end of a container.
func TestWhySince(t *testing.T) {
	d := explained(1)
	c := &d.Containers[0]
	d.Since, c.Name = "2026-05-20T11:00:00Z", "team-service-with-a-name-so-long-that-little-is-left-1"
	c.Runs = append(c.Runs, c.Runs[0], c.Runs[0])
	d.Containers = append(d.Containers, document.WhyContainer{Name: "db", ID: strings.Repeat("beef", 16), Runs: c.Runs[:1]})
	var out bytes.Buffer
	if err := Table(&out, d, TableOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	got, explanation, _ := strings.Cut(strings.ReplaceAll(out.String(), "─", ""), "\n\n"+c.Name+" (")
	line := c.Name + "\n           2026-05-20 12:00:09 UTC  crashed          3\n"
	if want := "container  ended                    verdict  exit code\n\n" + strings.Repeat(line, 3) +
		"db         2026-05-20 12:00:09 UTC  crashed          3"; got != want {
		t.Errorf("got\n%s\nwanted\n%s", got, want)
	}
	if strings.Count(explanation, "exit code  3") != 2 || !strings.HasSuffix(explanation,
		"  -v explains 2 earlier ends of these containers, with all observations\n") {
		t.Error(explanation)
	}
}

// TestWhyWarning checks that a warning names its container: that may not be explained otherwise.
func TestWhyWarning(t *testing.T) {
	d := explained(1)
	d.Containers = append(d.Containers, document.WhyContainer{Name: "db", ID: strings.Repeat("beef", 16), Warnings: []string{"it had a twin"}})
	var out bytes.Buffer
	if err := Table(&out, d, TableOptions{}); err != nil || !strings.Contains(out.String(), "⚠ db (beefbeefbeef): it had a twin\n") {
		t.Error(out.String(), err)
	}
}

// TestWhyHTML checks that a page has a title, names the host once and has all observations once.
func TestWhyHTML(t *testing.T) {
	var out bytes.Buffer
	if err := HTML(&out, explained(7)); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"<h1>haltscope why: web</h1>": 1, "kernel 6.1": 1, "[docker events]": 7, "-v shows": 0} {
		if n := strings.Count(out.String(), text); n != want {
			t.Errorf("%q: %d times, want %d", text, n, want)
		}
	}
}
