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

// Globals are the flags of every command. Each can also be set by an environment variable, and no other flag can: a variable that
// outlives the command that it was meant for would change what another one does to a container.
type Globals struct {
	Docker    string           `help:"The docker binary: a path or a name in PATH." default:"${docker}" placeholder:"PATH" complete:"file" env:"HALTSCOPE_DOCKER"`
	Format    string           `help:"Format of the report: ${enum}; the last two only for check." enum:"table,json,markdown,html,junit,tap" default:"table" env:"HALTSCOPE_FORMAT"`
	Output    string           `help:"Write the report to a file instead of standard output; the file is replaced only by a complete report." placeholder:"FILE" complete:"file" env:"HALTSCOPE_OUTPUT"`
	Timeout   time.Duration    `help:"Deadline for each docker call, plus the grace of a stop." default:"30s" env:"HALTSCOPE_TIMEOUT"`
	LogLevel  string           `help:"What to log to standard error: ${enum}. debug shows each docker call." enum:"debug,info,warn,error" default:"info" env:"HALTSCOPE_LOG_LEVEL"`
	LogFormat string           `help:"Format of the log: ${enum}; auto is console on a terminal." enum:"auto,json,console" default:"auto" env:"HALTSCOPE_LOG_FORMAT"`
	Color     string           `help:"Colors in a table: ${enum}; auto is on a terminal, unless NO_COLOR is set." enum:"auto,always,never" default:"auto" env:"HALTSCOPE_COLOR"`
	Evidence  bool             `short:"v" help:"Also show in a table what the answers rest on; JSON, Markdown and HTML always have that." env:"HALTSCOPE_EVIDENCE"`
	Version   kong.VersionFlag `help:"Print the version."`
}

// Program is what a command runs with.
type Program struct {
	Globals
	Args           []string // the whole command line
	AfterDash      []string // what follows --, on the command lines of predict and check
	DockerFlags    []string // docker's own flags, when docker called haltscope as its plugin
	Grammar        *kong.Application
	Version        string
	Context        context.Context
	Log            zerolog.Logger
	Stdout, Stderr io.Writer

	formatGiven bool // by the flag or its environment variable

	wide bool // a table is as wide as its lines are, whatever the terminal's width is
}

func (p *Program) docker() *dockercli.Client {
	return dockercli.New(dockercli.Options{Path: p.Docker, Flags: p.DockerFlags, Timeout: p.Timeout, Log: p.Log})
}

// progress shows steps on a terminal, but not between the lines of a debug log. It returns nil if nothing is shown.
func (p *Program) progress() *report.Progress {
	columns := report.Width(p.Stderr)
	if columns == 0 || p.Log.GetLevel() <= zerolog.DebugLevel {
		return nil
	}
	return report.NewProgress(p.Stderr, columns)
}

// orNone returns a nil interface for a nil pointer.
func orNone[T any, P interface {
	*T
	document.Document
}](doc P) document.Document {
	if doc == nil {
		return nil
	}
	return doc
}

// report makes a document and writes it, with where and when it was made.
func (p *Program) report(compose func(*report.Progress) (document.Document, error)) error {
	return p.render(func(progress *report.Progress) (document.Document, error) {
		doc, failed := compose(progress)
		if doc != nil {
			*doc.From() = p.origin()
		}
		return doc, failed
	})
}

// origin says that this program makes a report now.
func (p *Program) origin() document.Origin {
	from := document.Origin{HaltscopeVersion: p.Version, ReportedAt: time.Now().UTC().Format(time.RFC3339)}
	var err error
	if from.Hostname, err = os.Hostname(); err != nil {
		p.Log.Warn().Err(err).Msg("the report lacks the host's name")
	}
	return from
}

// render composes a document and writes it, even if it comes with an error about a part of it.
func (p *Program) render(compose func(*report.Progress) (document.Document, error)) error {
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

// open opens the file of --output, or standard output.
func (p *Program) open() (*output.Output, error) {
	return output.Open(p.Context, p.Output, p.Stdout, func() {
		p.Log.Info().Msgf("waiting for a reader of %s (--output)", p.Output)
	})
}

// layOut writes a document in the format asked for, after cleaning its strings.
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
	o := report.TableOptions{Evidence: p.Evidence}
	if p.Output == "" {
		o.Width = report.Width(p.Stdout)
	}
	o.Color = colored(p.Color, o.Width > 0)
	if p.wide {
		o.Width = 0
	}
	return o
}
