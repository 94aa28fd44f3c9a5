package dockercli

import (
	"strings"
	"testing"

	"haltscope/compare/value"
)

// What docker said comes before a long command line.
func TestLongCallError(t *testing.T) {
	e := &CallError{Argv: []string{"docker", "run", strings.Repeat("é", 1<<20)}, ExitCode: 1, Stderr: "no such image"}
	if text := value.Clean("starting: " + e.Error()); !strings.HasPrefix(text, "starting: docker: no such image; ") {
		t.Errorf("%.60q", text)
	}
}
