package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestEveryTableFits checks that every document fits the terminal, even with names that cannot be wrapped. Only commands may be wider.
func TestEveryTableFits(t *testing.T) {
	endless := strings.Repeat("w", 250)
	documents := map[string]document.Document{
		"compare": sample(),
		"ps": &document.Ps{Containers: []document.PsLine{{Name: endless, Docker: document.PsState{Status: "Up 2 minutes (Paused)"},
			Memory: document.PsMemory{CurrentBytes: value.Known[uint64](1 << 30)},
			Drift:  []document.FindingKind{"frozen-outside-docker", "pause-unconfirmed"}}}},
		"inspect": &document.Inspect{Containers: []document.Inspected{{Name: endless,
			Cgroup: document.InspectedCgroup{Exists: true, Path: value.Known("/" + endless)},
			Agreement: []document.Question{{Question: "memory", Docker: endless,
				Kernel: "59.43 MiB, less inactive page cache as docker stats counts", Agree: value.Known(false)}},
			Memory: document.InspectedMemory{Ledger: []document.HeldRow{{Kind: "anon", Bytes: value.Known[int64](5 << 20),
				HeldBy: []document.Holder{{Who: endless}}, FreedBy: "the end of its processes: docker stop"}}},
			Processes: []document.Process{{PID: 12345, Command: endless,
				Signals: document.Signals{Caught: value.Known([]string{"SIGTERM", "SIGINT"})}}},
			Findings: []document.Finding{{Kind: "x", Text: endless}}}}},
		"predict": &document.Predict{Containers: []document.Predicted{{Name: endless,
			Stop: document.Outcome{Outcome: "forced", Because: []document.Because{{Source: endless, Value: endless}}}}}},
		"why": &document.Why{Since: "2026-05-20T12:00:00Z", Containers: []document.WhyContainer{{Name: endless, Warnings: []string{endless},
			Runs: []document.WhyRun{{EndedAt: value.Known("2026-05-20T12:00:00Z"), LogHint: endless, Next: []string{"docker logs web"},
				Verdict: document.WhyVerdict{Kind: value.Crashed, How: endless, Because: []document.WhyBecause{{Source: endless, Value: endless}}}}}}}},
		"check": &document.Check{Image: endless,
			Expectations: []document.Expectation{{Name: "exit-code", Want: "0, 143", Got: endless, Pass: value.Known(true)}}, Why: endless},
		"reclaim": &document.Reclaim{DryRun: true,
			Containers: []document.Reclaimed{{Name: endless, ResumeCost: endless,
				Ledger: []document.LedgerRow{{Kind: "anon", BeforeBytes: value.Known[int64](1), FreedBy: endless}}}}},
		"action": &document.Action{Containers: []document.ContainerAction{{Name: endless, Paste: "docker stop web",
			Undo: document.Undo{Effect: endless}, Events: []document.Event{{Action: endless}}}}},
	}
	for name, doc := range documents {
		for _, o := range []TableOptions{{Width: 80}, {Width: 80, Evidence: true}, {Width: 120}, {Width: 200, Evidence: true}} {
			width := o.Width
			t.Run(fmt.Sprintf("%s/%d/%v", name, width, o.Evidence), func(t *testing.T) {
				var out bytes.Buffer
				if err := Table(&out, doc, o); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(out.String()) {
					if n := text.StringWidth(strings.TrimSuffix(line, "\n")); n > width {
						t.Errorf("%d columns: %s", n, line)
					}
				}
				if strings.Contains(out.String(), "\x1b") {
					t.Error("unwanted colors")
				}
			})
		}
	}
}

// TestColors checks that the options decide about colors, whatever the library makes of the environment.
func TestColors(t *testing.T) {
	text.DisableColors() // as it does at its start where NO_COLOR is set
	for _, color := range []bool{true, false} {
		var out bytes.Buffer
		if err := Table(&out, checked(), TableOptions{Color: color}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "\x1b["); got != color {
			t.Errorf("color %t: %q", color, &out)
		}
	}
}

// TestSparkline checks the heights, and the mark of a time without a value.
func TestSparkline(t *testing.T) {
	all := []interval{{0, 8, 10}, {8, 8, 100}}
	if got := sparkline(all, 0, 16, 100); got != "▁▁▁▁▁▁▁▁█·······" {
		t.Errorf("%s", got)
	}
	if got := sparkline([]interval{{0, 16, 0}}, 0, 16, 0); got != strings.Repeat("▁", sparklineWidth) {
		t.Errorf("%s", got)
	}
}

// TestCPUSeries checks that CPU use needs two samples that are not too close, and a counter that did not fall.
func TestCPUSeries(t *testing.T) {
	known := value.Known[uint64]
	r := document.Run{Samples: []document.Sample{{AtMs: 0, CPUUsageUsec: known(0)}, {AtMs: 100, CPUUsageUsec: known(50_000)},
		{AtMs: 101, CPUUsageUsec: known(50_900)},
		{AtMs: 200, CPUUsageUsec: known(60_000)}, {AtMs: 300}, {AtMs: 400, CPUUsageUsec: known(70_000)}, {AtMs: 500, CPUUsageUsec: known(10)},
		{AtMs: 510, CPUUsageUsec: known(5000)}}}
	want := []interval{{0, 100, 50}, {100, 200, 10}}
	if got := cpuSeries(&r); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, wanted %v", got, want)
	}
}
