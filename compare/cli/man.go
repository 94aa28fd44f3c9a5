package cli

import (
	"io"

	"haltscope/compare/man"
)

// Man prints the manual page.
type Man struct{}

func (*Man) Help() string {
	return `It is looked for as /usr/local/share/man/man1/haltscope.1; man -l reads it from a file.

Examples:
  haltscope man
  haltscope man --output haltscope.1`
}

func (*Man) Run(p *Program) error {
	return p.write(func(w io.Writer) error { return man.Page(p.Grammar, p.Version, w) })
}
