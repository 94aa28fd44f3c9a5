package report

import (
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// inspected returns the document of a container with one check of each result, memory of each kind, and more processes than a brief
// table shows.
func inspected() *document.Inspect {
	row := func(group, kind string, bytes value.Maybe[int64], who ...string) document.HeldRow {
		r := document.HeldRow{Group: group, Kind: kind, Bytes: bytes}
		for _, w := range who {
			r.HeldBy = append(r.HeldBy, document.Holder{Who: w})
		}
		return r
	}
	known := value.Known[int64]
	c := document.Inspected{Name: "web", ID: strings.Repeat("c0ffee", 10), Docker: document.DockerState{Status: "paused"},
		Cgroup:  document.InspectedCgroup{Exists: true, Path: value.Known("/docker/c0ffee")},
		Freezer: document.InspectedFreeze{FrozenMs: value.Known(4000.0)},
		Agreement: []document.Question{{Question: "paused", Docker: "paused", Kernel: "a freeze is requested", Agree: value.Known(true)},
			{Question: "memory", Docker: "2 MiB", Kernel: "1 MiB", Agree: value.Known(false)}, {Question: "cpu", Docker: "none", Kernel: "–"}},
		Memory: document.InspectedMemory{CurrentBytes: value.Known[uint64](3 << 20), Ledger: []document.HeldRow{
			row("anon", "anon", known(1<<20), "process 1 (web)"), row("anon", "anon_thp", known(1<<20), "process 2 (web)"),
			row("file", "file", value.Absent[int64](value.Failed, "denied")), row("shmem", "shmem", known(0)),
			row("sock", "sock", value.Absent[int64](value.Unsupported, "")), row("kernel", "kernel", known(1<<20))}},
		Findings: []document.Finding{{Kind: "frozen-above", Text: "it is frozen", Fix: []string{"echo 0 > /a/cgroup.freeze"}}},
		Explanation: []document.Sentence{{Text: "It is frozen.", Sources: []string{"cgroup.freeze"}},
			{Text: "To get it back: `docker stop web`."}}}
	for pid := range 5 {
		c.Processes = append(c.Processes, document.Process{PID: 100 + pid, Command: "web", State: value.Known("S"),
			RSSBytes: value.Known[uint64](1 << 20), Signals: document.Signals{Caught: value.Known([]string{"SIGTERM"})}})
	}
	return &document.Inspect{Host: document.Host{Engine: "docker"}, Containers: []document.Inspected{c}}
}

// TestInspectAnswer checks that a brief table says what is not as it should be, and names what is not known; what is 0 it leaves out.
func TestInspectAnswer(t *testing.T) {
	checkTable(t, &document.Inspect{}, "no running containers\n")
	checkTable(t, inspected(), "web  c0ffeec0ffee  paused, frozen for 4.00 s: "+
		`Docker and the kernel agree on 1 check, and differ on 1; 1 cannot be compared
  ⚠ frozen-above: it is frozen.
  fix:    echo 0 > /a/cgroup.freeze
  ⚠ differ  memory: Docker says 2 MiB; kernel: 1 MiB

 Memory: 3 MiB charged
  anonymous                  2 MiB  process 1 (web); process 2 (web)
  page cache            failed: denied
  kernel                     1 MiB
  100     web  S  RSS 1 MiB  catches SIGTERM
  101     web  S  RSS 1 MiB  catches SIGTERM
  102     web  S  RSS 1 MiB  catches SIGTERM
  and 2 more processes
  To get it back: `+"`docker stop web`"+`.
  -v shows each check, all holders and the evidence
`)
}

// TestInspectEvidence checks that Markdown, HTML and the table with the evidence have it all, and nothing that stands for it.
func TestInspectEvidence(t *testing.T) {
	evidence := []string{"a freeze is requested", "anonymous, huge pages", "104", "It is frozen.", "cgroup.freeze",
		"not reported by this kernel"}
	for name, layout := range map[string]func(*strings.Builder) error{
		"table":    func(b *strings.Builder) error { return Table(b, inspected(), TableOptions{Evidence: true}) },
		"markdown": func(b *strings.Builder) error { return Markdown(b, inspected()) },
		"html":     func(b *strings.Builder) error { return HTML(b, inspected()) },
	} {
		var b strings.Builder
		if err := layout(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range evidence {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, &b)
			}
		}
		for _, brief := range []string{"-v shows", "more processes", "⚠ differ  memory"} {
			if strings.Contains(b.String(), brief) {
				t.Errorf("%s: %q in\n%s", name, brief, &b)
			}
		}
	}
}
