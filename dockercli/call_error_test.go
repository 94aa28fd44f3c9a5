package dockercli

import (
	"strings"
	"testing"

	"haltscope/compare/value"
)

// A long command line leaves room for what docker said of it.
func TestLongCallError(t *testing.T) {
	e := &CallError{Argv: []string{"docker", "run", strings.Repeat("é", 1<<20)}, ExitCode: 1, Stderr: "no such image"}
	if text := value.Clean("starting: " + e.Error()); !strings.HasSuffix(text, "): no such image") {
		t.Errorf("…%q", text[len(text)-60:])
	}
}
