// Package man makes the manual page out of the grammar, and of what the grammar does not tell: exit codes, environment
// and files. (The libraries that make one of a kong grammar tell the flags alone.)
package man

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// revised is when the texts of this package last changed. Source: man-pages(7), Title line.
const revised = "2026-11-22"

// Page writes haltscope(1).
func Page(app *kong.Application, version string, w io.Writer) error {
	p := &page{}
	p.macro(".TH", "HALTSCOPE", "1", revised, "haltscope "+version, "User Commands")
	p.macro(".SH", "NAME")
	p.text("haltscope - what docker kill, docker stop and docker pause really do to a container")
	p.macro(".SH", "SYNOPSIS")
	p.line(bold("haltscope") + " " + italic("command") + " [" + italic("flags") + "] [" + italic("arguments") + "]")
	p.line(".br")
	p.line(bold("docker haltscope") + " " + italic("command") + " [" + italic("flags") + "] [" + italic("arguments") + "]")
	p.macro(".SH", "DESCRIPTION")
	p.paragraphs(app.Help + "\n\n" + description)
	p.macro(".SH", "COMMANDS")
	for _, node := range app.Children {
		if !node.Hidden {
			p.command(node)
		}
	}
	p.macro(".SH", "FLAGS OF EVERY COMMAND")
	p.flags(app.Flags)
	p.macro(".SH", "EXIT STATUS")
	for _, e := range ExitCodes {
		p.item(bold(fmt.Sprint(e.Code)), e.Text)
	}
	p.macro(".SH", "ENVIRONMENT")
	p.paragraphs(environment)
	for _, v := range variables {
		p.item(bold(escape(v.name)), v.text)
	}
	p.macro(".SH", "FILES")
	for _, f := range files {
		p.item(italic(escape(f.name)), f.text)
	}
	p.macro(".SH", "EXAMPLES")
	for _, e := range examples {
		p.line(".PP")
		p.text(e.text)
		p.verbatim([]string{e.command})
	}
	p.macro(".SH", "SEE ALSO")
	p.line(".BR docker (1),")
	p.line(".BR cgroups (7),")
	p.line(".BR signal (7),")
	p.line(".BR pid_namespaces (7)")
	_, err := io.WriteString(w, p.String())
	return err
}

// command writes what the help of a command says.
func (p *page) command(node *kong.Node) {
	p.macro(".SS", "haltscope "+node.Name)
	usage := bold("haltscope " + node.Name)
	for _, arg := range node.Positional {
		usage += " " + escape(arg.Summary())
	}
	if len(node.Flags) > 0 {
		usage += " [" + italic("flags") + "]"
	}
	p.line(usage)
	p.line(".PP")
	p.text(node.Help)
	p.paragraphs(node.Detail)
	p.flags(node.Flags)
}

// flags writes a list of flags, those that a group holds under its name.
func (p *page) flags(flags []*kong.Flag) {
	group := ""
	for _, f := range flags {
		if f.Hidden {
			continue
		}
		if f.Group != nil && f.Group.Title != group {
			group = f.Group.Title
			p.line(".PP")
			p.text(group + ":")
		}
		name := ""
		if f.Short != 0 {
			name = bold(escape("-"+string(f.Short))) + ", "
		}
		name += bold(escape("--" + f.Name))
		if !f.IsBool() {
			name += "=" + italic(escape(placeholder(f)))
		}
		help := f.Help
		if f.Default != "" && !f.IsBool() && f.PlaceHolder == "" {
			help += " Default: " + f.Default + "."
		}
		if len(f.Envs) > 0 {
			help += " [" + strings.Join(f.Envs, ", ") + "]"
		}
		p.item(name, help)
	}
}

func placeholder(f *kong.Flag) string {
	if f.PlaceHolder != "" {
		return f.PlaceHolder
	}
	return strings.ToUpper(f.Name)
}
