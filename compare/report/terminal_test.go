package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Every document fits the terminal, narrow or wide, also with names that have no blank to be wrapped at.
func TestEveryTableFits(t *testing.T) {
	endless := strings.Repeat("w", 250)
	documents := map[string]Document{
		"compare": sample(),
		"ps": &Ps{Containers: []PsLine{{Name: endless, Docker: PsState{Status: "Up 2 minutes (Paused)"}, Memory: PsMemory{CurrentBytes: Known[uint64](1 << 30)},
			Drift: []string{"frozen-outside-docker", "pause-unconfirmed"}}}},
		"inspect": &Inspect{Containers: []Inspected{{Name: endless, Cgroup: InspectedCgroup{Exists: true, Path: Known("/" + endless)},
			Agreement: []Question{{"memory", endless, "59.43 MiB, less inactive page cache as docker stats counts", Known(false)}},
			Memory:    InspectedMemory{Ledger: []HeldRow{{Kind: "anon", Bytes: Known[int64](5 << 20), HeldBy: []Holder{{Who: endless}}, FreedBy: "the end of its processes: docker stop"}}},
			Processes: []Process{{PID: 12345, Command: endless, Signals: Signals{Caught: Known([]string{"SIGTERM", "SIGINT"})}}},
			Findings:  []Finding{{"x", endless, []string{endless}}}}}},
		"predict": &Predict{Containers: []Predicted{{Name: endless, Stop: Foretold{Outcome: "forced", Because: []Reason{{endless, endless}}}}}},
		"check":   &Check{Image: endless, Expectations: []Expectation{{"exit-code", "0, 143", endless, Known(true)}}, Why: endless},
		"reclaim": &Reclaim{DryRun: true, Containers: []Reclaimed{{Name: endless, Cost: endless, Ledger: []LedgerRow{{Kind: "anon", BeforeBytes: Known[int64](1), FreedBy: endless}}}}},
		"action":  &Action{Containers: []Deed{{Name: endless, Paste: "docker stop " + endless, Back: Back{Effect: endless}, Events: []Event{{Action: endless}}}}},
	}
	for name, doc := range documents {
		for _, width := range []int{80, 120, 200} {
			t.Run(fmt.Sprintf("%s/%d", name, width), func(t *testing.T) {
				var out bytes.Buffer
				if err := doc.Table(&out, TableOptions{Width: width}); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(out.String()) {
					if n := text.StringWidth(strings.TrimSuffix(line, "\n")); n > width {
						t.Errorf("%d columns: %s", n, line)
					}
				}
				if strings.Contains(out.String(), "\x1b") {
					t.Error("colours nobody asked for")
				}
			})
		}
	}
}

// A sparkline tells what was, and what was not there.
func TestSparkline(t *testing.T) {
	all := []stretch{{0, 8, 10}, {8, 8, 100}}
	if got := sparkline(all, 0, 16, 100); got != "▁▁▁▁▁▁▁▁█·······" {
		t.Errorf("%s", got)
	}
	if got := sparkline([]stretch{{0, 16, 0}}, 0, 16, 0); got != strings.Repeat("▁", courseWidth) {
		t.Errorf("%s", got)
	}
}

// CPU use needs two samples, and a counter that did not fall.
func TestCPUCourse(t *testing.T) {
	known := Known[uint64]
	r := Run{Samples: []Sample{{AtMs: 0, CPUUsageUsec: known(0)}, {AtMs: 100, CPUUsageUsec: known(50_000)}, {AtMs: 101, CPUUsageUsec: known(50_900)},
		{AtMs: 200, CPUUsageUsec: known(60_000)}, {AtMs: 300}, {AtMs: 400, CPUUsageUsec: known(70_000)}, {AtMs: 500, CPUUsageUsec: known(10)}}}
	want := []stretch{{0, 100, 50}, {100, 200, 10}}
	if got := r.cpuCourse(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, wanted %v", got, want)
	}
}
