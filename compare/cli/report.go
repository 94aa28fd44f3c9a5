package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/report"
)

// Report re-renders a saved document.
type Report struct {
	Document string `arg:"" complete:"file" help:"A report saved with --format json, or - for standard input."`
}

func (*Report) Help() string {
	return `Needs neither Docker nor root: the report may come from another machine.

Examples:
  haltscope compare --format json --output run.json
  haltscope report run.json
  haltscope report run.json --format html --output report.html
  haltscope inspect --format json web | haltscope report --format markdown -`
}

func (c *Report) Run(p *Program) error {
	return p.render(func(*report.Progress) (document.Document, error) {
		from, name := io.Reader(os.Stdin), "standard input"
		if c.Document != "-" {
			f, err := os.Open(c.Document)
			if err != nil {
				return nil, &fault.UsageError{Text: err.Error()}
			}
			defer f.Close()
			from, name = f, c.Document
		}
		doc, err := document.Decode(from)
		if err != nil {
			var wrong *fault.UsageError
			if errors.As(err, &wrong) {
				return nil, &fault.UsageError{Text: fmt.Sprintf("cannot read %s: %s", name, wrong.Text), Next: wrong.Next}
			}
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		if _, is := doc.(*document.Check); !is && (p.Format == "junit" || p.Format == "tap") {
			return nil, &fault.UsageError{Text: fmt.Sprintf("--format %s is only for reports of check", p.Format),
				Next: "this one has: table, json, markdown, html"}
		}
		return doc, nil
	})
}
