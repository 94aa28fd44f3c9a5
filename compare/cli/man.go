package cli

import (
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"haltscope/compare/cli/manual"
)

// Man prints a manual page.
type Man struct {
	Command page `arg:"" optional:"" default:"haltscope" enum:"haltscope,compare,inspect,ps,reclaim,predict,check,kill,stop,pause,unpause,start,restart,watch,why,doctor,report,clean,schema,completion,man" help:"The command; without it, haltscope(1)."`
}

// page is the name of a command, or that of its page: haltscope-stop is stop.
type page string

// Decode takes both names.
func (p *page) Decode(ctx *kong.DecodeContext) error {
	var text string
	if err := ctx.Scan.PopValueInto("command", &text); err != nil {
		return err
	}
	*p = page(strings.TrimPrefix(text, manual.Program+"-"))
	return nil
}

func (*Man) Help() string {
	return `It is in roff: haltscope man | man -l - shows it. To install it, write it to /usr/local/share/man/man1, as haltscope.1 or
haltscope-COMMAND.1.

Examples:
  haltscope man
  haltscope man compare
  haltscope man haltscope-compare
  haltscope man --output haltscope.1`
}

func (c *Man) Run(p *Program) error {
	return p.write(func(w io.Writer) error { return manual.Write(w, p.Grammar, string(c.Command), p.Version) })
}
