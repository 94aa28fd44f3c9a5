package report

import (
	"fmt"
	"io"
	"strings"

	"haltscope/compare/value"
)

// markdown writes the page in GitHub Flavored Markdown. Text from containers stays text.
func (p *page) markdown(w io.Writer) error {
	var b strings.Builder
	if p.title != "" {
		fmt.Fprintf(&b, "# %s\n", inline(p.title))
	}
	list := false
	for _, block := range p.without(briefPart) {
		item := block.kind == lineBlock && block.in > 0
		if !item || !list {
			b.WriteByte('\n')
		}
		list = item
		switch {
		case block.kind == headingBlock:
			fmt.Fprintf(&b, "%s %s\n", strings.Repeat("#", block.level+1), inline(words(block.text)))
		case block.kind == gridBlock:
			block.grid.markdown(&b)
		case item:
			indent := ""
			if block.in > 3 {
				indent = "  "
			}
			label := ""
			if len(block.label) > 0 {
				label = "**" + inline(strings.TrimSpace(words(block.label))) + "** "
			}
			fmt.Fprintf(&b, "%s- %s%s\n", indent, label, inlineSpans(block.text))
		default:
			fmt.Fprintf(&b, "%s\n", inlineSpans(block.text))
		}
	}
	_, err := io.WriteString(w, strings.TrimLeft(b.String(), "\n"))
	return err
}

// markdown writes the grid as a table.
func (g *grid) markdown(b *strings.Builder) {
	columns := len(g.naturalWidths())
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
			if i == 0 && strings.HasPrefix(s, "  ") { // part of the row above
				return "&nbsp;&nbsp;" + inline(strings.TrimSpace(s))
			}
			return inline(s)
		})
	}
}

// inlineSpans returns the text of a line, with what stands between backquotes as code.
func inlineSpans(spans []span) string {
	var parts []string
	plain := ""
	for _, s := range spans {
		code, quoted := strings.CutPrefix(s.text, "`")
		if code = strings.Join(strings.Fields(strings.TrimSuffix(code, "`")), " "); !quoted || s.tone != command || code == "" {
			plain += s.text
			continue
		}
		parts = append(parts, spaced(plain), "`"+code+"`")
		plain = ""
	}
	return strings.Join(append(parts, spaced(plain)), "")
}

// spaced escapes a part of a line, and keeps the blanks around it.
func spaced(s string) string {
	text := inline(s)
	if strings.HasPrefix(s, " ") {
		text = " " + text
	}
	if strings.HasSuffix(s, " ") {
		text += " "
	}
	return text
}

// markup are the characters that mean something in GitHub Flavored Markdown.
const markup = "\\`*_{}[]<>|~$&"

// start matches what would start a list, a rule or a heading.
var start = value.Pattern(`^(\d{0,9})([-+=#]+|[.)])( |$)`)

// references matches what GitHub turns into links: @name mentions a person, #1 an issue. A comment inside keeps them text.
var references = value.Pattern(`([@#])(\w)`)

// inline escapes a text so that it stays text on one line: no markup, no HTML, no new table cell.
func inline(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(markup, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return references().ReplaceAllString(start().ReplaceAllString(b.String(), `$1\$2$3`), `$1<!-- -->$2`)
}
