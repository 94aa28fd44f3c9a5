package report

import (
	"fmt"
	"io"
	"strings"

	"haltscope/compare/value"
)

// markdown lays the page out for an issue or a wiki, in GitHub's flavour: what a container is called, or says, stays text.
func (p *Page) markdown(w io.Writer) error {
	var b strings.Builder
	if p.Title != "" {
		fmt.Fprintf(&b, "# %s\n", inline(p.Title))
	}
	list := false
	for _, block := range p.blocks {
		item := block.kind == lineBlock && block.in > 0
		if !item || !list {
			b.WriteByte('\n')
		}
		list = item
		switch {
		case block.kind == headingBlock:
			fmt.Fprintf(&b, "%s %s\n", strings.Repeat("#", block.level+1), inline(block.words()))
		case block.kind == codeBlock:
			b.WriteString(fenced(block.words()))
		case block.kind == gridBlock:
			block.grid.markdown(&b)
		case item:
			fmt.Fprintf(&b, "%s- %s\n", strings.Repeat("  ", block.in/2-1), inline(block.words()))
		default:
			fmt.Fprintf(&b, "%s\n", inline(block.words()))
		}
	}
	_, err := io.WriteString(w, strings.TrimLeft(b.String(), "\n"))
	return err
}

func (g *grid) markdown(b *strings.Builder) {
	columns := len(g.natural())
	line := func(cell func(int) string) {
		for i := range columns {
			b.WriteString("| " + cell(i) + " ")
		}
		b.WriteString("|\n")
	}
	line(func(i int) string {
		if i < len(g.header) {
			return inline(g.header[i])
		}
		return ""
	})
	right := map[int]bool{}
	for _, i := range g.right {
		right[i] = true
	}
	line(func(i int) string {
		if right[i] {
			return "---:"
		}
		return "---"
	})
	for _, r := range g.rows {
		line(func(i int) string {
			if i >= len(r) {
				return ""
			}
			s := r[i].text
			if i == 0 && strings.HasPrefix(s, "  ") { // a part of the row above it
				return "&nbsp;&nbsp;" + inline(strings.TrimSpace(s))
			}
			return inline(s)
		})
	}
}

// markup is what has a meaning to Markdown, or to GitHub within it.
const markup = "\\`*_{}[]<>|~$&"

// start is what would begin a list, a rule or a heading at the start of a line: a number with its dot, or signs.
var start = value.Pattern(`^(\d{0,9})([-+=#]+|[.)])( |$)`)

// calls are what GitHub makes links of that ring: @name calls somebody, #1 is an issue. A comment within keeps them text.
var calls = value.Pattern(`([@#])(\w)`)

// inline writes text so that it stays text, and stays on one line: no markup, no HTML, no end of a table's cell.
func inline(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(markup, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return calls().ReplaceAllString(start().ReplaceAllString(b.String(), `$1\$2$3`), `$1<!-- -->$2`)
}

// fenced is a block of code, its fence longer than any within.
func fenced(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + "\n" + strings.TrimRight(s, "\n") + "\n" + fence + "\n"
}
