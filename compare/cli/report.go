package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/report"
	"haltscope/compare/watch"
	"haltscope/compare/why"
)

// Report re-renders a saved document, or reports the journal of a watch.
type Report struct {
	Document string `arg:"" complete:"file" help:"A report saved with --format json, a watch's journal, or - for standard input."`
	Since    string `help:"Of a journal, only what happened since then: a duration ago, a time, or seconds since 1970." placeholder:"T"`
}

func (*Report) Help() string {
	return `Needs neither Docker nor root: the report may come from another machine.

Examples:
  haltscope compare --format json --output run.json
  haltscope report run.json
  haltscope report run.json --format html --output report.html
  haltscope inspect --format json web | haltscope report --format markdown -
  haltscope report ./journal --since 24h --format html --output day.html`
}

func (c *Report) Run(p *Program) error {
	return p.render(func(*report.Progress) (document.Document, error) {
		doc, err := c.read(p)
		if err != nil {
			return nil, err
		}
		if _, is := doc.(*document.Check); !is && (p.Format == "junit" || p.Format == "tap") {
			return nil, &fault.UsageError{Text: fmt.Sprintf("--format %s is only for reports of check", p.Format),
				Next: "this one has: table, json, markdown, html"}
		}
		return doc, nil
	})
}

// read reads the document, or makes one of a journal.
func (c *Report) read(p *Program) (document.Document, error) {
	since, err := watch.ParseTime("--since", c.Since, time.Now())
	if err != nil {
		return nil, err
	}
	from, name := io.Reader(os.Stdin), "standard input"
	if c.Document != "-" {
		f, err := os.Open(c.Document)
		if err != nil {
			return nil, &fault.UsageError{Text: err.Error()}
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", c.Document, err)
		}
		from, name = f, c.Document
		if info.IsDir() {
			doc, err := why.Journal(c.Document, since)
			return c.madeNow(p, doc), err
		}
	}
	in := bufio.NewReaderSize(from, longestLine)
	if isJournal(in) {
		doc, err := why.JournalFile(in, name, since)
		return c.madeNow(p, doc), err
	}
	if c.Since != "" {
		return nil, &fault.UsageError{Text: "--since is only for the journal of a watch, which " + name + " is not"}
	}
	doc, err := document.Decode(in)
	if wrong := (*fault.UsageError)(nil); errors.As(err, &wrong) {
		return nil, &fault.UsageError{Text: fmt.Sprintf("cannot read %s: %s", name, wrong.Text), Next: wrong.Next}
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return doc, nil
}

// madeNow says that this program has made a document now. The host is not known: the journal may come from another machine.
func (*Report) madeNow(p *Program, doc *document.Why) document.Document {
	if doc == nil {
		return nil
	}
	*doc.From() = p.origin()
	doc.From().Hostname = ""
	return doc
}

// longestLine is how long the first line of a journal may be, to be known as one.
const longestLine = 64 << 10

// isJournal reports whether the input begins with a line of a watch.
func isJournal(in *bufio.Reader) bool {
	begin, err := in.Peek(longestLine)
	line, _, whole := bytes.Cut(begin, []byte("\n"))
	if !whole && err == nil { // longer, or an error of reading, which the next reading reports
		return false
	}
	_, err = document.DecodeWatchLine(line)
	return err == nil
}
