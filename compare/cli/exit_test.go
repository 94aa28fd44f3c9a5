package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// TestFail checks the exit code of each kind of error, the lines of the log, and their hints.
func TestFail(t *testing.T) {
	failed := errors.New("failed")
	usage := &fault.UsageError{Text: "usage", Next: "see: x"}
	unfit := &fault.UnfitError{What: "unfit", Next: "see: y"}
	for _, c := range []struct {
		name  string
		err   error
		code  int
		lines int
		hint  string
	}{
		{"none", nil, ExitDone, 0, ""},
		{"plain", failed, ExitFailed, 1, ""},
		{"usage", usage, ExitUsage, 1, "see: x"},
		{"wrapped", fmt.Errorf("wrapped: %w", usage), ExitUsage, 1, "see: x"},
		{"unfit", unfit, ExitUnfit, 1, "see: y; more: haltscope doctor"},
		{"not met", fault.ErrNotMet, ExitNotMet, 1, ""},
		{"not found", fmt.Errorf("web: %w", dockercli.ErrNotFound), ExitNotFound, 1, ""},
		{"interrupted", fmt.Errorf("%w: %w", fault.ErrInterrupted, failed), ExitInterrupted, 1, ""},
		{"several, the highest code counts", errors.Join(failed, dockercli.ErrNotFound, usage), ExitNotFound, 3, "see: x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			if code := Fail(zerolog.New(&log), c.err); code != c.code {
				t.Errorf("exit code %d, wanted %d", code, c.code)
			}
			if lines := strings.Count(log.String(), "\n"); lines != c.lines || c.hint != "" &&
				!strings.Contains(log.String(), `"next":"`+c.hint+`"`) {
				t.Errorf("%s", &log)
			}
		})
	}
}
