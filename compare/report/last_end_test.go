package report

import (
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestLastEndLine: what inspect says about the last run of a container, and about a start that failed since.
func TestLastEndLine(t *testing.T) {
	at, code := value.Known("2026-05-20T12:00:00Z"), value.Known(137)
	for name, c := range map[string]struct {
		end  document.LastEnd
		want string
	}{
		"ended": {document.LastEnd{Verdict: value.Killed, Confidence: value.Certain, How: "a client requested SIGKILL", ExitCode: code,
			EndedAt: at},
			"its last run: killed (certain), exit code 137, 2026-05-20 12:00:00 UTC: a client requested SIGKILL"},
		"code not known": {document.LastEnd{Verdict: value.Forced, Confidence: value.Likely}, "its last run: forced (likely)"},
		"never started":  {document.LastEnd{StartError: "no such file"}, "its last start failed: no such file"},
		"did not start again": {document.LastEnd{Verdict: value.Exited, Confidence: value.Likely, StartError: "port is in use"},
			"its last start failed: port is in use; its last run: exited (likely)"},
	} {
		if got := words(lastEndLine(&c.end)); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestLastEndCell checks how long ago an end is said to be: not before it, unless only the fraction of a second is missing.
func TestLastEndCell(t *testing.T) {
	for now, want := range map[string]string{
		"2026-05-20T12:00:00Z": "killed 0 s", "2026-05-20T12:00:03Z": "killed 2 s", "2026-05-20T14:00:01Z": "killed 2 h",
		"2026-05-20T11:59:59Z": "killed", "": "killed",
	} {
		end := value.Known(document.LastEnd{Verdict: value.Killed, EndedAt: value.Known("2026-05-20T12:00:00.9Z")})
		if got := lastEndCell(end, now).text; got != want {
			t.Errorf("at %q: %q, not %q", now, got, want)
		}
	}
}
