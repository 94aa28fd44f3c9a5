package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// sample returns a comparison with one of each kind of cell.
func sample() *document.Compare {
	gone, gone64 := value.Absent[uint64](value.Vanished, "the cgroup is gone"), value.Absent[int64](value.Vanished, "the cgroup is gone")
	return &document.Compare{
		Schema: document.CompareSchema,
		Host:   document.Host{EngineVersion: "26.1.5", ClientVersion: "26.1.5", CgroupVersion: 2, CgroupDriver: "cgroupfs", Kernel: "6.12"},
		Image:  "haltscope-workload:1", Command: []string{"--cpu", "5"}, Embedded: true,
		Arms: []document.Arm{
			{Action: "stop:1s", Runs: []document.Run{{
				Verdict: document.Verdict{Kind: "forced"},
				Command: document.Command{ExitCode: value.Known(0)},
				State: document.State{Status: value.Known("exited"), ExitCode: value.Known(137), OOMKilled: value.Known(true),
					Ps: value.Known("Exited (137) 2 minutes ago")},
				Events: []document.Event{{Action: "kill", Signal: value.Known(15)},
					{Action: "kill", Signal: value.Absent[int](value.Failed, "a label")},
					{Action: "die", ExitCode: value.Known(137)}, {Action: "stop"}},
				Top:   document.Top{Error: "Error response from daemon: Container " + strings.Repeat("ab", 32) + " is not running"},
				Stats: document.Stats{CPUPercent: value.Known(0.0), MemoryBytes: value.Known(0.0)},
				Cgroup: document.Cgroup{Freezer: document.Freezer{Requested: value.Absent[bool](value.Vanished, ""),
					Frozen: value.Absent[bool](value.Vanished, "")}},
				Memory: document.Memory{BeforeBytes: value.Known[uint64](104 << 20), AfterBytes: gone,
					Ledger: []document.LedgerRow{{Kind: "anon", Group: "anon", BeforeBytes: value.Known[int64](64 << 20),
						Bytes: value.Absent[int64](value.Vanished, "")}}},
				CPU:    document.CPU{UsageUsecBefore: value.Known[uint64](1500), UsageUsecDuring: gone},
				Data:   document.Data{Acknowledged: value.Known(620), Persisted: value.Known(433), Lost: value.Known(187)},
				Resume: document.Resume{Command: value.Known("start"), OK: true, SameProcess: value.Known(false), StateSurvived: value.Known(false)},
				Timing: document.Timing{CommandMs: value.Known(1050.0), EffectMs: value.Known(1020.5)},
				Samples: []document.Sample{{AtMs: -1000, MemoryBytes: value.Known[uint64](52 << 20)},
					{AtMs: 0, MemoryBytes: value.Known[uint64](104 << 20)}},
			}}},
			{Action: "pause", Runs: []document.Run{{
				Verdict: document.Verdict{Kind: "paused"},
				Command: document.Command{ExitCode: value.Known(0)},
				State:   document.State{Status: value.Known("paused"), Ps: value.Known("Up About a minute (Paused)")},
				Events:  []document.Event{{Action: "pause"}},
				Top:     document.Top{OK: true, Processes: value.Known(3)},
				Stats: document.Stats{CPUPercent: value.Absent[float64](value.Failed, "docker stats had no sample"),
					MemoryBytes: value.Absent[float64](value.Failed, "")},
				Cgroup: document.Cgroup{Exists: true, MembersAfter: value.Known(3),
					Freezer: document.Freezer{Requested: value.Known(true), Frozen: value.Known(true)}},
				Memory: document.Memory{BeforeBytes: value.Known[uint64](104 << 20), AfterBytes: value.Known[uint64](104 << 20),
					Ledger: []document.LedgerRow{{Kind: "anon", Group: "anon", BeforeBytes: value.Known[int64](0),
						Bytes: value.Absent[int64](value.Unsupported, "")}}},
				CPU: document.CPU{UsageUsecBefore: value.Absent[uint64](value.Denied, ""), UsageUsecDuring: value.Known[uint64](0),
					DuringMs: value.Known(3000.0)},
				Resume: document.Resume{Command: value.Known("unpause"), Error: "Error response from daemon: no"},
				Timing: document.Timing{CommandMs: value.Known(60.0), EffectMs: value.Known(2.1)},
			}}},
		},
		Explanation: []document.Sentence{{Text: "They still exist.", Sources: []string{"cgroup.procs"}}},
		Proofs: []document.Proof{
			{Claim: "kept", Text: "It stays.", Holds: value.Known(true), Measured: "1 B, and 1 B.", Figures: []document.ProofFigure{
				{Name: "memory", Before: value.Known[int64](1), After: value.Known[int64](1), Source: "memory.current"},
				{Name: "anon", Before: value.Known[int64](1), After: gone64, Source: "memory.stat: anon"},
				{Name: "touch", Source: "a log"}}},
			{Claim: "goes", Text: "It goes.", Holds: value.Known(false), Measured: "1 B, and 1 B.", HoldsIf: "there is 0 B"},
			{Claim: "swapped", Text: "It moves.", Holds: value.Absent[bool](value.NotMeasured, "there was too little"), Measured: "0 B."},
			{Claim: "reclaimed", Text: "It is taken.", Holds: value.Absent[bool](value.Unsupported, "this kernel cannot")},
		},
	}
}

// TestTable checks the whole table of a comparison.
func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := Table(&out, sample(), TableOptions{}); err != nil {
		t.Fatal(err)
	}
	want := `docker stop 1s ended the program by force after 1.02 s and lost 187 of 620 records.
docker pause froze the container after 2.1 ms; its 104 MiB stay in memory.

                 docker stop 1s                                docker pause
────────────────────────────────────────
verdict          forced, ended after 1.02 s                    paused, frozen after 2.1 ms
docker command   exit code 0 after 1.05 s                      exit code 0 after 60.0 ms
docker ps -a     Exited (137)                                  Up (Paused)
docker inspect   exited, exit code 137, OOMKilled              paused
docker top       error: Container abababababab is not running  3 processes
docker stats     CPU 0 %, memory 0 B                           failed: docker stats had no sample
docker events    kill(15) → kill(?) → die(137) → stop          pause
cgroup           gone                                          exists, 3 processes
freezer          gone                                          requested and frozen
memory           104 MiB → gone                                104 MiB → 104 MiB
  over time      ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅ 52 MiB to 104 MiB            –
  anon           64 MiB → gone                                 0 B → unsupported
CPU time before  1.5 ms                                        denied
CPU time during  gone                                          +0 µs in 3.00 s
  over time      –                                             –
records          187 of 620 lost                               –
restored by      docker start: new process, memory lost        docker unpause failed: no

Why the paused container keeps its 104 MiB
  They still exist.  [cgroup.procs]

Proved on the twins
  ✓ It stays.
    1 B, and 1 B.  [memory.current; memory.stat: anon]
  ✗ It goes.
    1 B, and 1 B. The claim would hold if there is 0 B.
  – It moves.
    0 B. This is inconclusive: there was too little.
  – It is taken.
    Not tested: this kernel cannot.

Compared
  embedded workload: --cpu 5
  Docker 26.1.5 · cgroup v2, cgroupfs driver · kernel 6.12
`
	// The width of the rule below the header is not checked.
	got := out.String()
	if diff := cmp.Diff(strings.ReplaceAll(want, "─", ""), strings.ReplaceAll(got, "─", "")); diff != "" {
		t.Error(diff)
	}
}

// TestTableWidth checks that the table fits 80 columns, and has no colors unless requested.
func TestTableWidth(t *testing.T) {
	var out bytes.Buffer
	if err := Table(&out, sample(), TableOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("unwanted colors")
	}
}

// TestNotes checks that an absent value is null and has a note, and that 0 is 0 and has none.
func TestNotes(t *testing.T) {
	doc := sample()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	nulls := bytes.Count(data, []byte(":null"))
	notes := document.Notes(doc)
	if nulls == 0 || len(notes) == 0 || len(notes) > nulls {
		t.Errorf("%d nulls, %d notes", nulls, len(notes))
	}
	find := func(field string) *document.Note {
		for i := range notes {
			if notes[i].Field == field {
				return &notes[i]
			}
		}
		return nil
	}
	for field, reason := range map[string]value.Reason{
		"arms[0].runs[0].memory.after_bytes":    value.Vanished,
		"arms[0].runs[0].memory.ledger[].bytes": value.Vanished,
		"arms[1].runs[0].stats.cpu_percent":     value.Failed,
		"arms[1].runs[0].data.lost":             value.NotMeasured,
		"arms[1].runs[0].cpu.usage_usec_before": value.Denied,
	} {
		if n := find(field); n == nil || n.Reason != reason {
			t.Errorf("%s: %v, wanted %s", field, n, reason)
		}
	}
	for _, field := range []string{"arms[0].runs[0].stats.cpu_percent", "arms[1].runs[0].cpu.usage_usec_during"} {
		if n := find(field); n != nil {
			t.Errorf("a note on a value that exists: %v", n)
		}
	}
}

// checkTable compares the table of a document, without the width of the rules below headers.
func checkTable(t *testing.T, doc document.Document, want string) {
	t.Helper()
	var out bytes.Buffer
	if err := Table(&out, doc, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(want, "─", ""), strings.ReplaceAll(out.String(), "─", "")); diff != "" {
		t.Error(diff)
	}
}
