package dockercli

import (
	"strings"
	"testing"

	"haltscope/compare/value"
)

func TestOneLine(t *testing.T) {
	got := oneLine("docker: no such \x1b[31mimage.\r\n\r\n  See 'docker run --help'.\n")
	if got != "docker: no such ␛[31mimage. See 'docker run --help'." {
		t.Errorf("%q", got)
	}
}

// A long command line leaves room for what docker said of it.
func TestLongCallError(t *testing.T) {
	e := &CallError{Argv: []string{"docker", "run", strings.Repeat("é", 1<<20)}, ExitCode: 1, Stderr: "no such image"}
	if text := value.Clean("starting: " + e.Error()); !strings.HasSuffix(text, "): no such image") {
		t.Errorf("…%q", text[len(text)-60:])
	}
}
