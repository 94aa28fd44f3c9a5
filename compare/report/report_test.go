package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is a comparison with one of each kind of cell.
func sample() *Compare {
	gone, gone64 := Absent[uint64](Vanished, "the cgroup is gone"), Absent[int64](Vanished, "the cgroup is gone")
	return &Compare{
		Schema: CompareSchema,
		Host:   Host{EngineVersion: "26.1.5", ClientVersion: "26.1.5", CgroupVersion: 2, CgroupDriver: "cgroupfs", Kernel: "6.12"},
		Image:  "haltscope-workload:1", Command: []string{"--cpu", "5"}, Embedded: true,
		Arms: []Arm{
			{Action: "stop:1s", Runs: []Run{{
				Verdict: Verdict{Kind: "forced"},
				Command: Command{ExitCode: Known(0)},
				State:   State{Status: Known("exited"), ExitCode: Known(137), OOMKilled: Known(true), Ps: Known("Exited (137) 2 minutes ago")},
				Events: []Event{{Action: "kill", Signal: Known(15)}, {Action: "kill", Signal: Absent[int](Failed, "a label")},
					{Action: "die", ExitCode: Known(137)}, {Action: "stop"}},
				Top:    Top{Error: "Error response from daemon: Container " + strings.Repeat("ab", 32) + " is not running"},
				Stats:  Stats{CPUPercent: Known(0.0), MemoryBytes: Known(0.0)},
				Cgroup: Cgroup{Freezer: Freezer{Requested: Absent[bool](Vanished, ""), Frozen: Absent[bool](Vanished, "")}},
				Memory: Memory{BeforeBytes: Known[uint64](104 << 20), AfterBytes: gone,
					Ledger: []LedgerRow{{Kind: "anon", Group: "anon", BeforeBytes: Known[int64](64 << 20), Bytes: Absent[int64](Vanished, "")}}},
				CPU:     CPU{UsageUsecBefore: Known[uint64](1500), UsageUsecDuring: gone},
				Data:    Data{Acknowledged: Known(620), Persisted: Known(433), Lost: Known(187)},
				Resume:  Resume{Command: Known("start"), OK: true, SameProcess: Known(false), StateSurvived: Known(false)},
				Timing:  Timing{CommandMs: Known(1050.0), EffectMs: Known(1020.5)},
				Samples: []Sample{{AtMs: -1000, MemoryBytes: Known[uint64](52 << 20)}, {AtMs: 0, MemoryBytes: Known[uint64](104 << 20)}},
			}}},
			{Action: "pause", Runs: []Run{{
				Verdict: Verdict{Kind: "paused"},
				Command: Command{ExitCode: Known(0)},
				State:   State{Status: Known("paused"), Ps: Known("Up About a minute (Paused)")},
				Events:  []Event{{Action: "pause"}},
				Top:     Top{OK: true, Processes: Known(3)},
				Stats:   Stats{CPUPercent: Absent[float64](Failed, "docker stats had no sample"), MemoryBytes: Absent[float64](Failed, "")},
				Cgroup:  Cgroup{Exists: true, MembersAfter: Known(3), Freezer: Freezer{Requested: Known(true), Frozen: Known(true)}},
				Memory: Memory{BeforeBytes: Known[uint64](104 << 20), AfterBytes: Known[uint64](104 << 20),
					Ledger: []LedgerRow{{Kind: "anon", Group: "anon", BeforeBytes: Known[int64](0), Bytes: Absent[int64](Unsupported, "")}}},
				CPU:    CPU{UsageUsecBefore: Absent[uint64](Denied, ""), UsageUsecDuring: Known[uint64](0), DuringMs: Known(3000.0)},
				Resume: Resume{Command: Known("unpause"), Error: "Error response from daemon: no"},
				Timing: Timing{CommandMs: Known(60.0), EffectMs: Known(2.1)},
			}}},
		},
		Explanation: []Sentence{{Text: "They still exist.", Sources: []string{"cgroup.procs"}}},
		Proofs: []Proof{
			{Claim: "kept", Text: "It stays.", Holds: Known(true), Measured: "1 B, and 1 B.", Figures: []ProofFigure{
				{Name: "memory", Before: Known[int64](1), After: Known[int64](1), Source: "memory.current"},
				{Name: "anon", Before: Known[int64](1), After: gone64, Source: "memory.stat: anon"},
				{Name: "touch", Source: "a log"}}},
			{Claim: "goes", Text: "It goes.", Holds: Known(false), Measured: "1 B, and 1 B.", HoldsIf: "there is 0 B"},
			{Claim: "swapped", Text: "It moves.", Holds: Absent[bool](NotMeasured, "there was too little"), Measured: "0 B."},
			{Claim: "reclaimed", Text: "It is taken.", Holds: Absent[bool](Unsupported, "this kernel cannot")},
		},
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := sample().Table(&out, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	want := `Docker 26.1.5 · cgroup v2, cgroupfs driver · kernel 6.12 · embedded workload: --cpu 5

                 docker stop 1s                                docker pause
───────────────────────────────────────────────────────────────────────────────────────────────────────
verdict          forced, ended after 1.02 s                    paused, frozen after 2.1 ms
docker command   exit code 0 after 1.05 s                      exit code 0 after 60.0 ms
docker ps -a     Exited (137)                                  Up (Paused)
docker inspect   exited, exit code 137, OOMKilled              paused
docker top       error: Container abababababab is not running  3 processes
docker stats     CPU 0 %, memory 0 B                           failed: docker stats had no sample
docker events    kill(15) → kill(?) → die(137) → stop          pause
cgroup           gone                                          there, with 3 processes
freezer          gone                                          requested, and frozen
memory           104 MiB → gone                                104 MiB → 104 MiB
  over time      ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅ 52 MiB to 104 MiB            –
  anon           64 MiB → gone                                 0 B → unsupported
CPU time before  1.5 ms                                        denied
CPU time during  gone                                          +0 µs in 3.00 s
  over time      –                                             –
records          187 of 620 lost                               –
back again       docker start: new process, memory lost        docker unpause failed: no

Why the paused container keeps its 104 MiB
  They still exist.  [cgroup.procs]

Proved on the twins
  ✓ It stays.
    1 B, and 1 B.  [memory.current; memory.stat: anon]
  ✗ It goes.
    1 B, and 1 B. It would hold if there is 0 B.
  – It moves.
    0 B. It does not decide: there was too little.
  – It is taken.
    Not tested: this kernel cannot.
`
	// The rule below the header is as wide as the table.
	got := out.String()
	if diff := cmp.Diff(strings.ReplaceAll(want, "─", ""), strings.ReplaceAll(got, "─", "")); diff != "" {
		t.Error(diff)
	}
}

// The table fits 80 columns, and has colours only when asked.
func TestTableWidth(t *testing.T) {
	var out bytes.Buffer
	if err := sample().Table(&out, TableOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("colours nobody asked for")
	}
}

// A value that is not there is null, and has a note; one that is 0 is 0 and has none.
func TestNotes(t *testing.T) {
	doc := sample()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	nulls := bytes.Count(data, []byte(":null"))
	notes := Notes(doc)
	if nulls == 0 || len(notes) == 0 || len(notes) > nulls {
		t.Errorf("%d nulls, %d notes", nulls, len(notes))
	}
	find := func(field string) *Note {
		for i := range notes {
			if notes[i].Field == field {
				return &notes[i]
			}
		}
		return nil
	}
	for field, reason := range map[string]string{
		"arms[0].runs[0].memory.after_bytes":    Vanished,
		"arms[0].runs[0].memory.ledger[].bytes": Vanished,
		"arms[1].runs[0].stats.cpu_percent":     Failed,
		"arms[1].runs[0].data.lost":             NotMeasured,
		"arms[1].runs[0].cpu.usage_usec_before": Denied,
	} {
		if n := find(field); n == nil || n.Reason != reason {
			t.Errorf("%s: %v, wanted %s", field, n, reason)
		}
	}
	for _, field := range []string{"arms[0].runs[0].stats.cpu_percent", "arms[1].runs[0].cpu.usage_usec_during"} {
		if n := find(field); n != nil {
			t.Errorf("a note on what is there: %v", n)
		}
	}
}

func TestFormat(t *testing.T) {
	for got, want := range map[string]string{
		Bytes(uint64(0)): "0 B", Bytes(uint64(1023)): "1023 B", Bytes(uint64(4096)): "4 KiB", Bytes(int64(-2 << 20)): "−2 MiB", Bytes(97.2 * (1 << 20)): "97.2 MiB",
		Duration(0.002): "2 µs", Duration(2.13): "2.1 ms", Duration(250.4): "250 ms", Duration(1050): "1.05 s",
		Usec(0): "+0 µs", Usec(999): "+999 µs", Usec(475_000): "+475 ms",
	} {
		if got != want {
			t.Errorf("%q, wanted %q", got, want)
		}
	}
}
