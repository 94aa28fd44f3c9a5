package dockercli

import (
	"math"
	"strings"

	"haltscope/compare/value"
)

// words are all that was kept of what docker printed to standard error, on one line: see [ends], and [brief] for what of it
// is shown.
func words(stderr string) string {
	lines := strings.FieldsFunc(stderr, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return value.CleanUpTo(math.MaxInt, strings.TrimSpace(strings.Join(lines, " ")))
}
