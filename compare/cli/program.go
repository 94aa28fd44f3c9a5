// Package cli defines the commands, one file each: flags, help, examples, and the package that does the work.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"

	"haltscope/compare/document"
	"haltscope/compare/output"
	"haltscope/compare/report"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Globals are the flags of every command; each also comes from HALTSCOPE_ and its name.
type Globals struct {
	Docker    string           `help:"The docker binary: a path, or a name in PATH." default:"${docker}" placeholder:"PATH" complete:"file"`
	Format    string           `help:"Layout of the report: ${enum}; the last two of check alone." enum:"table,json,markdown,html,junit,tap" default:"table"`
	Output    string           `help:"Write the report to a file, once it is whole, instead of standard output." placeholder:"FILE" complete:"file"`
	Timeout   time.Duration    `help:"Deadline for each docker call; the grace of a stop comes on top." default:"30s"`
	LogLevel  string           `help:"What is logged to standard error: ${enum}. debug lists each docker call." enum:"debug,info,warn,error" default:"info"`
	LogFormat string           `help:"Form of the log: ${enum}; auto is console on a terminal." enum:"auto,json,console" default:"auto"`
	Color     string           `help:"Colours in a table: ${enum}; auto is only on a terminal, and not where NO_COLOR is set." enum:"auto,always,never" default:"auto"`
	Version   kong.VersionFlag `help:"Print the version." env:"-"`
}

// Program is what commands run in.
type Program struct {
	Globals
	Args           []string          // of the command line, all
	AfterDash      []string          // what stood behind --, for the commands that tell it from their other arguments
	DockerFlags    []string          // docker's own, given to docker before it called its plugin haltscope
	Grammar        *kong.Application // of the command that runs; of all where main tags it grammar:"whole"
	Version        string
	Context        context.Context
	Log            zerolog.Logger
	Stdout, Stderr io.Writer
}

func (p *Program) docker() *dockercli.Client {
	return &dockercli.Client{Path: p.Docker, Flags: p.DockerFlags, Timeout: p.Timeout, Log: p.Log}
}

// progress shows on a terminal only, and not between the lines of a debug log.
func (p *Program) progress() *report.Progress {
	columns := report.Width(p.Stderr)
	if columns == 0 || p.Log.GetLevel() <= zerolog.DebugLevel {
		return nil
	}
	return report.NewProgress(p.Stderr, columns)
}

// orNone is the document, or none where the pointer is nil.
func orNone[T any, P interface {
	*T
	document.Document
}](doc P) document.Document {
	if doc == nil {
		return nil
	}
	return doc
}

// report has a document made and writes it, also when it comes with an error that concerns a part of it.
func (p *Program) report(compose func(*report.Progress) (document.Document, error)) error {
	out, err := p.open()
	if err != nil {
		return err
	}
	defer out.Close()
	progress := p.progress()
	doc, failed := compose(progress)
	progress.Close()
	if doc == nil {
		return failed
	}
	if err := p.layOut(out, doc); err != nil {
		return errors.Join(failed, err)
	}
	return errors.Join(failed, out.Commit(p.Context))
}

// open opens what --output names, or standard output.
func (p *Program) open() (*output.Output, error) {
	return output.Open(p.Context, p.Output, p.Stdout, func() {
		p.Log.Info().Msgf("waiting for a reader of %s (--output)", p.Output)
	})
}

// layOut writes a document, cleaned.
func (p *Program) layOut(w io.Writer, doc document.Document) error {
	value.CleanStrings(doc)
	check, _ := doc.(*document.Check)
	switch {
	case p.Format == "json":
		return document.JSON(w, doc)
	case p.Format == "markdown":
		return report.Markdown(w, doc)
	case p.Format == "html":
		return report.HTML(w, doc)
	case p.Format == "junit" && check != nil:
		return report.JUnit(w, check)
	case p.Format == "tap" && check != nil:
		return report.TAP(w, check)
	}
	return report.Table(w, doc, p.tableOptions())
}

func (p *Program) tableOptions() report.TableOptions {
	o := report.TableOptions{Color: p.Color == "always"}
	if p.Output == "" {
		o.Width = report.Width(p.Stdout)
		o.Color = o.Color || p.Color == "auto" && o.Width > 0 && os.Getenv("NO_COLOR") == ""
	}
	return o
}
