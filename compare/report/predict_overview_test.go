package report

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
)

// overviewDocument has one container of each kind, in no order.
func overviewDocument() *document.Predict {
	bytes := uint64(100 << 20)
	grace := document.Grace{Ms: value.Known(10000.0)}
	back, down := &document.AfterReboot{Outcome: "comes-back"}, &document.AfterReboot{Outcome: "stays-down"}
	return &document.Predict{Containers: []document.Predicted{
		{Name: "cache", Grace: grace, AfterReboot: back, Stop: document.Outcome{Outcome: "graceful", Reason: "handles"}},
		{Name: "db", Grace: grace, AfterReboot: back, AtRisk: []document.Risk{{Kind: "clients", Count: 3}},
			Stop: document.Outcome{Outcome: "undecided", Candidates: []value.Kind{"graceful", "forced"}, AfterMs: value.Known(10000.0),
				Reason: "work"}},
		{Name: "batch", Grace: grace, AfterReboot: down, AtRisk: []document.Risk{{Kind: "tmpfs", Names: []string{"/work"}, Bytes: &bytes}},
			Stop: document.Outcome{Outcome: "forced", AfterMs: value.Known(10000.0), Reason: "no-handler"}, Fix: []string{"handle it"}},
		{Name: "job", Grace: document.Grace{}, AfterReboot: &document.AfterReboot{Outcome: "undecided"},
			AtRisk: []document.Risk{{Kind: "unsignaled", Names: []string{"a", "b", "c", "d"}}, {Kind: "writable-layer", Names: []string{}}},
			Stop:   document.Outcome{Outcome: "inconclusive", Reason: "ignores"}},
		{Name: "plain", Grace: grace, Stop: document.Outcome{Outcome: "terminated", AfterMs: value.Known(0.0), Reason: "default-action"}},
	}}
}

// TestPredictOverview checks the lines, their order, and the sum.
func TestPredictOverview(t *testing.T) {
	var out strings.Builder
	if err := Table(&out, overviewDocument(), TableOptions{}); err != nil {
		t.Fatal(err)
	}
	columns := regexp.MustCompile(" {2,}")
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, columns.ReplaceAllString(strings.TrimSpace(line), "|"))
	}
	want := []string{"NAME|STOP|TIME|AFTER A REBOOT|AT RISK|WHY", got[1],
		"job|inconclusive|no limit|undecided|a, b, c and 1 more get no signal; its writable layer (--rm)|it ignores the signal",
		"batch|FORCED|10 s|stays down|/work (tmpfs, 100 MiB)|PID 1 without a handler: the kernel drops the signal",
		"db|graceful or forced|≤ 10 s|comes back|3 clients|it finishes its work first",
		"plain|terminated|at once|–|–|it has no handler: the signal ends it at once",
		"cache|graceful|≤ 10 s|comes back|–|it handles the signal", "",
		"5 containers: 1 inconclusive, 1 forced, 1 undecided, 1 terminated, at least one without a limit, 1 down after a reboot",
		"-v shows the reasons, the fixes and the evidence"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", out.String())
	}
}

// TestPredictOverviewNarrow checks that a terminal of 80 columns has one line for each container, and no reasons.
func TestPredictOverviewNarrow(t *testing.T) {
	d := overviewDocument()
	d.Containers = d.Containers[:3]
	var out strings.Builder
	if err := Table(&out, d, TableOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	want := `NAME   STOP                TIME    AFTER A REBOOT  AT RISK
─
batch  FORCED              10 s    stays down      /work (tmpfs, 100 MiB)
db     graceful or forced  ≤ 10 s  comes back      3 clients
cache  graceful            ≤ 10 s  comes back      –

3 containers: 1 forced, 1 undecided, longest 10 s, 1 down after a reboot
-v shows the reasons, the fixes and the evidence
`
	if got := strings.ReplaceAll(out.String(), "─", ""); got != strings.ReplaceAll(want, "─", "") {
		t.Errorf("got\n%s\nwanted\n%s", out.String(), want)
	}
}

// TestPredictOverviewUnpredicted checks that containers in a restart loop have a row, and count.
func TestPredictOverviewUnpredicted(t *testing.T) {
	d := overviewDocument()
	d.Containers = d.Containers[:1]
	d.Unpredicted = []document.Unpredicted{{Name: "loop", Status: "restarting", ExitCode: 3, Restarts: 12,
		AfterReboot: document.AfterReboot{Outcome: "comes-back"}}}
	d.DaemonAtBoot = value.Known(true)
	want := `NAME   STOP        TIME    AFTER A REBOOT  AT RISK  WHY

cache  graceful    ≤ 10 s  comes back      –        it handles the signal
loop   restarting  –       comes back      –        no process to read; exit code 3, restarted 12 times

2 containers: 1 graceful, 1 restarting, longest 10 s
`
	checkTable(t, d, want+"-v shows the reasons and the evidence\n")
	for line, boot := range map[string]value.Maybe[bool]{
		"nothing comes back while the Docker daemon is not started at boot: `systemctl enable docker`\n": value.Known(false),
		"\"comes back\" assumes that the Docker daemon starts at boot, which is not known: no systemd\n": value.Absent[bool](
			value.Unsupported, "no systemd"),
	} {
		d.DaemonAtBoot = boot
		checkTable(t, d, want+line+"-v shows the reasons and the evidence\n")
	}
	d.Containers = nil
	if got := overviewSum(d); got != "1 container: 1 restarting" {
		t.Error(got)
	}
}

// TestPredictOverviewEmpty checks what is said of no container, and of good ones only.
func TestPredictOverviewEmpty(t *testing.T) {
	checkTable(t, &document.Predict{}, "no running containers\n")
	d := overviewDocument()
	d.Containers = []document.Predicted{d.Containers[0], d.Containers[0]}
	if got := overviewSum(d); got != "2 containers: all graceful, longest 10 s" {
		t.Error(got)
	}
	d.Containers[1].Stop = document.Outcome{Outcome: "undecided"}
	if got := overviewSum(d); got != "2 containers: 1 undecided, longest 10 s, 1 for an unknown time" {
		t.Error(got)
	}
}

// TestReasonTexts checks that each reason of the rules has a text, and each text a reason.
func TestReasonTexts(t *testing.T) {
	for _, r := range prediction.StopReasons {
		if reasonTexts[string(r)] == "" {
			t.Errorf("no text for %s", r)
		}
	}
	if len(reasonTexts) != len(prediction.StopReasons) {
		t.Errorf("%d texts, %d reasons", len(reasonTexts), len(prediction.StopReasons))
	}
}
