package cli

import (
	"fmt"
	"strconv"

	"github.com/alecthomas/kong"

	"haltscope/compare/document"
	"haltscope/compare/inspect"
	"haltscope/compare/report"
	"haltscope/compare/value"
)

// Inspect shows containers without changing them.
type Inspect struct {
	Files filesFlag `help:"Find the files in each container's memory, and list the 20 largest, or N with --files=N."`
	containerFlags
}

// filesFlag is how many files are listed; 0 for none. The flag needs no value.
type filesFlag int

// defaultFiles is how many files are listed if the flag has no value.
const defaultFiles = 20

// IsBool tells Kong that the flag needs no value.
func (*filesFlag) IsBool() bool { return true }

// Decode reads the value of the flag, if it has one.
func (f *filesFlag) Decode(ctx *kong.DecodeContext) error {
	*f = defaultFiles
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	text := fmt.Sprint(ctx.Scan.Pop().Value)
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a number of files: 1 or more", value.Clean(text))
	}
	*f = filesFlag(n)
	return nil
}

func (*Inspect) Help() string {
	return `Changes nothing. (docker top leaves a top event in Docker's history.)

Examples:
  haltscope inspect web
  haltscope inspect -v web
  haltscope inspect --files web
  haltscope inspect --format json web db
  haltscope inspect --project shop`
}

func (c *Inspect) Run(p *Program) error {
	which, err := c.selection(c.Container, running)
	if err != nil {
		return err
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := inspect.Run(p.Context, p.docker(), which, int(c.Files), progress)
		return orNone(doc), err
	})
}
