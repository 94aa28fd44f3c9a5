package cli

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/fault"
)

// formats lists the formats of the commands that do not have the usual ones.
var formats = map[string][]string{
	"check":  {"table", "json", "markdown", "html", "junit", "tap"},
	"report": {"table", "json", "markdown", "html", "junit", "tap"}, // depends on the document
	"man":    {"table", "json"}, "completion": {"table", "json"},    // plain text in any case
	"schema": {"table", "json"}, // JSON in any case
	"watch":  {"table", "json"}, // lines for people, and lines of JSON
}

var usualFormats = []string{"table", "json", "markdown", "html"}

func formatsOf(command string) []string {
	if has, ok := formats[command]; ok {
		return has
	}
	return usualFormats
}

// validFormat returns an error if the command does not have the format that --format names.
func (g *Globals) validFormat(command string) error {
	command, _, _ = strings.Cut(command, " ")
	has := formatsOf(command)
	if slices.Contains(has, g.Format) {
		return nil
	}
	if command == "watch" {
		return &fault.UsageError{Text: "watch writes a line for each thing that happens; it has no --format " + g.Format,
			Next: "it has: table, for people (on a terminal), and json (elsewhere)"}
	}
	return &fault.UsageError{Text: fmt.Sprintf("%s has no --format %s", command, g.Format), Next: "it has: " + strings.Join(has, ", ")}
}
