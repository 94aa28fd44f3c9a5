package cli

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/fault"
)

// formats are the layouts that each command has, where they are not those of most.
var formats = map[string][]string{
	"check":  {"table", "json", "markdown", "html", "junit", "tap"},
	"report": {"table", "json", "markdown", "html", "junit", "tap"}, // it depends on the document
	"man":    {"table", "json"}, "completion": {"table", "json"},    // text of its own form, either way
	"watch": {"table", "json"}, // lines of JSON, either way
}

var usualFormats = []string{"table", "json", "markdown", "html"}

// FitsFormat says what a command can do where it cannot do what was asked.
func (g *Globals) FitsFormat(command string) error {
	command, _, _ = strings.Cut(command, " ")
	can, ok := formats[command]
	if !ok {
		can = usualFormats
	}
	if slices.Contains(can, g.Format) {
		return nil
	}
	if command == "watch" {
		return &fault.UsageError{Text: fmt.Sprintf("watch writes lines of JSON as things happen: --format %s is not for it", g.Format), Next: "without --format, or with --format json"}
	}
	return &fault.UsageError{Text: fmt.Sprintf("%s has no --format %s", command, g.Format), Next: "it has: " + strings.Join(can, ", ")}
}
