package cli

import (
	"io"

	"haltscope/compare/document"
	"haltscope/compare/fault"
)

// Schema prints the JSON Schema of a report.
type Schema struct {
	Name string `arg:"" help:"The report: action, check, clean, compare, doctor, inspect, predict, ps, reclaim, why, or a line of watch."`
}

func (*Schema) Help() string {
	return `A JSON Schema (2020-12): the fields of a report saved with --format json, their types, and what they mean. The report of
kill, stop, pause, unpause, start and restart is called action.

Examples:
  haltscope schema compare
  haltscope schema watch --output watch.schema.json`
}

func (c *Schema) Run(p *Program) error {
	text, err := document.Schema(c.Name)
	if err != nil {
		return &fault.UsageError{Text: err.Error()}
	}
	return p.write(func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
