// Package manual holds the manual pages, one Markdown file per command, and renders them to roff. The pages read well on a
// forge as they are. What the program knows itself, the arguments and flags of a command, is inserted from its grammar.
package manual

import (
	"embed"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/cpuguy83/go-md2man/v2/md2man"

	"haltscope/compare/value"
)

// Program is the name of the program, and of the page that is not about a single command.
const Program = "haltscope"

// revised is the date of the last change to the pages. Source: man-pages(7), Title line.
const revised = "2026-12-01"

//go:embed *.md
var pages embed.FS

var (
	// placeholder is the line that the arguments and flags replace. Its visible text is for readers of the Markdown.
	placeholder = value.Pattern(`(?m)^<!-- flags -->.*\n`)
	// pageLink is a link from one page to another. Source: man-pages(7), SEE ALSO.
	pageLink = value.Pattern(`\[([^\]]+)\]\([a-z-]+\.md\)`)
)

// Write renders the page of a command as roff. The name haltscope stands for haltscope(1).
func Write(w io.Writer, app *kong.Application, command, version string) error {
	title := Title(command)
	source, err := pages.ReadFile(title + ".md")
	if err != nil {
		return fmt.Errorf("manual page of %s: %w", command, err)
	}
	flags, err := flagsOf(app, command)
	if err != nil {
		return err
	}
	_, body, _ := strings.Cut(string(source), "\n") // the first line is the title
	body = placeholder().ReplaceAllLiteralString(body, flags)
	body = pageLink().ReplaceAllString(body, "**$1**")
	header := fmt.Sprintf("# %q \"1\" %q %q \"User Commands\"\n", strings.ToUpper(title), revised, Program+" "+version)
	_, err = io.WriteString(w, tidy(string(md2man.Render([]byte(header+body)))))
	return err
}

// Title returns the title of a command's page: haltscope-stop, or haltscope for the program.
func Title(command string) string {
	if command == Program {
		return Program
	}
	return Program + "-" + command
}
