package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestPredictTable checks the answer, and the evidence that follows it if it is asked for.
func TestPredictTable(t *testing.T) {
	yes, no := true, false
	doc := &document.Predict{Containers: []document.Predicted{{
		Name: "web", Signal: document.StopSignal{Name: "SIGTERM", From: "docker's default"}, Grace: document.Grace{From: "--stop-timeout"},
		Stop: document.Outcome{Outcome: "undecided", Candidates: []value.Kind{"graceful", "forced"}, ExitCodes: []int{137}, OwnExitCode: true,
			AfterMs: value.Known(10000.0), Because: []document.Because{{Source: "/proc/1/status", Value: "it catches SIGTERM"}},
			DecidedBy: "whether it ends within the grace", Observed: &document.Observed{Outcome: "graceful", ExitCode: value.Known(0)}, Match: &yes},
		Kill: document.Outcome{Outcome: "killed", ExitCodes: []int{137}, AfterMs: value.Known(0.0),
			Observed: &document.Observed{Outcome: "runs-on", EffectMs: value.Known(20.0)}, Match: &no},
		Pause: document.Outcome{Outcome: "paused"}, Match: &no, Fix: []string{"exec the program"}, Skipped: []string{"ports"},
		AtRisk:       []document.Risk{{Kind: "clients", Count: 2}, {Kind: "unsignaled", Names: []string{"sleep (7)"}}},
		Consequences: []document.Because{{Source: "docker inspect", Value: "restarted by its policy"}}}}}
	answer := `web  docker stop: graceful or forced, after at most 10.00 s
  twin:   graceful, exit code 0; as predicted: yes
  depends on whether it ends within the grace
  fix:    exec the program
  risk:   2 clients · sleep (7) gets no signal
  kill:   killed immediately, exit code 137; unsaved data lost
  twin:   runs-on, after 20.0 ms; as predicted: no
  pause:  paused
`
	evidence := `
Stop signal SIGTERM (docker's default) · grace forever (--stop-timeout)
             docker stop               docker kill             docker pause
  ───────────────────────────────────────────────────────────────────────────────────
  outcome    graceful or forced        killed                  paused
  exit code  the program's own or 137  137                     –
  after      at most 10.00 s           immediately             decided by the program
  observed   graceful, exit code 0     runs-on, after 20.0 ms  –
  match      yes                       no                      –

Why (docker stop)
  it catches SIGTERM  [/proc/1/status]
  Depends on: whether it ends within the grace

Other consequences
  restarted by its policy  [docker inspect]

Not copied to the twins
  ports
`
	checkTable(t, doc, answer+"  -v shows 1 consequence and the evidence\n")
	var full strings.Builder
	if err := Table(&full, doc, TableOptions{Evidence: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(answer+evidence, "─", ""), strings.ReplaceAll(full.String(), "─", "")); diff != "" {
		t.Error(diff)
	}
}
