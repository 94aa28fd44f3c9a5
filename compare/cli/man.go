package cli

import (
	"io"

	"haltscope/compare/cli/manual"
)

// Man prints a manual page.
type Man struct {
	Command string `arg:"" optional:"" default:"haltscope" enum:"haltscope,compare,inspect,ps,reclaim,predict,check,kill,stop,pause,unpause,start,restart,watch,doctor,report,clean,schema,completion,man" help:"The command; without it, haltscope(1)."`
}

func (*Man) Help() string {
	return `It is in roff: haltscope man | man -l - shows it. To install it, write it to /usr/local/share/man/man1, as haltscope.1 or
haltscope-COMMAND.1.

Examples:
  haltscope man
  haltscope man compare
  haltscope man --output haltscope.1`
}

func (c *Man) Run(p *Program) error {
	return p.write(func(w io.Writer) error { return manual.Write(w, p.Grammar, c.Command, p.Version) })
}
